"""Bad input from the platform (issue 2), in the real kiosk: citizens notice nothing, and all arrives later, unattended.

What the sender does after each outcome is tabled in tests/unit and tests/contract; here it is what a window makes of it.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import Counter, OpenKiosk, fresh_case, kiosk_at, wait_until
from support.fault_server import (
    FaultServer,
    Hang,
    HangUp,
    Raw,
    Received,
    Reply,
    Step,
    accepting,
    as_json,
    make_certificate,
    problem,
    result,
    results,
)
from support.platform import RunningPlatform, running_platform, sqlite_url

from terminal_app.domain.journal import Kind
from terminal_app.store.reading import Counts

LATER = "已记录，联网后自动上传"
DOCUMENTS = "/v1/documents"


@pytest.fixture
def troubled(at: Counter) -> Iterator[FaultServer]:
    """What stands at the platform's address from now on."""
    with FaultServer() as server:
        server.route(DOCUMENTS, Reply(304))
        at.configure(server.url)
        yield server


def delivered(server: FaultServer, at: Counter) -> bool:
    """Whether every entry of the journal was offered, byte for byte, and is acknowledged."""
    bodies = [request.body for request in server.received if request.path.endswith("/v1/entries")]
    return at.counts().pending == 0 and all(any(entry.line in body for body in bodies) for entry in at.entries())


def troubled_citizen(kiosk: OpenKiosk) -> str:
    """Rates while the platform is in trouble; the screen says what is true and nothing of the trouble."""
    wait_until(lambda: not kiosk.kiosk.facts.online, "the window knows that it is offline")
    case = kiosk.rate(5)
    assert LATER in kiosk.words
    assert kiosk.is_whole()
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]
    return case


@dataclass(frozen=True)
class Partial:
    """Cuts good answers after so many bytes of the body."""

    size: int

    def __call__(self, request: Received) -> Reply:
        return Reply(200, accepting(request).body, {"Content-Type": "application/json"}, cut_after=self.size)


def only_the_first(request: Received) -> Reply:
    """Answers for one entry of the batch and forgets the others."""
    return results([result(0, request.ids[0])])


def someone_elses(request: Received) -> Reply:
    """Accepts entries that nobody sent."""
    return results([result(index, "018f3c1e-0000-7000-8000-00000000dead") for index, _ in enumerate(request.ids)])


TROUBLES: dict[str, Step] = {
    "404": Reply(404, b"not here"),
    "429 with Retry-After": problem(429, "busy", Retry_After="1"),
    "500": Reply(500, b"Traceback (most recent call last): ..."),
    "503": problem(503, "storage-busy"),
    "redirect": Reply(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}),
    "cut off": Partial(20),
    "no answer": HangUp(),
    "a web page": Reply(200, b"<html>It works!</html>", {"Content-Type": "text/html"}),
    "not HTTP": Raw(b"220 mail.example.invalid ESMTP\r\n"),
    "other JSON": as_json({"device": "active"}),
    "nothing of it": as_json([]),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_with_the_platform_stays_behind_the_window(
    troubled: FaultServer, at: Counter, qapp: QApplication, name: str
) -> None:
    """Issue 2, bad input: 4xx/5xx, cut in the middle of an answer, answering nonsense. Design §8: back off, keep, go on."""
    troubled.then(TROUBLES[name])
    with kiosk_at(at) as kiosk:
        troubled_citizen(kiosk)
        assert troubled.batches()
        troubled.then(accepting)
        wait_until(lambda: delivered(troubled, at), "everything is delivered without anybody's help", 30)
        wait_until(lambda: kiosk.kiosk.facts.online and kiosk.kiosk.facts.backlog == 0, "the window is online again")
        assert at.counts().quarantined == 0
        assert not kiosk.problems


def test_entries_that_an_answer_leaves_out_are_offered_again(troubled: FaultServer, at: Counter, qapp: QApplication) -> None:
    """Docs wire.md: an entry that is missing from the answer is offered again."""
    troubled.then(only_the_first)
    with kiosk_at(at) as kiosk:
        kiosk.rate(4)
        wait_until(lambda: at.counts().pending == 0, "everything is delivered, one by one", 30)
        assert {batch[0] for batch in troubled.batches()} >= {entry.id for entry in at.entries()}


@pytest.mark.parametrize("answer", [someone_elses, Reply(413)])
def test_entries_that_nobody_accepts_wait(troubled: FaultServer, at: Counter, qapp: QApplication, answer: Step) -> None:
    """Docs wire.md: a result counts when its index and its id both name the entry. Design §8: 413 → halve the batch."""
    troubled.then(answer)
    with kiosk_at(at) as kiosk:
        kiosk.rate(4)
        troubled.wait_for(lambda: len(troubled.batches()) > 1)
        assert at.counts().pending == len(at.entries())
        troubled.then(accepting)
        wait_until(lambda: delivered(troubled, at), "everything is delivered", 30)


def test_a_slow_platform_does_not_slow_the_window(troubled: FaultServer, at: Counter, qapp: QApplication) -> None:
    """A platform that takes requests and says nothing."""
    troubled.then(Hang())
    with kiosk_at(at) as kiosk:
        troubled.wait_for(lambda: bool(troubled.batches()))
        for level in (3, 4, 5):
            kiosk.rate(level)
        assert at.counts().pending == len(at.entries())
        troubled.stop()
        troubled.then(accepting)
        troubled.start()
        wait_until(lambda: delivered(troubled, at), "everything is delivered", 30)


def test_a_wrong_certificate_is_told_to_staff_and_nothing_is_sent(at: Counter, qapp: QApplication, tmp_path: Path) -> None:
    """Design §8: keep collecting, tell the administrator; nothing is said to whoever cannot prove to be the platform."""
    real, other = make_certificate(tmp_path, "platform"), make_certificate(tmp_path, "impostor")
    with FaultServer(certificate=other) as impostor:
        at.configure(impostor.url, platform=f'ca_file = "{real}"')
        with kiosk_at(at) as kiosk:
            wait_until(lambda: kiosk.problems == {"": "certificate"}, "staff is told of the certificate")
            troubled_citizen(kiosk)
            kiosk.tap("finish")
            kiosk.wait_for("nobody")
            kiosk.log_in()
            at.lay_card()
            kiosk.wait_for("menu")
            assert "平台证书不可信" in kiosk.words
            assert "ca_file" in kiosk.words
        assert impostor.received == []
        at.configure(impostor.url, platform=f'ca_file = "{other}"')
        impostor.route(DOCUMENTS, Reply(304))
        with kiosk_at(at) as kiosk:
            wait_until(lambda: delivered(impostor, at), "everything is delivered")
            assert not kiosk.problems


def test_a_platform_that_does_not_know_the_key_is_told_to_staff(troubled: FaultServer, at: Counter, qapp: QApplication) -> None:
    """Design §8: 401 → stop and tell the administrator, keep collecting. Asked again rarely, and at every start."""
    troubled.then(problem(401, "unauthorised"))
    with kiosk_at(at) as kiosk:
        wait_until(lambda: kiosk.problems == {"": "key"}, "staff is told")
        troubled_citizen(kiosk)
        assert len(troubled.batches()) == 1
    troubled.then(accepting)
    with kiosk_at(at) as kiosk:
        wait_until(lambda: delivered(troubled, at), "everything is delivered")
        assert not kiosk.problems


def test_a_revoked_terminal_locks_its_window_and_goes_on_delivering(
    troubled: FaultServer, at: Counter, qapp: QApplication
) -> None:
    """Design §8: 403 revoked → lock the window, keep and go on offering the data."""
    with kiosk_at(at) as kiosk:
        kiosk.rate(2 + 3)
        kiosk.tap("finish")
        wait_until(lambda: delivered(troubled, at), "all is delivered")
        troubled.then(lambda request: results([result(i, name) for i, name in enumerate(request.ids)], device="revoked"))
        kiosk.log_in()
        kiosk.wait_for("out_of_order")
        assert "本评价设备已停用" in kiosk.words
        wait_until(lambda: at.counts().pending == 0, "the log-in is delivered all the same")
        at.line.present({"case": fresh_case()})
        at.lay_card()
        assert kiosk.shown == "out_of_order"


def test_a_refused_entry_is_quarantined_and_the_others_go_on(troubled: FaultServer, at: Counter, qapp: QApplication) -> None:
    """Design §4.5: refused → quarantined, shown to an administrator, never deleted."""

    def refuses_stars(request: Received) -> Reply:
        stars = {entry.id for entry in at.entries() if entry.kind == Kind.STAR_CHOSEN}
        return results(
            [
                result(index, name, "refused", "bad_signature") if name in stars else result(index, name)
                for index, name in enumerate(request.ids)
            ]
        )

    troubled.then(refuses_stars)
    with kiosk_at(at) as kiosk:
        kiosk.rate(4)
        kiosk.tap("finish")
        wait_until(lambda: at.counts() == Counts(entries=4, pending=0, quarantined=1), "the star alone is quarantined")


# --- down at start, up later --------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def levels_of(platform: RunningPlatform) -> dict[str, int]:
    return {rating["cases"][0]: rating["level"] for rating in platform.ratings()}


def test_a_platform_that_is_down_at_start_gets_everything_when_it_comes_up(
    bare_counter: Counter, qapp: QApplication, tmp_path: Path
) -> None:
    """Issue 2, sync: works unattended from a platform that is down at start to one that comes up later."""
    at, url, port = bare_counter, sqlite_url(tmp_path), free_port()
    with running_platform(url, port=port) as platform:
        at.configure(platform.url)
        at.enroll(platform)
    with kiosk_at(at) as kiosk:
        assert kiosk.shown == "nobody", "the terminal works by what it fetched before"
        given = {troubled_citizen(kiosk): 5, kiosk.rate(3): 3}
        with running_platform(url, port=port) as platform:
            wait_until(lambda: levels_of(platform) == given, "both ratings are there", 30)
            wait_until(lambda: at.counts().pending == 0, "and acknowledged")


def test_a_platform_that_never_answers_lets_the_terminal_end_in_time(
    troubled: FaultServer, at: Counter, qapp: QApplication
) -> None:
    """Start and stop order with deadlines: a hanging request does not keep SIGTERM waiting; what is unsent stays."""
    troubled.then(Hang())
    with kiosk_at(at) as kiosk:
        case = kiosk.rate(4)
        troubled.wait_for(lambda: bool(troubled.batches()))
    troubled.stop()
    troubled.then(accepting)
    troubled.start()
    with kiosk_at(at):
        wait_until(lambda: delivered(troubled, at), "the next start goes on with it")
    assert at.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN, Kind.SESSION_CLOSED]
