"""Entries that an enrolled key signed and no terminal writes: stored as they are, and in the way of no page and no command.

Issue 3: an objection to an entry is a mark, never a refusal. Issue 2: bad input ends in no trace of the program.
"""

import asyncio
import base64
import random
import string
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.odd_data import json_objects, odd, places, replaced, without
from support.platform import sqlite_url
from support.postgres import PostgresServer
from support.window import Chain, opened, uuid7

from central_platform import cli, viewer
from central_platform.app import create_app
from central_platform.database import open_database
from central_platform.deliveries import Deliveries
from central_platform.enrolment import WindowDescription, create_claim, enroll
from central_platform.identity import load_identity
from central_platform.month import Month
from central_platform.receipts import carried_receipt
from central_platform.rules.running import run_once
from central_platform.service import Platform
from central_platform.times import now_ms
from central_platform.verification import verify
from sync.wire import BATCH_ENTRIES, Status
from terminal_app.domain import suite
from terminal_app.domain.journal import Entry, Kind
from terminal_app.domain.receipt import receipt_text, short_code
from terminal_app.domain.signed import DEEPEST, open_document
from terminal_app.domain.words_pass import make_pass

CASE = "2026TA000001"
OPENED = {
    **opened(CASE, visit="1"),
    "points": [{"number": CASE, "situation": "in_visits", "once": "per_service"}],
    "follow_up": False,
}
DATA: dict[str, dict[str, Any]] = {
    Kind.CHAIN_STARTED: {"app": "0.1.0", "previous": {"chain": "0" * 32, "seq": 7, "hash": "0" * 64}},
    Kind.STAFF_LOGGED_IN: {"number": "T-7", "post": None},
    Kind.SESSION_OPENED: {**OPENED, "person": "A" * 86, "receipt": receipt_text(b"t" * 16)},
    Kind.SCOPE_CHOSEN: {"scope": "single", "covered": [CASE]},
    Kind.STAR_CHOSEN: {"level": 1, "offset_ms": 1_500, "source": "touch"},
    Kind.REASON_TOGGLED: {"level": 1, "code": "01", "on": True},
    Kind.REASONS_CHOSEN: {"level": 1, "reasons": [{"code": "01"}]},
    Kind.SESSION_CLOSED: {"outcome": "rated", "submitted": True},
}
LONG = "".join(random.Random(1).choices(string.ascii_uppercase, k=9_000))
WRONG: tuple[Any, ...] = (
    *(None, True, 2**53 - 1, "\x00", "9" * 30, LONG, "per_case"),
    *([], ["\x00"], [LONG], {"number": []}),
)
WALLS = (
    *("0001-01-01T00:00:00.000+14:00", "9999-12-31T23:59:59.999-12:00", "2026-W47-7T10:11:12.000+08:00"),
    *("20261122T101112.000+08:00", "2026-11-22 10:11:12Z", "2026-11-22T10:11:12.000001+23:59"),
)
PERSON_TAG = b"rating-terminal/1 person\n"
SESSIONS = ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")
INVENTED = {"altered_rating", "missing_rating", "invented_rating", "altered_keys", "missing_receipt", "invented_receipt"}


@dataclass
class Place:
    """A platform without a server, and one device that is enrolled at it."""

    url: str
    chain: Chain
    folder: Path

    def __post_init__(self) -> None:
        self.database = open_database(self.url)
        self.platform = Platform(self.database, "taian")
        self.identity = self.database.write(load_identity)
        self.viewer = self.database.write(lambda connection: viewer.create_token(connection, replace=True)) or ""

    def send(self, entries: Sequence[Entry]) -> None:
        """All are taken as they are."""
        deliveries = Deliveries(self.database, self.identity)
        for start in range(0, len(entries), BATCH_ENTRIES):
            lines = [entry.line for entry in entries[start : start + BATCH_ENTRIES]]
            results = deliveries.receive(self.chain.key.public_key().public_bytes_raw(), lines).results
            assert {one.status for one in results} == {Status.ACCEPTED}

    def ask_everything(self, entries: Sequence[Entry]) -> None:
        """Every page and every command that reads entries, or what follows from them."""
        run_once(self.database)
        assert asyncio.run(self._answers(_addresses(entries, self.chain))) == []
        report = self.database.read(lambda connection: verify(connection, every_signature=True))
        assert not INVENTED & {one.what for one in report.findings}
        session = next((entry.session for entry in entries if entry.session), SESSIONS[0])
        exported = self.folder / "journal.ndjson"
        exported.write_bytes(b"".join(entry.line + b"\n" for entry in entries))
        month = Month.at(now_ms()).name
        for words in (
            *(("device", "list"), ("verify",), ("defaults", "run"), ("import", str(exported)), ("person", "open", session)),
            *(("report", "monthly"), ("what-if", "--from", "zhejiang,taian", "--month", month)),
            ("finding", "record", session, "--kind", "mistaken", "--confirmed-by", "局"),
            ("defaults", "run", "--dry-run"),
        ):
            assert cli.main([*words, "--db", self.url]) in (0, 1), words

    async def _answers(self, addresses: Sequence[str]) -> list[tuple[str, int]]:
        """Those that failed."""
        app = create_app(self.platform)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {self.viewer}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://platform", headers=headers) as asking:
            answers = [(address, (await asking.get(address)).status_code) for address in addresses]
            code = {"number": "A03", "code": short_code(b"t" * 32)}
            answers.append(("POST /r", (await asking.post("/r", data=code)).status_code))
        return [(address, status) for address, status in answers if status >= 500 or (status != 200 and "/v1/" in address)]


def _addresses(entries: Sequence[Entry], chain: Chain) -> list[str]:
    receipts = [entry for entry in entries if carried_receipt(entry.line)][:3]
    stars = [entry for entry in entries if entry.kind == Kind.STAR_CHOSEN][:1]
    session = next((entry.session for entry in entries if entry.session), SESSIONS[0])
    words = make_pass(chain.head.device, session, lambda said: suite.sign(chain.key, said))
    return [
        *("/v1/ratings?limit=500", "/v1/alarms", "/v1/attached", "/v1/words", "/metrics", "/report/monthly", "/report"),
        *("/v1/standings?limit=500", "/v1/ratings/defaults", "/v1/ratings/others", "/v1/duties?limit=500"),
        *(f"/r/{entry.data['receipt']}.{star.hash[:16]}" for entry in receipts for star in stars),
        f"/a/{words}",
    ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def make_place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[str, Path], str]
) -> Callable[[Path], Place]:
    """Makes a platform of its own in a folder, as a copy of one that knows its region and its device."""
    kind, key = request.param, Ed25519PrivateKey.generate()
    template = tmp_path_factory.mktemp("template")
    url = fresh_database(kind, template)
    database = open_database(url)
    Platform(database, "taian")

    def work(connection: Any) -> bytes:
        identity = load_identity(connection)
        claim = create_claim(connection, identity, WindowDescription("大厅", "3号窗口", "A03"), now_ms(), 60_000)
        return enroll(connection, identity, "taian", claim, key.public_key().public_bytes_raw(), now_ms())

    record = database.write(work)
    device = open_document(record, database.write(load_identity).public_key)["device"]
    database.close()

    def make(folder: Path) -> Place:
        if kind == "sqlite":
            (folder / "platform.sqlite").write_bytes((template / "platform.sqlite").read_bytes())
            return Place(sqlite_url(folder), Chain(device, key), folder)
        server: PostgresServer = request.getfixturevalue("postgres")
        return Place(
            server.url_of(server.create(template=url.partition("@/")[2].partition("?")[0])), Chain(device, key), folder
        )

    return make


@pytest.fixture
def place(make_place: Callable[[Path], Place], tmp_path: Path) -> Iterator[Place]:
    made = make_place(tmp_path)
    yield made
    made.database.close()


def _session(chain: Chain, kind: str, data: dict[str, Any], at: str | None = None, session: str | None = None) -> list[Entry]:
    """A bad rating with these data at one place."""
    session = session or uuid7()
    whole = {Kind.SESSION_OPENED: OPENED, Kind.STAR_CHOSEN: DATA[Kind.STAR_CHOSEN], kind: data}
    return [chain.write(one, said, session, at=at) for one, said in whole.items()]


def _chain_beside(chain: Chain) -> Chain:
    """Another chain of the same device."""
    return Chain(chain.head.device, chain.key)


def _wrong_at_every_level(data: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [path for path in places(data) if path]
    return [without(data, path) for path in inner] + [replaced(data, path, value) for path in inner for value in WRONG]


def _of_kind(chain: Chain, kind: str, data: dict[str, Any]) -> list[Entry]:
    """What starts a chain is the first of its own."""
    return [_chain_beside(chain).write(kind, data)] if kind == Kind.CHAIN_STARTED else _session(chain, kind, data)


@pytest.mark.parametrize("kinds", [[Kind.SESSION_OPENED], [kind for kind in DATA if kind != Kind.SESSION_OPENED]], ids=len)
def test_data_that_is_wrong_at_any_level_is_stored_and_in_nobodys_way(place: Place, kinds: list[str]) -> None:
    wrong = [(kind, data) for kind in kinds for data in _wrong_at_every_level(DATA[kind])]
    entries = [entry for kind, data in wrong for entry in _of_kind(place.chain, kind, data)]
    place.send(entries)
    place.ask_everything(entries)


def test_times_and_sessions_that_no_clock_gives_are_in_nobodys_way(place: Place) -> None:
    """A default, a duty and a month are reckoned from times; the beginning and the end of the calendar are no such times."""
    star = DATA[Kind.STAR_CHOSEN]
    entries = [entry for at in WALLS for entry in _session(place.chain, Kind.STAR_CHOSEN, star, at)]
    entries += [
        entry for session in SESSIONS for at in WALLS for entry in _session(place.chain, Kind.STAR_CHOSEN, star, at, session)
    ]
    place.send(entries)
    place.ask_everything(entries)


def test_what_was_sealed_and_is_no_person_is_told_as_such(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Anybody can seal anything to the platform's key; opening it names what is wrong."""
    sealed = {}
    for content in (b"[]", b"7", b"{", b'{"name":7}', b"\xff"):
        session = uuid7()
        raw = suite.seal(place.identity.sealing_public_key, content, PERSON_TAG + session.encode())
        sealed[session] = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    place.send([place.chain.write(Kind.SESSION_OPENED, OPENED | {"person": text}, session) for session, text in sealed.items()])
    for session in sealed:
        assert cli.main(["person", "open", session, "--db", place.url]) == 1
        assert "not sealed" in capsys.readouterr().err


def test_data_that_nests_too_deep_is_unreadable_and_less_deep_is_read_everywhere(place: Place) -> None:
    """docs/wire.md, “Signed lines”: whether a line is taken depends on its bytes alone."""
    data: Any = {}
    for _ in range(DEEPEST - 2):
        data = {"receipt": [], "previous": data}
    entries = _session(place.chain, Kind.SESSION_OPENED, data)
    place.send(entries)
    place.ask_everything(entries)


odd_sessions = st.sampled_from([*DATA]).flatmap(lambda kind: st.tuples(st.just(kind), odd(DATA[kind])))
odd_kinds = st.tuples(st.text("abc_", min_size=1), json_objects)


@pytest.mark.parametrize("make_place", ["sqlite"], indirect=True)
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(
        st.tuples(odd_sessions | odd_kinds, st.none() | st.sampled_from(WALLS), st.none() | st.sampled_from(SESSIONS)),
        min_size=5,
        max_size=20,
    )
)
def test_whatever_was_signed_every_page_and_every_command_answers(
    make_place: Callable[[Path], Place], parts: list[tuple[tuple[str, dict[str, Any]], str | None, str | None]]
) -> None:
    """The property behind the tables above."""
    with tempfile.TemporaryDirectory() as folder:
        place = make_place(Path(folder))
        entries = [entry for (kind, data), at, session in parts for entry in _session(place.chain, kind, data, at, session)]
        place.send(entries)
        place.ask_everything(entries)
        place.database.close()
