"""Restart in any moment (issue 2, store; design §4.6): the real kiosk is killed at each point of a visit and started again.

One window goes through all of it. After each restart every session has exactly one closing entry, the same person is on duty,
a pause still lasts, and the platform holds what was durable.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pytest
from support.counter import NUMBER, Counter, SeparateKiosk, counter, fresh_case
from support.platform import RunningPlatform

from terminal_app.demo.crowd import reason_codes
from terminal_app.demo.kiosk_process import Report
from terminal_app.domain.journal import Kind
from terminal_app.domain.proof import verify_chain
from terminal_app.domain.rating import Outcome
from terminal_app.store.keys import load_key

ONE, TWO, THREE = (str(code) for code in reason_codes()[1][:3])


class Window:
    """One terminal that is killed again and again; `kiosk` is its present process."""

    def __init__(self, at: Counter) -> None:
        self.at = at
        self.kiosk = self._start()

    def _start(self) -> SeparateKiosk:
        kiosk = SeparateKiosk(self.at)
        self.at.wait_until_open()
        return kiosk

    def pull_the_plug(self) -> None:
        """SIGKILL, and a start without anybody's help."""
        self.kiosk.process.kill()
        self.kiosk = self._start()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, platform: RunningPlatform) -> Iterator[Window]:
    with ExitStack() as stack:
        at = stack.enter_context(counter(tmp_path_factory.mktemp("restart") / "counter"))
        at.configure(platform.url, timing="notice_s = 0.5")
        at.enroll(platform)
        made = Window(at)
        stack.callback(lambda: made.kiosk.process.stop())
        at.lay_card()
        made.kiosk.wait_for(lambda report: report["on_duty"] == NUMBER, "the clerk is logged in")
        made.kiosk.wait_for_screen("idle")
        yield made


Visit = Callable[[SeparateKiosk, str], None]


def read(kiosk: SeparateKiosk, case: str) -> None:
    """The ticket's session is durable; its stars may be on the screen or not."""
    kiosk.counter.send_ticket(case)
    kiosk.wait_until(lambda: kiosk.counter.kinds(case), "the session is durable")


def chosen(level: int) -> Visit:
    """A star is durable; what follows may be on the screen or not."""

    def visit(kiosk: SeparateKiosk, case: str) -> None:
        kiosk.present(case)
        kiosk.touch(f"star-{level}")
        kiosk.wait_until(lambda: Kind.STAR_CHOSEN in kiosk.counter.kinds(case), "the star is durable")

    return visit


def confirmed(level: int, screen: str) -> Visit:
    """The screen has confirmed a star."""

    def visit(kiosk: SeparateKiosk, case: str) -> None:
        kiosk.present(case)
        kiosk.touch(f"star-{level}")
        kiosk.wait_for_screen(screen)

    return visit


def toggled(kiosk: SeparateKiosk, case: str) -> None:
    """Two reasons are marked, a third was unmarked again."""
    confirmed(1, "reasons")(kiosk, case)
    for code, marked in ((THREE, {THREE}), (ONE, {ONE, THREE}), (THREE, {ONE}), (TWO, {ONE, TWO})):
        kiosk.touch(f"reason-{code}")
        kiosk.wait_for(partial(marks, marked), f"{sorted(marked)} are marked")


def marks(codes: set[str], report: Report) -> bool:
    return set(report["reasons"]) == codes


def submitted(kiosk: SeparateKiosk, case: str) -> None:
    toggled(kiosk, case)
    kiosk.touch("submit")
    kiosk.wait_for_screen("thanks")


def changed(kiosk: SeparateKiosk, case: str) -> None:
    """Five stars, corrected to two."""
    confirmed(5, "thanks")(kiosk, case)
    kiosk.touch("change")
    kiosk.wait_for_screen("rate")
    kiosk.touch("star-2")
    kiosk.wait_for_screen("reasons")


def looked_at_by_staff(kiosk: SeparateKiosk, case: str) -> None:
    """The clerk's own card opened the menu before the first tap."""
    kiosk.present(case)
    kiosk.counter.lay_card()
    kiosk.wait_for_screen("menu")


def followed(kiosk: SeparateKiosk, case: str) -> None:
    """The next ticket came while this one was thanked for."""
    confirmed(3, "thanks")(kiosk, case)
    kiosk.present(fresh_case())


@dataclass(frozen=True)
class Expected:
    """What is left of a visit."""

    outcome: Outcome
    level: int | None = None
    reasons: frozenset[str] = frozenset()


MOMENTS: dict[str, tuple[Visit, Expected]] = {
    "opened": (read, Expected(Outcome.INTERRUPTED)),
    "stars shown": (SeparateKiosk.present, Expected(Outcome.INTERRUPTED)),
    "menu over the stars": (looked_at_by_staff, Expected(Outcome.INTERRUPTED)),
    "one star tapped": (chosen(1), Expected(Outcome.RATED, 1)),
    "five stars tapped": (chosen(5), Expected(Outcome.RATED, 5)),
    "reasons shown": (confirmed(2, "reasons"), Expected(Outcome.RATED, 2)),
    "reasons toggled": (toggled, Expected(Outcome.RATED, 1, frozenset({ONE, TWO}))),
    "reasons submitted": (submitted, Expected(Outcome.RATED, 1, frozenset({ONE, TWO}))),
    "thanks": (confirmed(4, "thanks"), Expected(Outcome.RATED, 4)),
    "changed": (changed, Expected(Outcome.RATED, 2)),
    "next ticket": (followed, Expected(Outcome.RATED, 3)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_a_visit(window: Window, platform: RunningPlatform, moment: str) -> None:
    visit, expected = MOMENTS[moment]
    visit(window.kiosk, case := fresh_case())
    window.pull_the_plug()
    assert (window.kiosk.last["screen"], window.kiosk.last["on_duty"]) == ("idle", NUMBER)
    expect_closed_once(window.at)
    held = arrived(window, platform, case)
    assert (held["level"], frozenset(held["reasons"]), held["outcome"]) == (expected.level, expected.reasons, expected.outcome)
    assert list(verify_chain(window.at.entries(), load_key(window.at.data).public)) == []


def expect_closed_once(at: Counter) -> None:
    entries = at.entries()
    for session in {entry.session for entry in entries if entry.session}:
        assert [entry.kind for entry in entries if entry.session == session].count(Kind.SESSION_CLOSED) == 1


def arrived(window: Window, platform: RunningPlatform, case: str) -> dict[str, object]:
    """The platform's rating of this case, once everything is delivered."""
    window.kiosk.wait_until(lambda: window.at.counts().pending == 0, "everything is delivered")
    (held,) = [rating for rating in platform.ratings() if case in rating["cases"]]
    return held


def test_killed_while_paused(window: Window) -> None:
    """Design §5: every pause is an entry with its length."""
    window.at.lay_card()
    window.kiosk.wait_for_screen("menu")
    window.kiosk.touch("pause")
    window.kiosk.wait_for_screen("paused")
    for _ in range(2):
        window.pull_the_plug()
        assert (window.kiosk.last["screen"], window.kiosk.last["on_duty"]) == ("paused", NUMBER)
    window.at.send_ticket(fresh_case())
    window.kiosk.wait_for(lambda report: report["notice"] == "paused", "that the window is paused")
    window.at.lay_card()
    window.kiosk.wait_for_screen("menu")
    window.kiosk.touch("resume")
    window.kiosk.wait_for_screen("idle")
    window.kiosk.wait_until(lambda: window.at.entries()[-1].kind == Kind.RESUMED, "the pause has ended")
    paused, resumed = [entry for entry in window.at.entries() if entry.kind in (Kind.PAUSED, Kind.RESUMED)]
    assert resumed.data["length_ms"] == pytest.approx(resumed.moment.mono_ms - paused.moment.mono_ms, abs=1500)


def test_killed_after_logging_out(window: Window) -> None:
    window.at.lay_card()
    window.kiosk.wait_for_screen("menu")
    window.kiosk.touch("logout")
    window.kiosk.wait_for_screen("nobody")
    window.kiosk.wait_until(lambda: window.at.entries()[-1].kind == Kind.STAFF_LOGGED_OUT, "the log-out is durable")
    window.pull_the_plug()
    assert (window.kiosk.last["screen"], window.kiosk.last["on_duty"]) == ("nobody", None)
