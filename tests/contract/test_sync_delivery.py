"""The sender on its own thread over real HTTP: unattended through everything that a platform and a network can do."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.fault_server import (
    FaultServer,
    Hang,
    HangUp,
    Raw,
    Received,
    Reply,
    Step,
    accepting,
    make_certificate,
    problem,
    result,
    results,
)
from support.sending import Chosen, MemoryOutbox, Told, entries

from sync.client import PlatformClient
from sync.worker import SyncWorker
from terminal_app.ports import Link, OutboxItem
from terminal_app.system_clock import SystemClock

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
QUICK = Chosen(0.02)


@dataclass
class Window:
    """A sender at work, and what it tells."""

    outbox: MemoryOutbox
    worker: SyncWorker
    told: Told
    made: int = field(default=0)

    def append(self, count: int = 1) -> None:
        """New entries, each with its wake."""
        for entry in entries(self.made + count)[self.made :]:
            self.outbox.add(entry)
            self.worker.wake()
        self.made += count


@contextmanager
def sending(
    url: str, outbox: MemoryOutbox | None = None, *, timeout_s: float = 5, ca_file: Path | None = None
) -> Iterator[Window]:
    told, waiting = Told(), outbox or MemoryOutbox()
    client = PlatformClient(
        url, KEY, ca_file=str(ca_file) if ca_file else None, connect_timeout_s=timeout_s, answer_timeout_s=timeout_s
    )
    worker = SyncWorker(waiting, client, SystemClock(), on_status=told, chance=QUICK, pause_s=0.001)
    worker.start()
    try:
        yield Window(waiting, worker, told)
    finally:
        ended = worker.stop(10)
        client.close()
        assert ended, "the sender did not stop"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_an_entry_goes_out_as_soon_as_it_is_appended(server: FaultServer) -> None:
    """Architecture 4.5: sync is woken by each append and sends at once; nothing else would wake this sender."""
    with sending(server.url) as window:
        for count in range(1, 4):
            window.append()
            window.outbox.wait_until_empty()
            assert len(window.outbox.verdicts) == count
    assert [len(batch) for batch in server.batches()] == [1, 1, 1]


def test_a_platform_that_is_down_at_start_and_comes_up_later_gets_everything(server: FaultServer) -> None:
    """Issue, build 6: works unattended from a platform that is down at start to one that comes up later."""
    server.stop()
    with sending(server.url, MemoryOutbox.of(entries(3))) as window:
        window.told.wait_for(lambda status: status.link is Link.OFFLINE)
        assert window.told.last.detail == "no_connection" and window.told.last.pending == 3
        server.start()
        window.outbox.wait_until_empty()
        window.told.wait_for(lambda status: status.link is Link.ONLINE and status.pending == 0)
    assert [one for batch in server.batches() for one in batch] == [entry.id for entry in entries(3)]


def test_a_platform_that_goes_down_and_up_again_gets_everything_once(server: FaultServer) -> None:
    with sending(server.url) as window:
        window.append()
        window.outbox.wait_until_empty()
        server.stop()
        window.append(5)
        window.told.wait_for(lambda status: status.link is Link.OFFLINE and status.pending > 0)
        server.start()
        window.outbox.wait_until_empty()
        window.told.wait_for(lambda status: status.link is Link.ONLINE)
    assert sorted(one for batch in server.batches() for one in batch) == [entry.id for entry in entries(6)]


def duplicating(request: Received) -> Reply:
    return results([result(index, one, "duplicate") for index, one in enumerate(request.ids)])


LOST = [
    ("no answer in time", Hang()),
    ("hung up", HangUp()),
    ("cut in the middle", lambda request: Reply(200, accepting(request).body, cut_after=40)),
    ("cut before the body", lambda request: Reply(200, accepting(request).body, cut_after=0)),
    ("nonsense", Reply(200, b"<html>hotspot</html>")),
    ("not HTTP", Raw(b"\x15\x03\x01\x00\x02\x02\x46")),
    ("500", Reply(500)),
    ("502", Reply(502)),
    ("429", Reply(429, b"", {"Retry-After": "0"})),
    ("400", problem(400, "unreadable-request")),
    ("redirect", Reply(307, b"", {"Location": "http://127.0.0.1:1/"})),
]


@pytest.mark.parametrize("step", [row[1] for row in LOST], ids=[row[0] for row in LOST])
def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(server: FaultServer, step: Step) -> None:
    """Architecture 4.6: lost answer → sent again with the same bytes → `duplicate` → acknowledged."""
    server.then(step, duplicating)
    with sending(server.url, MemoryOutbox.of(entries(1)), timeout_s=0.3) as window:
        window.outbox.wait_for(lambda: window.outbox.statuses() == {1: "duplicate"})
    first, *_, last = [request.body for request in server.received]
    assert first == last and len(server.received) >= 2


@pytest.mark.parametrize(
    "garble",
    [
        lambda rows: rows[:1] + rows[2:],
        lambda rows: [row | {"id": rows[0]["id"]} for row in rows],
        lambda rows: [row | {"index": row["index"] + 1} for row in rows],
        lambda rows: [],
        lambda rows: [{}, None, *rows[:2]],
    ],
    ids=["one missing", "wrong ids", "wrong indexes", "none", "garbage between"],
)
def test_entries_without_a_true_answer_are_offered_until_they_have_one(server: FaultServer, garble: object) -> None:
    """Architecture 8: entry missing from the answer → retry it."""

    def garbled(request: Received) -> Reply:
        rows = [result(index, one) for index, one in enumerate(request.ids)]
        return results(garble(rows))  # type: ignore[operator]

    server.then(garbled, accepting)
    with sending(server.url, MemoryOutbox.of(entries(3))) as window:
        window.outbox.wait_until_empty()
        assert set(window.outbox.statuses().values()) == {"accepted"}


def test_answers_twice_over_settle_once(server: FaultServer) -> None:
    server.then(lambda request: results([result(0, request.ids[0]), result(0, request.ids[0])]))
    with sending(server.url, MemoryOutbox.of(entries(1))) as window:
        window.outbox.wait_until_empty()
    assert len(server.received) == 1


def test_413_goes_on_with_smaller_batches(server: FaultServer) -> None:
    """Architecture 8: 413 → halve the batch."""
    server.then(lambda request: Reply(413) if len(request.ids) > 10 else accepting(request))
    with sending(server.url, MemoryOutbox.of(entries(40))) as window:
        window.outbox.wait_until_empty()
    sizes = [len(batch) for batch in server.batches()]
    assert sizes[:4] == [40, 20, 10, 30] and set(window.outbox.statuses().values()) == {"accepted"}


def test_revoked_and_unauthorised_reach_the_window_while_entries_are_kept(server: FaultServer) -> None:
    """Architecture 8: 403 revoked → lock the window, keep and go on offering."""
    server.then(problem(403, "device-revoked"), lambda request: results(_rows(request), device="revoked"), accepting)
    with sending(server.url) as window:
        window.append()
        window.told.wait_for(lambda status: status.link is Link.REVOKED and status.pending == 0)
        window.append()
        window.told.wait_for(lambda status: status.link is Link.ONLINE)
        server.then(problem(401, "bad-signature"))
        window.append()
        window.told.wait_for(lambda status: status.link is Link.UNAUTHORISED and status.pending == 1)


def _rows(request: Received) -> list[dict[str, object]]:
    return [result(index, one) for index, one in enumerate(request.ids)]


def test_new_entries_do_not_disturb_a_platform_that_asked_for_quiet(server: FaultServer) -> None:
    """Architecture 8: honour `Retry-After`."""
    server.then(Reply(503, b"", {"Retry-After": "600"}))
    with sending(server.url) as window:
        window.append()
        window.told.wait_for(lambda status: status.link is Link.OFFLINE)
        window.append(20)
        assert window.worker.stop(10)
    assert len(server.received) == 1 and window.outbox.pending() == 21


def test_a_wrong_certificate_is_told_and_nothing_is_given_away(tmp_path: Path) -> None:
    """Issue, bad input: wrong certificate. A clear message, nothing lost."""
    ours, other = make_certificate(tmp_path, "ours"), make_certificate(tmp_path, "other")
    with FaultServer(certificate=other) as impostor, sending(impostor.url, MemoryOutbox.of(entries(1)), ca_file=ours) as window:
        window.told.wait_for(lambda status: status.detail == "wrong_certificate")
        assert (window.told.last.link, window.told.last.pending) == (Link.OFFLINE, 1)
    assert impostor.received == []


# --- stopping and failing -------------------------------------------------------------------------------------------


def test_an_idle_sender_stops_at_once(server: FaultServer) -> None:
    with sending(server.url) as window:
        window.append()
        window.outbox.wait_until_empty()
        assert window.worker.stop(10)


def test_a_sender_that_backs_off_stops_at_once(server: FaultServer) -> None:
    server.then(Reply(503, b"", {"Retry-After": "600"}))
    with sending(server.url) as window:
        window.append()
        window.told.wait_for(lambda status: status.link is Link.OFFLINE)
        assert window.worker.stop(10)


def test_a_sender_that_was_never_started_stops() -> None:
    assert SyncWorker(MemoryOutbox(), PlatformClient("http://127.0.0.1:9", KEY), SystemClock()).stop(0)


def test_an_answer_after_the_deadline_to_stop_is_dropped(server: FaultServer) -> None:
    """The store may be closed by then; the entry is sent again after the restart."""
    server.then(Hang())
    with sending(server.url) as window:
        window.append()
        server.wait_for(lambda: len(server.received) == 1)
        assert not window.worker.stop(0)
        server.stop()
    assert window.outbox.verdicts == {} and window.outbox.pending() == 1


class BrokenOnce(MemoryOutbox):
    """Fails at the first pick, as a damaged disk would."""

    broken = True
    content = "secret content"

    def pick(self, limit: int) -> Sequence[OutboxItem]:
        if self.broken:
            self.broken = False
            raise OSError(self.content)
        return super().pick(limit)


def test_a_failure_of_the_outbox_is_logged_without_content_and_survived(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = BrokenOnce()
    outbox.add(entries(1)[0])
    with caplog.at_level(logging.INFO), sending(server.url, outbox) as window:
        window.outbox.wait_until_empty()
    assert "delivery failed with OSError" in caplog.text and "secret content" not in caplog.text


def test_logs_hold_no_content(server: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    """Architecture 10: nothing personal in a log; no key, no line, no claim."""
    server.then(Reply(500), lambda request: results([result(0, request.ids[0], "refused", "bad_signature")]))
    with caplog.at_level(logging.DEBUG, logger="sync"), sending(server.url, MemoryOutbox.of(entries(1))) as window:
        window.outbox.wait_until_empty()
    written = [record.getMessage() for record in caplog.records if record.name.startswith("sync")]
    assert any("refused" in line for line in written)
    assert not any("{" in line or "sig" in line.replace("bad_signature", "") for line in written)
