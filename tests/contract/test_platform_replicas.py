"""Two `central-platform serve` on one database share nothing else. Issue 3, Build 7; docs/platform.md."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
import sqlalchemy as sa
from support.platform import PlatformProcess, sqlite_url
from support.postgres import PostgresServer
from support.window import Window

from central_platform import cli, documents
from central_platform.database import Database, open_database
from central_platform.enrolment import WindowDescription, create_claim
from central_platform.identity import load_identity
from central_platform.times import now_ms
from central_platform.verification import verify
from sync import wire
from terminal_app.domain.journal import Entry
from terminal_app.domain.signed import open_document

T = TypeVar("T")
SEEN_S = 2.5
DATABASES = ["sqlite", "postgresql"]


class Replicas:
    """Two processes and, beside them, the database they share."""

    def __init__(self, db_url: str) -> None:
        self.db_url = db_url
        started = at_once(*[lambda: PlatformProcess(db_url)] * 2)
        self.one, self.other = self.both = started
        self.database: Database = open_database(db_url)

    def claim(self) -> str:
        window = WindowDescription("市民中心", "3号窗口", "A03")
        return self.database.write(
            lambda connection: create_claim(connection, load_identity(connection), window, now_ms(), 3_600_000)
        )

    def window(self) -> "list[Window]":
        """One terminal, as each of the two sees it."""
        first = Window(self.one.url).enroll(self.claim())
        second = Window(self.other.url, first.key)
        second.device, second.platform_key = first.device, first.platform_key
        return [first, second]

    def stored(self) -> list[bytes]:
        query = sa.text("SELECT line FROM entries ORDER BY id")
        return [bytes(line) for line in self.database.read(lambda connection: connection.execute(query).scalars().all())]

    def close(self) -> None:
        self.database.close()
        for process in self.both:
            process.kill()


def at_once(*works: Callable[[], T]) -> list[T]:
    """The results of works that begin at the same moment."""
    start = threading.Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


@pytest.fixture(scope="module", params=DATABASES)
def replicas(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Started at the same moment on a database that has nothing, not even tables."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path_factory.mktemp("replicas"))
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url_of(server.create())
    running = Replicas(url)
    try:
        yield running
    finally:
        running.close()


def test_two_that_start_at_once_make_one_platform(replicas: Replicas) -> None:
    """One schema, one identity, one viewer's token, each document published once."""
    tokens = [process.ready["viewer_token"] for process in replicas.both]
    assert sorted(token is None for token in tokens) == [False, True]
    counted = sa.text("SELECT kind, count(*) FROM documents GROUP BY kind ORDER BY kind")
    rows = replicas.database.read(lambda connection: connection.execute(counted).all())
    assert [tuple(row) for row in rows] == [("catalogue", 1), ("policy", 1), ("staff", 1)]
    windows = replicas.window()
    for path in (wire.POLICY, wire.CATALOGUE, wire.STAFF):
        assert windows[0].get(path).content == windows[1].get(path).content


def test_a_terminal_may_ask_either_each_time(replicas: Replicas) -> None:
    """What one has taken in is a duplicate at the other; heads and ratings go on from where the other was."""
    windows = replicas.window()
    chain = windows[0].chain()
    turns = itertools.cycle(windows)
    for n in range(1, 9):
        session = chain.session(n % 5 + 1, case=f"2026TB{n:06d}")
        for entry in session:
            assert next(turns).statuses([entry]) == ["accepted"]
        answer = next(turns).send(session)
        assert [one["status"] for one in answer["results"]] == ["duplicate"] * 3
        assert open_document(answer["checkpoints"][0].encode(), windows[0].platform_key)["seq"] == 3 * n


def test_one_batch_at_both_at_once_is_stored_once(replicas: Replicas) -> None:
    """architecture §4.6: exactly one copy and no error, whichever process is asked."""
    windows = replicas.window()
    chain = windows[0].chain()
    for n in range(10):
        batch = [entry for m in range(5) for entry in chain.session(2, case=f"2026TC{n:03d}{m:03d}")]
        answers = at_once(*[lambda window=window, batch=batch: window.statuses(batch) for window in windows])
        assert sorted(map(tuple, answers)) == [("accepted",) * 15, ("duplicate",) * 15]
    assert_whole(replicas)


def test_different_batches_of_one_chain_at_both_at_once_make_one_head(replicas: Replicas) -> None:
    windows = replicas.window()
    chain = windows[0].chain()
    for n in range(10):
        session = chain.session(1, 5, 3, case=f"2026TD{n:06d}")
        halves = (session[1::2], session[::2])
        answers = at_once(
            *[lambda window=window, half=half: window.statuses(half) for window, half in zip(windows, halves, strict=True)]
        )
        assert {status for answer in answers for status in answer} == {"accepted"}
    answer = windows[0].send(session)
    assert open_document(answer["checkpoints"][0].encode(), windows[0].platform_key)["seq"] == 50
    assert_whole(replicas)


def test_many_windows_at_both_at_once(replicas: Replicas) -> None:
    """Windows that rate the same cases at once agree who was first, across processes, without an error."""
    fleet = [replicas.window() for _ in range(4)]
    journals = [
        [entry for n in range(6) for entry in window.chain().session(n % 5 + 1, case=f"2026TE{n:06d}")] for window, _ in fleet
    ]

    def deliver(pair: list[Window], journal: list[Entry]) -> set[str]:
        parts = [journal[at : at + 5] for at in range(0, len(journal), 5)]
        return {status for turn, part in enumerate(parts) for status in pair[turn % 2].statuses(part)}

    answers = at_once(
        *[lambda pair=pair, journal=journal: deliver(pair, journal) for pair, journal in zip(fleet, journals, strict=True)]
    )
    assert answers == [{"accepted"}] * 4
    assert_whole(replicas)
    marked = [item["marks"] for item in ratings_of(replicas) if item["cases"][0].startswith("2026TE")]
    assert (marked.count([]), marked.count(["already_rated"])) == (6, 18)


def ratings_of(replicas: Replicas) -> list[dict[str, Any]]:
    query = sa.text("SELECT document FROM ratings")
    return [json.loads(text) for text in replicas.database.read(lambda connection: connection.execute(query).scalars().all())]


def assert_whole(replicas: Replicas) -> None:
    assert replicas.database.read(verify).findings == []


def test_a_claim_at_both_at_once_admits_one_terminal(replicas: Replicas) -> None:
    """wire, enrolments: the same claim with the same key gives the same answer; with another key 409 `claim-used`."""
    for _ in range(5):
        claim = replicas.claim()
        same = Window(replicas.one.url)
        pair = [same, Window(replicas.other.url, same.key)]
        answers = at_once(*[lambda window=window, claim=claim: window.ask_enrolment(claim) for window in pair])
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content
        rivals = [Window(process.url) for process in replicas.both]
        claim = replicas.claim()
        answers = at_once(*[lambda window=window, claim=claim: window.ask_enrolment(claim) for window in rivals])
        assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_two_claims_with_one_key_at_both_at_once_admit_it_once(replicas: Replicas) -> None:
    """wire, enrolments: a key that is enrolled already is 409 `key-enrolled`, and its claim stays unused."""
    for _ in range(5):
        claims = [replicas.claim(), replicas.claim()]
        first = Window(replicas.one.url)
        pair = zip((first, Window(replicas.other.url, first.key)), claims, strict=True)
        answers = at_once(*[lambda window=window, claim=claim: window.ask_enrolment(claim) for window, claim in pair])
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        unused = claims[[answer.status_code for answer in answers].index(409)]
        assert Window(replicas.one.url).ask_enrolment(unused).status_code == 200


def test_the_live_page_of_one_shows_what_arrived_at_the_other(replicas: Replicas) -> None:
    """issue 3: within a second or two."""
    windows = replicas.window()
    token = next(process.ready["viewer_token"] for process in replicas.both if process.ready["viewer_token"])
    headers = {"Authorization": f"Bearer {token}"}
    with requests.get(replicas.one.url + "/live?after=0", headers=headers, stream=True, timeout=10) as stream:
        events = stream.iter_lines(chunk_size=1)
        for n in range(3):
            session = windows[1].chain().session(4, case=f"2026TF{n:06d}")
            windows[1].send(session)
            sent = time.monotonic()
            wanted = f'"session":"{session[0].session}"'.encode()
            assert next(line for line in events if wanted in line)
            assert time.monotonic() - sent < SEEN_S


def test_a_revocation_holds_at_both_at_once(replicas: Replicas, capsys: pytest.CaptureFixture[str]) -> None:
    windows = replicas.window()
    chain = windows[0].chain()
    for verb, status, standing in (("revoke", 403, "revoked"), ("reinstate", 200, "active")):
        assert cli.main(["device", verb, windows[0].device, "--db", replicas.db_url]) == 0
        assert [window.get(wire.POLICY).status_code for window in windows] == [status] * 2
        answers = [window.send([chain.write("paused", {})]) for window in windows]
        assert [answer["device"] for answer in answers] == [standing] * 2
        assert [one["marks"] for answer in answers for one in answer["results"]] == [["revoked_device"] * (status == 403)] * 2
    capsys.readouterr()


def test_a_catalogue_that_one_publishes_holds_at_the_other(replicas: Replicas) -> None:
    """A replica of a newer build may put other reasons in force while the older one runs."""
    windows = replicas.window()
    chain = windows[0].chain()

    def marks_of(code: str) -> list[list[str]]:
        data = {"level": 1, "reasons": [{"code": code, "text": "x"}], "skipped": False}
        sent = [window.send([chain.write("reasons_chosen", data)]) for window in windows]
        return [answer["results"][0]["marks"] for answer in sent]

    assert marks_of("R-999") == [["unknown_reason"]] * 2

    def publish(connection: sa.Connection) -> None:
        held = documents.current(connection, documents.CATALOGUE)
        assert held is not None
        catalogue = documents.read_document(held.line)
        reasons = [*catalogue["reasons"], {"code": "R-999", "level": 1, "core": False, "texts": {"zh-CN": "x", "en": "x"}}]
        documents.publish(connection, load_identity(connection), {**catalogue, "version": "2", "reasons": reasons})

    replicas.database.write(publish)
    assert marks_of("R-999") == [[], []]


def test_an_import_beside_both(replicas: Replicas, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A journal that is being imported holds nobody up, and what is uploaded meanwhile is stored once."""
    windows = replicas.window()
    chain = windows[0].chain()
    journal = [entry for n in range(700) for entry in chain.session(3, case=f"2026TG{n:06d}")]
    file = tmp_path / "journal.ndjson"
    file.write_bytes(b"".join(entry.line + b"\n" for entry in journal))
    parts = [journal[at : at + 25] for at in range(0, len(journal), 25)]

    def upload(turn: int) -> set[str]:
        return {status for part in parts[turn::2] for status in windows[turn].statuses(part)}

    codes = at_once(lambda: cli.main(["import", str(file), "--db", replicas.db_url]), lambda: upload(0), lambda: upload(1))
    assert codes[0] == 0
    assert codes[1] | codes[2] <= {"accepted", "duplicate"}
    stored = set(replicas.stored())
    assert stored >= {entry.line for entry in journal}
    assert_whole(replicas)
    capsys.readouterr()
