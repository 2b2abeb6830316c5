"""Entries that the terminal's own key signed and no build writes: kept, delivered as they are, in nobody's way.

Issue 2, bad input: whatever a data folder holds, the terminal starts, and no entry is dropped or changed.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.commands import ran
from support.counter import command
from support.odd_data import json_objects, odd, places, replaced, without
from support.store_kit import IDS, HandClock, accept, entries_in, open_enrolled, open_folder, opened, rate, star

from terminal_app.domain.journal import Draft, Entry, Kind, write_entry
from terminal_app.domain.proof import verify_chain
from terminal_app.store.connection import to_blob
from terminal_app.store.keys import load_key
from terminal_app.store.opening import DATABASE, Store

PAGE = 4096
TICKET = {
    **opened(IDS.uuid7(), "CASE-1", visit="1").data,
    "points": [{"number": "CASE-1", "situation": "in_visits", "once": "per_service"}],
}
OF_A_SESSION: dict[Kind, dict[str, Any]] = {
    Kind.SESSION_OPENED: TICKET,
    Kind.SCOPE_CHOSEN: {"scope": "single", "covered": ["CASE-1"]},
    Kind.STAR_CHOSEN: dict(star(IDS.uuid7()).data),
    Kind.REASON_TOGGLED: {"level": 1, "code": "01", "on": True},
    Kind.REASONS_CHOSEN: {"level": 1, "reasons": [{"code": "01"}]},
}
OF_THE_WINDOW: dict[Kind, dict[str, Any]] = {
    Kind.CHAIN_STARTED: {"app": "0.1.0", "previous": None},
    Kind.STAFF_LOGGED_IN: {"number": "T-7", "post": None},
    Kind.STAFF_LOGGED_OUT: {"number": "T-7"},
    Kind.PAUSED: {},
    Kind.RESUMED: {"length_ms": 1},
}
WRONG: tuple[Any, ...] = (None, True, 7, "text", [], ["text"], [None], {}, {"number": []})


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a terminal that has only begun; to be copied."""
    folder = tmp_path_factory.mktemp("enrolled")
    open_enrolled(folder).stop()
    return folder


@pytest.fixture
def folder(enrolled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(enrolled, tmp_path, dirs_exist_ok=True)


def _write(folder: Path, drafts: Sequence[Draft]) -> list[Entry]:
    """Put entries behind the last one of a folder that nobody has open, signed with its key; all entries then."""
    key, head = load_key(folder), entries_in(folder)[-1].head
    connection = sqlite3.connect(folder / DATABASE)
    for draft in drafts:
        entry = write_entry(draft, IDS.uuid7(), head, HandClock().moment(), key.sign)
        head = entry.head
        session = None if entry.session is None else to_blob(entry.session)
        row = (to_blob(entry.id), to_blob(entry.chain), entry.seq, session, entry.kind, bytes.fromhex(entry.hash), entry.line)
        connection.execute("INSERT INTO entries(id, chain, seq, session, kind, hash, line) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO outbox(n) VALUES (last_insert_rowid())")
    connection.commit()
    connection.close()
    return entries_in(folder)


def _damage(folder: Path) -> None:
    """Overwrite an index, which costs no entry, and have the next start look for damage."""
    connection = sqlite3.connect(folder / DATABASE)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entries_window'").fetchone()
    connection.close()
    content = bytearray((folder / DATABASE).read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    (folder / DATABASE).write_bytes(content)
    (folder / "check-at-next-start").touch()


def _expect_all_kept(store: Store, written: Sequence[Entry]) -> None:
    """Each of these is in the file with its bytes, waits for the platform and verifies; ratings go on."""
    kept = entries_in(store)
    assert kept[: len(written)] == list(written)
    items = store.outbox.pick(500)
    assert [item.line for item in items] == [entry.line for entry in kept]
    store.outbox.settle(accept(items), [])
    assert list(verify_chain(kept, store.key.public)) == []
    rate(store, "NEXT")
    assert store.journal.rated_before(["NEXT|d2026-11-21"])


def _session(kind: Kind, data: dict[str, Any]) -> list[Draft]:
    """A session with these data at one place, with a star at its end."""
    session = IDS.uuid7()
    opening = Draft(Kind.SESSION_OPENED, session, data if kind is Kind.SESSION_OPENED else TICKET)
    middle = [] if kind is Kind.SESSION_OPENED else [Draft(kind, session, data)]
    return [opening, *middle, star(session)]


def _wrong_at_every_level(data: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [path for path in places(data) if path]
    return [without(data, path) for path in inner] + [replaced(data, path, value) for path in inner for value in WRONG]


@pytest.mark.parametrize("kind", OF_A_SESSION)
def test_a_salvage_keeps_every_entry_of_a_session_whatever_it_says(folder: Path, kind: Kind) -> None:
    """Reliability, “Disk discipline”: what can be read of a damaged file moves byte for byte."""
    drafts = [draft for data in _wrong_at_every_level(OF_A_SESSION[kind]) for draft in _session(kind, data)]
    written = _write(folder, drafts)
    _damage(folder)
    store = open_folder(folder)
    assert store.salvaged is not None
    assert (store.salvaged.entries, store.salvaged.missing) == (len(written), 0)
    assert entries_in(store)[: len(written)] == written
    assert store.outbox.pending() == len(entries_in(store))
    store.stop()


def test_a_salvage_of_odd_entries_still_tells_what_was_rated(folder: Path) -> None:
    """Design §5: a case is not rated twice, whatever stands beside its rating; a scope that says nothing changes nothing."""
    whole = IDS.uuid7()
    odd_one = Draft(Kind.SESSION_OPENED, IDS.uuid7(), {"ticket": [], "covered": None})
    opening, chosen = Draft(Kind.SESSION_OPENED, whole, TICKET), Draft(Kind.SCOPE_CHOSEN, whole, {"covered": 7})
    _write(folder, [odd_one, opening, chosen, star(whole)])
    _damage(folder)
    store = open_folder(folder)
    assert store.salvaged is not None
    assert store.journal.rated_before(["CASE-1|v1", "CASE-1|v2"]) == {"CASE-1|v1"}
    store.stop()


@pytest.mark.parametrize("number", [*WRONG, "missing"], ids=repr)
def test_a_login_of_nobody_lets_nobody_be_on_duty(folder: Path, number: object) -> None:
    """Design §4.6: the terminal starts all the same."""
    data = {} if number == "missing" else {"number": number}
    written = _write(folder, [Draft(Kind.STAFF_LOGGED_IN, None, data)])
    store = open_folder(folder)
    assert store.salvaged is None
    assert store.recovered is not None
    assert store.recovered.on_duty == (number if isinstance(number, str) and number != "missing" else None)
    _expect_all_kept(store, written)
    store.stop()


one_session = st.sampled_from([*OF_A_SESSION]).flatmap(
    lambda kind: odd(OF_A_SESSION[kind]).map(lambda data: _session(kind, data))
)
of_the_window = st.sampled_from([*OF_THE_WINDOW]).flatmap(
    lambda kind: odd(OF_THE_WINDOW[kind]).map(lambda data: [Draft(kind, None, data)])
)
of_no_kind = st.tuples(st.text("abc_", min_size=1), json_objects).map(
    lambda one: [Draft(one[0], None, one[1])]  # type: ignore[arg-type]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(one_session | of_the_window | of_no_kind, min_size=1, max_size=8), st.booleans())
def test_whatever_was_signed_the_terminal_starts_and_keeps_it(enrolled: Path, parts: list[list[Draft]], damaged: bool) -> None:
    """The property behind the tables above, with and without a salvage."""
    with tempfile.TemporaryDirectory() as made:
        folder = shutil.copytree(enrolled, Path(made), dirs_exist_ok=True)
        written = _write(folder, [draft for part in parts for draft in part])
        if damaged:
            _damage(folder)
        store = open_folder(folder)
        assert (store.salvaged is not None) is damaged
        _expect_all_kept(store, written)
        store.stop()


@pytest.mark.parametrize("words", [("journal", "list"), ("outbox", "list")], ids=" ".join)
def test_a_kind_of_control_characters_stays_in_its_line(folder: Path, words: tuple[str, ...]) -> None:
    """It neither clears a screen nor looks like another entry."""
    written = _write(folder, [Draft(cast("Kind", "\x1b[2Jnone\r\n\x9b1m"), None, {})])
    config = folder / "terminal.toml"
    config.write_text(f'data_dir = "{folder}"\n[platform]\nurl = "https://p.example"\n', "utf-8")
    told = ran(command(*words, "--config", config)).out
    assert "\\x1b[2Jnone\\x0d\\x0a\\x9b1m" in told
    assert told.count("\n") == len(written) + (words[0] == "outbox") and told.replace("\n", "").isprintable()
