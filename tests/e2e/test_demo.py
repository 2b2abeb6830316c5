"""The demonstration as people start it (issue 2, “The demo, exactly”): headless, in a window, and however it is ended."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from PySide6.QtWidgets import QApplication
from support.kiosk_page import kiosk
from support.store_kit import entries_in
from support.window_samples import await_stars, terminal
from support.xvfb import Screen, xvfb

from terminal_app.demo import standings
from terminal_app.demo.record import Choice, Tally, Tapped, compare
from terminal_app.domain.journal import Kind
from terminal_app.regions.library import regions
from terminal_app.store.errors import StoreError, StoreOpenError

pytestmark = pytest.mark.timeout(240)
DEADLINE_S = 100.0
"""A demonstration is five programs one after the other; on a machine that is busy otherwise each takes its time."""
MET = ["batches", "chains", "singles", "follow_ups", "next_visits", "already_rated", "not_yet_ratable", "no_follow_up"]
WRONG = ["lost", "duplicated", "invented", "altered"]
FIELDS = ["sessions", "committed", "acked", "platform", *MET, "in_doubt", *WRONG, "seconds"]


def wait_until(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Return once `condition` holds; AssertionError at the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.02)


@dataclass
class Started:
    """A demonstration; everything that it starts carries its mark."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    mark: str

    @property
    def out(self) -> str:
        return (self.folder / "stdout").read_text("utf-8")

    @property
    def err(self) -> str:
        return (self.folder / "stderr").read_text("utf-8")

    def parts(self) -> list[str]:
        """The command lines of all processes of this demonstration that are still there, itself included."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and self.mark.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)


@contextmanager
def demo(folder: Path, *words: str, stdin: int = subprocess.DEVNULL, **environment: str | None) -> Iterator[Started]:
    """`rating-terminal demo` as a process whose temporary files are in a folder. None takes a variable away."""
    mark = f"demo-{uuid.uuid4()}"
    (folder / "tmp").mkdir()
    variables = {**os.environ, "TMPDIR": str(folder / "tmp"), "DEMO_MARK": mark, **environment}
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "terminal_app", "demo", *words],
            stdin=stdin,
            stdout=out,
            stderr=err,
            env={name: value for name, value in variables.items() if value is not None},
            start_new_session=True,
        )
    started = Started(process, folder, mark)
    try:
        yield started
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def expect_nothing_left(started: Started) -> None:
    assert started.parts() == []
    assert list((started.folder / "tmp").iterdir()) == []
    assert "Traceback" not in started.err + started.out


# --- headless -----------------------------------------------------------------------------------------------------------


def test_a_crowd_rates_and_the_platform_holds_what_it_did(tmp_path: Path) -> None:
    """A slice of the campaign: garbage, double scans, changes of mind, SIGKILLs between a tap and its acknowledgement."""
    with demo(tmp_path, "--headless", "--ratings", "12", "--seed", "7", "--kill", "3") as started:
        assert started.process.wait(110) == 0, started.err
    (line,) = started.out.splitlines()
    figures = json.loads(line)
    assert list(figures) == FIELDS
    assert [figures[name] for name in WRONG] == [0, 0, 0, 0]
    assert figures["platform"] == figures["committed"] == figures["acked"]
    assert 12 - figures["in_doubt"] <= figures["committed"] <= 12 <= figures["sessions"]
    expect_nothing_left(started)


BY_REGION = {
    # batches, chains, singles, follow-ups, further services rated; told: already rated, not yet ratable, no follow-up
    "zhejiang": (1, 2, 1, 1, 1, 1, 0, 0),
    "xian-huyi": (1, 2, 1, 0, 0, 2, 0, 1),
    "guangdong": (1, 2, 1, 0, 1, 1, 0, 1),
    "jiangsu": (1, 2, 1, 0, 1, 1, 0, 1),
    "taian": (1, 2, 1, 0, 0, 2, 1, 1),
}
"""A batch; a chain rated overall, another's case alone and then its rest: everywhere (taian 二(四)2, 3; else product default).
A follow-up: zhejiang 三(三) only. A second service of an online case: rated again, unless the case counts once (taian 二(四)1;
xian-huyi 四(四), 一事一评 online). An online case that is not finished: waits in taian 二(四)1, is rated everywhere else."""


def test_every_region_has_its_row() -> None:
    assert sorted(BY_REGION) == regions()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("region", BY_REGION)
def test_a_crowd_rates_by_each_regions_rules(region: str, tmp_path: Path) -> None:
    """Issue 4, Verification: the headless demo runs once per pack, and each errand ends as its rules say."""
    with demo(tmp_path, "--headless", "--ratings", "9", "--seed", "5", "--region", region) as started:
        assert started.process.wait(280) == 0, started.err
    figures = json.loads(started.out)
    assert figures["committed"] == figures["platform"] == figures["acked"] == 9
    assert [figures[name] for name in WRONG] == [0, 0, 0, 0]
    assert tuple(figures[name] for name in MET) == BY_REGION[region]
    assert f"the rules of {region}" in started.err
    expect_nothing_left(started)


def test_an_unknown_region_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with demo(tmp_path, "--headless", "--region", "atlantis") as started:
        assert started.wait() == 3
    assert "there is no region 'atlantis'; there are: guangdong, jiangsu, taian, xian-huyi, zhejiang" in started.err
    assert "Traceback" not in started.err


GOOD, BAD = Choice(4), Choice(1, frozenset({"101"}))


def tapped(confirmed: Choice | None = None, unconfirmed: Choice | None = None) -> Tapped:
    return Tapped(confirmed, unconfirmed)


def held(case: str, choice: Choice | None) -> dict[str, object]:
    """A rating as `GET /v1/ratings` lists it."""
    return {"cases": [case], "level": choice.level if choice else None, "reasons": sorted(choice.reasons) if choice else []}


COMPARISONS: dict[str, tuple[Tapped, list[Choice | None], Tally]] = {
    "as given": (tapped(GOOD), [GOOD], Tally()),
    "with reasons": (tapped(BAD), [BAD], Tally()),
    "nothing given": (tapped(), [], Tally()),
    "nothing given, a session without a star": (tapped(), [None], Tally()),
    "lost": (tapped(GOOD), [], Tally(lost=["A"])),
    "lost, though its session is there": (tapped(GOOD), [None], Tally(lost=["A"])),
    "twice": (tapped(GOOD), [GOOD, GOOD], Tally(duplicated=["A"])),
    "three times": (tapped(GOOD), [GOOD, GOOD, GOOD], Tally(duplicated=["A", "A"])),
    "invented": (tapped(), [GOOD], Tally(invented=["A"])),
    "other level": (tapped(GOOD), [Choice(5)], Tally(altered=["A"])),
    "other reasons": (tapped(BAD), [Choice(1, frozenset({"102"}))], Tally(altered=["A"])),
    "reasons lost": (tapped(BAD), [Choice(1)], Tally(altered=["A"])),
    "twice, once altered": (tapped(GOOD), [GOOD, BAD], Tally(duplicated=["A"], altered=["A"])),
    "in doubt, not there": (tapped(None, GOOD), [], Tally()),
    "in doubt, there": (tapped(None, GOOD), [GOOD], Tally()),
    "in doubt, altered": (tapped(None, GOOD), [BAD], Tally(altered=["A"])),
    "in doubt, twice": (tapped(None, GOOD), [GOOD, GOOD], Tally(duplicated=["A"])),
    "change in doubt, the old one there": (tapped(GOOD, BAD), [GOOD], Tally()),
    "change in doubt, the new one there": (tapped(GOOD, BAD), [BAD], Tally()),
    "change in doubt, neither there": (tapped(GOOD, BAD), [], Tally(lost=["A"])),
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_the_comparison_finds_what_was_planted(name: str) -> None:
    """A tap counts as given once the screen confirmed it; one in doubt may be there once or not at all, never altered."""
    record, there, expected = COMPARISONS[name]
    tally = compare({"A": record}, [held("A", choice) for choice in there])
    assert tally == expected
    assert tally.clean == (expected == Tally())


def test_the_comparison_finds_a_rating_of_a_case_that_nobody_presented() -> None:
    assert compare({"A": tapped(GOOD)}, [held("A", GOOD), held("B", GOOD)]) == Tally(invented=["B"])


def test_the_comparison_finds_other_cases_than_were_rated() -> None:
    """A batch or chain that lost a case, or covers one that was rated alone."""
    of_three = Tapped(GOOD, covers=frozenset("ABC"))
    rating = held("A", GOOD)
    assert compare({"A": of_three}, [rating | {"cases": ["A", "C", "B"]}]) == Tally()
    assert compare({"A": of_three}, [rating | {"cases": ["A", "B"]}]) == Tally(altered=["A"])
    assert compare({"A": of_three}, [rating | {"cases": ["A", "B", "C", "D"]}]) == Tally(altered=["A"])


def test_a_second_rating_of_a_case_is_compared_by_its_session() -> None:
    """A follow-up stands beside the first, and is not taken for a doubled one."""
    first, second = held("A", BAD) | {"session": "s1"}, held("A", GOOD) | {"session": "s2"}
    assert compare({"A": tapped(BAD), "s2": tapped(GOOD)}, [first, second]) == Tally()
    assert compare({"A": tapped(BAD), "s2": tapped(GOOD)}, [first]) == Tally(lost=["s2"])
    assert compare({"A": tapped(BAD)}, [first, second]) == Tally(duplicated=["A"], altered=["A"])


ROLES = {
    "as given": ({"A": ["stands"], "B": ["stands", "follow_up"]}, []),
    "two services": ({"A": ["stands"], "B": ["stands", "stands"]}, ["B"]),
    "kept and not counted": ({"A": ["later"], "B": ["stands", "follow_up"]}, ["A"]),
    "not there": ({"B": ["stands", "follow_up"]}, ["A"]),
    "a case that nobody rated": ({"A": ["stands"], "B": ["stands", "follow_up"], "C": ["stands"]}, ["C"]),
}


@pytest.mark.parametrize("name", ROLES)
def test_a_rating_without_its_place_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the platform's standings say is compared with what people did: a batch in each of its cases, a follow-up beside."""
    monkeypatch.setattr(standings, "SETTLE_S", 0.0)
    there, wrong = ROLES[name]

    class Listed:
        @staticmethod
        def standings() -> list[dict[str, object]]:
            return [{"case": case, "ratings": [{"role": role} for role in roles]} for case, roles in there.items()]

    given = [
        {"session": "s1", "level": 2, "cases": ["A", "B"]},
        {"session": "s2", "level": 5, "cases": ["B"]},
        {"session": "s3", "level": None, "cases": ["D"]},
    ]
    assert standings.misplaced(Listed, given, {"s2"}) == wrong  # type: ignore[arg-type]


# --- however it is ended ------------------------------------------------------------------------------------------------


def is_running(started: Started, part: str) -> bool:
    return any(part in words for words in started.parts())


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "central_platform serve"),
        (signal.SIGINT, "terminal_app.demo.kiosk"),
        (signal.SIGTERM, "terminal_app.demo.kiosk"),
    ],
)
def test_ended_early_leaves_nothing_running(tmp_path: Path, number: signal.Signals, moment: str) -> None:
    """Ctrl-C leaves nothing running and nothing broken, at whatever moment; so does whoever ends the console."""
    with demo(tmp_path, "--headless", "--ratings", "50") as started:
        wait_until(lambda: is_running(started, moment), f"{moment} is running")
        started.process.send_signal(number)
        assert started.wait() == 130
        expect_nothing_left(started)


def test_ctrl_c_while_the_crowd_rates_leaves_nothing_running(tmp_path: Path) -> None:
    with demo(tmp_path, "--headless", "--ratings", "50") as started:
        wait_until(lambda: any(kind == Kind.STAR_CHOSEN for kind in kinds(tmp_path)), "somebody has rated")
        started.process.send_signal(signal.SIGINT)
        started.process.send_signal(signal.SIGINT)
        assert started.wait() == 130
        expect_nothing_left(started)


def kinds(folder: Path) -> list[str]:
    """The kinds of the entries in the demonstration's journal; none as long as there is no journal."""
    for journal in (folder / "tmp").glob("rating-demo-*/terminal/journal.sqlite3"):
        with suppress(sqlite3.Error, StoreError, StoreOpenError):
            return [entry.kind for entry in entries_in(journal.parent)]
    return []


# --- with a window ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("display", "said"), [(None, "there is no display"), (":977", "the display :977 does not answer")])
def test_without_a_display_it_says_what_to_do(tmp_path: Path, display: str | None, said: str) -> None:
    with demo(tmp_path, QT_QPA_PLATFORM=None, DISPLAY=display, WAYLAND_DISPLAY=None) as started:
        assert started.wait() == 3
        for words in (said, "--headless", "apt-get install xvfb"):
            assert words in started.err
        expect_nothing_left(started)


def test_a_window_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    """Qt has no such platform, as where its libraries are missing."""
    with demo(tmp_path, QT_QPA_PLATFORM="telepathy") as started:
        assert started.wait() == 3
        assert "the terminal ended" in started.err
        assert "telepathy" in started.err
        expect_nothing_left(started)


@pytest.fixture
def screen() -> Iterator[Screen]:
    with xvfb() as started:
        yield started


def test_a_newcomer_presses_t_and_rates(tmp_path: Path, screen: Screen, qapp: QApplication) -> None:
    """One command, a window, a key, a click on a star: the platform has the rating. `q` ends all of it."""
    with kiosk(terminal(await_stars())) as page:
        star = page.at("star-5")
    with ExitStack() as stack:
        keyboard, console = os.openpty()
        stack.callback(os.close, keyboard)
        stack.callback(os.close, console)
        started = stack.enter_context(demo(tmp_path, stdin=console, QT_QPA_PLATFORM=None, DISPLAY=screen.name))
        wait_until(lambda: "live page:" in started.out, f"the window is open: {started.err}")
        for key in "tlabkfnrwcdm":
            assert f"\n  {key}  " in started.out
        wait_until(lambda: screen.colours() > 5, "the window is painted")
        os.write(keyboard, b"t")
        wait_until(lambda: Kind.SESSION_OPENED in kinds(tmp_path), "the ticket was read")
        while Kind.STAR_CHOSEN not in kinds(tmp_path):
            screen.click(star.x(), star.y())
            with suppress(AssertionError):
                wait_until(lambda: Kind.STAR_CHOSEN in kinds(tmp_path), "the star was taken", 1)
        wait_until(lambda: levels(started.out) == [5], "the platform has the rating")
        os.write(keyboard, b"b")
        wait_until(lambda: kinds(tmp_path).count(Kind.SESSION_OPENED) == 2, "the batch was read")
        os.write(keyboard, b"k")
        wait_until(lambda: kinds(tmp_path).count(Kind.SESSION_OPENED) == 3, "the chain was read")
        os.write(keyboard, b"l")
        wait_until(lambda: kinds(tmp_path).count(Kind.SESSION_OPENED) == 4, "the bare line was read")
        os.write(keyboard, b"a")
        wait_until(lambda: kinds(tmp_path).count(Kind.SESSION_OPENED) == 5, "the business system invited")
        os.write(keyboard, b"q")
        assert started.wait() == 0
        expect_nothing_left(started)


def levels(out: str) -> list[int]:
    """The levels that the platform holds, asked for at the address that the demonstration printed."""
    found = re.search(r"live page: +(http\S+)/\?token=(\S+)", out)
    assert found
    answer = requests.get(f"{found[1]}/v1/ratings", headers={"Authorization": f"Bearer {found[2]}"}, timeout=10)
    return [rating["level"] for rating in answer.json()["items"] if rating["level"] is not None]
