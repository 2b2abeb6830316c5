"""Store, sender and the real platform together: what was appended is what the platform holds, whatever happens between."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from support.platform import PlatformProcess, RunningPlatform, running_platform, sqlite_url
from support.sending import Chosen, Told
from support.store_kit import IDS, entries_in, rate

from central_platform.devices import set_revoked
from sync.client import BatchAnswer, PlatformClient
from sync.downloads import Downloads
from sync.enrolment import EnrolmentFailed, enroll
from sync.outcome import Trouble, Unreachable
from sync.worker import SyncWorker
from terminal_app.application.documents import load_identity
from terminal_app.domain.journal import Entry
from terminal_app.ports import Link
from terminal_app.store.opening import Store, open_store
from terminal_app.system_clock import SystemClock


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running_platform(sqlite_url(tmp_path)) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "data", SystemClock(), IDS, app_version="0.1.0")
    yield opened
    opened.stop()


def client_of(url: str, store: Store, wall_clock: Callable[[], datetime] = datetime.now) -> PlatformClient:
    return PlatformClient(url, store.key.private, wall_clock=wall_clock)


def enrolled(url: str, claim: str, store: Store) -> PlatformClient:
    client = client_of(url, store)
    enroll(client, claim, store.documents)
    store.begin()
    return client


def sender(store: Store, client: PlatformClient, told: Told | None = None) -> SyncWorker:
    return SyncWorker(store.outbox, client, SystemClock(), on_status=told or Told(), chance=Chosen(0), pause_s=0)


def held_by(database: Path) -> dict[str, bytes]:
    """Every entry that the platform's file holds: its line by its own bytes' id."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return {_uuid(row[0]): bytes(row[1]) for row in connection.execute("SELECT id, line FROM entries")}
    finally:
        connection.close()


def _uuid(raw: bytes) -> str:
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def lines_of(entries: Sequence[Entry]) -> dict[str, bytes]:
    return {entry.id: entry.line for entry in entries}


def test_a_terminal_enrols_rates_and_the_platform_has_it(platform: RunningPlatform, store: Store, tmp_path: Path) -> None:
    client, told = enrolled(platform.url, platform.claim(), store), Told()
    identity = load_identity(store.documents)
    assert identity is not None and identity.record.window.name == "3号窗口"
    rate(store, "370900202611210001", 2)
    rate(store, "370900202611210002", 5)
    done = sender(store, client, told).run_pass()
    client.close()
    assert (done.trouble, done.quarantined, done.put_off, store.outbox.pending()) == (None, 0, 0, 0)
    assert held_by(tmp_path / "platform.sqlite") == lines_of(entries_in(store))
    assert sorted(item["level"] for item in platform.ratings()) == [2, 5]
    assert (told.last.link, told.last.pending) == (Link.ONLINE, 0)


def test_a_backlog_is_delivered_byte_for_byte_in_batches(platform: RunningPlatform, store: Store, tmp_path: Path) -> None:
    client = enrolled(platform.url, platform.claim(), store)
    for number in range(180):
        rate(store, f"CASE-{number}", 1 + number % 5)
    done = sender(store, client).run_pass()
    client.close()
    assert done.acknowledged == len(entries_in(store)) > 500
    assert held_by(tmp_path / "platform.sqlite") == lines_of(entries_in(store))


class Forgetful:
    """The platform's answers are lost on the way back, as many as one says."""

    def __init__(self, client: PlatformClient, lost: int) -> None:
        self.client, self.lost = client, lost
        self.statuses: list[str] = []

    def send_entries(self, lines: Sequence[bytes]) -> BatchAnswer | Trouble:
        answer = self.client.send_entries(lines)
        assert isinstance(answer, BatchAnswer)
        if self.lost:
            self.lost -= 1
            return Unreachable("connection_lost")
        self.statuses += [row["status"] for row in answer.results]
        return answer


def test_lost_answers_are_duplicates_and_nothing_is_doubled(platform: RunningPlatform, store: Store) -> None:
    """Architecture 4.6."""
    client = enrolled(platform.url, platform.claim(), store)
    rate(store, "CASE-1", 4)
    sink = Forgetful(client, lost=2)
    worker = SyncWorker(store.outbox, sink, SystemClock(), chance=Chosen(0))
    while store.outbox.pending():
        worker.run_pass()
    client.close()
    assert set(sink.statuses) == {"duplicate"}
    assert [item["level"] for item in platform.ratings()] == [4]


def test_a_revoked_device_is_told_delivers_and_is_reinstated(platform: RunningPlatform, store: Store) -> None:
    """Architecture 8: 403 revoked → lock the window, keep and go on offering; docs/wire.md: marks, not refusals."""
    client, told = enrolled(platform.url, platform.claim(), store), Told()
    identity = load_identity(store.documents)
    assert identity is not None
    downloads = Downloads(client, store.documents, identity.record.platform_key)
    worker = SyncWorker(store.outbox, client, SystemClock(), downloads=downloads, on_status=told, chance=Chosen(0))
    platform.database.write(lambda connection: set_revoked(connection, identity.record.device, 1))
    rate(store, "CASE-1", 1)
    worker.run_pass()
    assert (told.last.link, told.last.pending) == (Link.REVOKED, 0)
    assert ["revoked_device" in item["marks"] for item in platform.ratings()] == [True]
    platform.database.write(lambda connection: set_revoked(connection, identity.record.device, None))
    rate(store, "CASE-2", 5)
    worker.run_pass()
    client.close()
    assert told.last.link is Link.ONLINE


def test_a_platform_that_does_not_know_the_key_is_unauthorised_and_nothing_is_lost(
    platform: RunningPlatform, store: Store, tmp_path: Path
) -> None:
    """Architecture 8: 401 → stop and tell the administrator, keep collecting."""
    enrolled(platform.url, platform.claim(), store).close()
    rate(store)
    waiting = store.outbox.pending()
    (tmp_path / "other").mkdir()
    with running_platform(sqlite_url(tmp_path / "other")) as stranger:
        client, told = client_of(stranger.url, store), Told()
        sender(store, client, told).run_pass()
        client.close()
    assert (told.last.link, told.last.pending) == (Link.UNAUTHORISED, waiting)


@pytest.mark.parametrize("year", [1970, 2000, 2099])
def test_a_window_whose_clock_is_wrong_delivers(platform: RunningPlatform, store: Store, year: int) -> None:
    """docs/wire.md: the age of a signature is never a reason to refuse."""
    enrolled(platform.url, platform.claim(), store).close()
    rate(store)
    client = client_of(platform.url, store, lambda: datetime(year, 1, 2))
    assert sender(store, client).run_pass().trouble is None
    client.close()
    assert store.outbox.pending() == 0


@contextmanager
def _serving(folder: Path, port: int = 0) -> Iterator[PlatformProcess]:
    with PlatformProcess(sqlite_url(folder), port=port) as process:
        yield process


def test_a_platform_killed_and_restarted_gets_everything_once(tmp_path: Path, store: Store) -> None:
    """Issue, build 6: retry with back-off; nothing lost, nothing doubled."""
    with running_platform(sqlite_url(tmp_path)) as first:
        claim = first.claim()
    told = Told()
    with _serving(tmp_path) as process:
        port = int(process.url.rpartition(":")[2])
        client = enrolled(process.url, claim, store)
        for number in range(20):
            rate(store, f"CASE-{number}")
        assert sender(store, client, told).run_pass().trouble is None
        for number in range(20, 80):
            rate(store, f"CASE-{number}")
        process.kill()
        assert sender(store, client, told).run_pass().trouble == Unreachable("no_connection")
    with _serving(tmp_path, port):
        assert sender(store, client, told).run_pass().trouble is None
        client.close()
    assert held_by(tmp_path / "platform.sqlite") == lines_of(entries_in(store))
    assert (told.last.link, told.last.pending) == (Link.ONLINE, 0)


def test_a_platform_restored_from_a_backup_gets_again_what_it_lost(tmp_path: Path, store: Store) -> None:
    """Architecture 8: if the contiguous head goes back, the entries after it become pending again."""
    (tmp_path / "backup").mkdir()
    with running_platform(sqlite_url(tmp_path)) as platform:
        client = enrolled(platform.url, platform.claim(), store)
        rate(store, "CASE-1")
        sender(store, client).run_pass()
        client.close()
    shutil.copy(tmp_path / "platform.sqlite", tmp_path / "backup" / "platform.sqlite")
    with running_platform(sqlite_url(tmp_path)) as platform:
        client = client_of(platform.url, store)
        for number in range(2, 60):
            rate(store, f"CASE-{number}")
        sender(store, client).run_pass()
        client.close()
    with running_platform(sqlite_url(tmp_path / "backup")) as restored:
        client = client_of(restored.url, store)
        rate(store, "CASE-60")
        worker = sender(store, client)
        worker.run_pass()
        while store.outbox.pending():
            assert worker.run_pass().trouble is None
        client.close()
    assert held_by(tmp_path / "backup" / "platform.sqlite") == lines_of(entries_in(store))


# --- enrolment ------------------------------------------------------------------------------------------------------


def test_the_same_claim_and_key_enrol_once_however_often(platform: RunningPlatform, store: Store) -> None:
    """Architecture 9: the same claim with the same key gives the same answer again (lost answers)."""
    claim, client = platform.claim(), client_of(platform.url, store)
    first = enroll(client, claim, store.documents)
    assert enroll(client, claim.lower().replace("-", " "), store.documents) == first
    client.close()


def test_claims_that_are_used_expired_or_unknown(platform: RunningPlatform, store: Store, tmp_path: Path) -> None:
    """docs/wire.md: with another key 409; unknown or expired 404, 410."""
    used, expired = platform.claim(), platform.claim(valid_ms=-1)
    unknown = ("B" if used[0] == "A" else "A") + used[1:]
    other = open_store(tmp_path / "other", SystemClock(), IDS, app_version="0.1.0")
    client, second = client_of(platform.url, store), client_of(platform.url, other)
    enroll(client, used, store.documents)
    for claim, problem in ((used, "claim_used"), (expired, "claim_expired"), (unknown, "claim_unknown")):
        with pytest.raises(EnrolmentFailed) as failed:
            enroll(second, claim, other.documents)
        assert failed.value.problem == problem
    with pytest.raises(EnrolmentFailed) as twice:
        enroll(client, platform.claim(), store.documents)
    assert twice.value.problem == "key_enrolled"
    client.close()
    second.close()
    other.stop()


def test_a_claim_of_one_platform_does_not_enrol_with_another(platform: RunningPlatform, store: Store, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with running_platform(sqlite_url(tmp_path / "other")) as stranger:
        client = client_of(stranger.url, store)
        with pytest.raises(EnrolmentFailed) as failed:
            enroll(client, platform.claim(), store.documents)
        client.close()
    assert failed.value.problem == "claim_unknown"
    assert load_identity(store.documents) is None
