"""Looking into a data folder beside a running terminal; issue 2, `journal list|verify|export` and `outbox list`."""

from pathlib import Path

import pytest
from support.store_kit import checkpoint, deliver, enrolment_line, head_of, open_enrolled, rate

from terminal_app.domain.enrolment import EnrolmentRecord
from terminal_app.store.errors import StoreError
from terminal_app.store.opening import DATABASE
from terminal_app.store.reading import Counts, JournalReader


def test_an_observer_sees_what_is_durable_while_the_terminal_runs(tmp_path: Path) -> None:
    store = open_enrolled(tmp_path)
    first = rate(store, "A")
    with JournalReader(store.path) as reader:
        second = rate(store, "B")
        lines = [entry.line for entry in first + second]
        assert list(reader.lines())[1:] == lines
        assert list(reader.lines(last=2)) == lines[-2:]
        assert list(reader.lines(session=first[0].session)) == lines[:3]
        assert reader.enrolment() == EnrolmentRecord.from_line(enrolment_line())
        assert reader.counts() == Counts(7, 7, 0)
        assert [(row.entry_id, row.kind, row.attempts, row.reason) for row in reader.pending(limit=2)][1] == (
            first[0].id,
            "session_opened",
            0,
            None,
        )
        deliver(store)
        assert list(reader.checkpoints()) == [checkpoint(head_of(store))]
        assert reader.counts() == Counts(7, 0, 0)
    store.stop()


def test_an_observer_leaves_nothing_behind_that_looks_like_an_unclean_stop(tmp_path: Path) -> None:
    store = open_enrolled(tmp_path)
    rate(store)
    store.stop()
    with JournalReader(store.path) as reader:
        assert reader.counts().entries == 4
    store = open_enrolled(tmp_path)
    assert not store.unclean
    store.stop()


@pytest.mark.parametrize("content", [None, b"no database at all, " * 300])
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / DATABASE
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError), JournalReader(path) as reader:
        reader.counts()
