"""After a long time without network: what is fresh does not wait, and a stick may have carried the rest (issue 3, Build 5)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.counter import command
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.sending import Chosen
from support.store_kit import IDS, entries_in, rate

from benchmarks.filling import fill
from central_platform import cli
from central_platform.verification import verify
from sync.client import BatchAnswer, PlatformClient
from sync.enrolment import enroll
from sync.outcome import Trouble
from sync.worker import SyncWorker
from terminal_app.domain.journal import read_entry
from terminal_app.store.opening import Store, open_store
from terminal_app.system_clock import SystemClock

RATINGS = 800
"""Of a month there are five times as many; the file, its halves and both chains span several batches all the same."""


def opened(folder: Path) -> Store:
    return open_store(folder / "data", SystemClock(), IDS, app_version="0.1.0")


@pytest.fixture
def enrolled(tmp_path: Path) -> Iterator[Path]:
    """The folder of a platform and of a terminal that is enrolled with it; neither runs."""
    with running_platform(sqlite_url(tmp_path)) as platform:
        store = opened(tmp_path)
        client = PlatformClient(platform.url, store.key.private)
        enroll(client, platform.claim(), store.documents)
        store.begin()
        client.close()
        store.stop()
    yield tmp_path


class Watched:
    """The line to a real platform, with a look at what goes over it; `during` runs while a batch is under way."""

    def __init__(self, client: PlatformClient, during: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.during = during
        self.batches: list[list[int]] = []
        self.statuses: Counter[str] = Counter()

    def send_entries(self, lines: Sequence[bytes]) -> BatchAnswer | Trouble:
        self.batches.append([read_entry(line).seq for line in lines])
        answer = self.client.send_entries(lines)
        self.during()
        assert isinstance(answer, BatchAnswer)
        self.statuses.update(row["status"] for row in answer.results)
        return answer


@pytest.mark.parametrize("attended", [False, True])
def test_what_was_rated_during_a_batch_is_in_the_next_one_however_long_the_backlog(enrolled: Path, attended: bool) -> None:
    """Fresh ratings do not wait behind a backlog; the order of a chain is that of its places, not of arrival."""
    fill(enrolled / "data", 1_200, pending=True)
    store = opened(enrolled)
    fresh: list[list[int]] = []
    with running_platform(sqlite_url(enrolled)) as platform:
        client = PlatformClient(platform.url, store.key.private)

        def rate_another() -> None:
            if len(fresh) < 3:
                fresh.append([entry.seq for entry in rate(store, f"CASE-{len(fresh)}", 1 + len(fresh))])
            worker.wake()

        line = Watched(client, rate_another)
        worker = SyncWorker(store.outbox, line, SystemClock(), attended=lambda: attended, chance=Chosen(0), pause_s=60)
        while store.outbox.pending():
            assert worker.run_pass().trouble is None
        client.close()
        assert len(fresh) == 3
        for during, rated in enumerate(fresh):
            assert set(rated) <= set(line.batches[during + 1])
        assert all(batch == sorted(batch) for batch in line.batches)
        assert sorted(seq for batch in line.batches for seq in batch) == [entry.seq for entry in entries_in(store)]
        assert {item["level"] for item in platform.ratings()[-3:]} <= {1, 2, 3, 4, 5}
        assert platform.database.read(verify).findings == []
    store.stop()


def test_a_month_on_a_stick_and_the_upload_after_it_end_as_one(enrolled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Cut off halfway, imported twice, of two chains; at the next contact the terminal learns what is there already."""
    fill(enrolled / "data", 3 * RATINGS // 2, pending=True)
    store = opened(enrolled)
    store.journal.start_chain()
    store.stop()
    fill(enrolled / "data", 3 * RATINGS // 2, pending=True)
    lines = [entry.line for entry in entries_in(enrolled / "data")]
    assert (len(lines), len({read_entry(line).chain for line in lines})) == (3 * RATINGS + 2, 2)

    whole, half = exported(enrolled), enrolled / "half.ndjson"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    arrived = len({*lines} & {*half.read_bytes().split(b"\n")})
    assert imported(enrolled, capsys, half, 1) == {"accepted": arrived, "duplicate": 0, "refused": {"unreadable": 1}}
    rest = len(lines) - arrived
    assert imported(enrolled, capsys, whole, 0) == {"accepted": rest, "duplicate": arrived, "refused": {}}
    assert imported(enrolled, capsys, whole, 0) == {"accepted": 0, "duplicate": len(lines), "refused": {}}

    store = opened(enrolled)
    since = [entry.line for entry in rate(store, "SINCE", 5)]
    with running_platform(sqlite_url(enrolled)) as platform:
        client = PlatformClient(platform.url, store.key.private)
        line = Watched(client)
        done = SyncWorker(store.outbox, line, SystemClock(), chance=Chosen(0), pause_s=0).run_pass()
        client.close()
        assert (done.trouble, done.quarantined, store.outbox.pending()) == (None, 0, 0)
        assert line.statuses == {"duplicate": len(lines), "accepted": len(since)}
        assert held(platform) == sorted([*lines, *since])
        assert platform.database.read(verify).findings == []
    store.stop()


def exported(folder: Path) -> Path:
    """The journal as `rating-terminal journal export` writes it."""
    config, stick = folder / "terminal.toml", folder / "stick.ndjson"
    config.write_text(f'data_dir = "{folder / "data"}"\n[platform]\nurl = "http://127.0.0.1:9"\n')
    done = command("journal", "export", stick, "--config", config)
    assert done.code == 0, done.err
    return stick


def imported(folder: Path, capsys: pytest.CaptureFixture[str], file: Path, code: int) -> dict[str, object]:
    capsys.readouterr()
    assert cli.main(["import", str(file), "--db", sqlite_url(folder), "--json"]) == code
    summary = json.loads(capsys.readouterr().out)
    return {name: summary[name] for name in ("accepted", "duplicate", "refused")}


def held(platform: RunningPlatform) -> list[bytes]:
    rows = platform.database.read(lambda connection: connection.execute(sa.text("SELECT line FROM entries")).all())
    return sorted(bytes(row[0]) for row in rows)
