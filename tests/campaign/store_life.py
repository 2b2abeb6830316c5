"""`python -m campaign.store_life FOLDER MARKS SESSIONS`: a store's whole life on its own threads, told mark by mark.

Made, enrolled, rated at, delivered, counter-signed, pruned, stopped and started again. Each mark is one JSON line, written
after what it says was promised: `line` (an entry is durable), `held` (the platform has these entries), `enrolled`,
`pruned` (through which place of its chain entries may go). Knows nothing of who records it.
"""

import json
import os
import sys
from pathlib import Path

from support.store_kit import (
    IDS,
    MORNING,
    MainThread,
    accept,
    checkpoint,
    closed,
    enrolment_line,
    entries_in,
    head_of,
    open_folder,
    opened,
    star,
)

from terminal_app.application.documents import ENROLMENT
from terminal_app.domain.journal import Draft, Entry
from terminal_app.ports import StoreFailure

LONG_AGO = "2026-01-05T09:00:00.000+08:00"


class Life:
    """One store from its start to its stop, and what is told of it."""

    def __init__(self, folder: Path, marks: int) -> None:
        self._marks = marks
        self._main = MainThread()
        self._store = open_folder(folder)
        if self._store.enrolment is None:
            self._store.documents.put(ENROLMENT, "", enrolment_line())
            self._store.begin()
        self._tell("enrolled", True)
        for entry in entries_in(self._store):
            self._tell_durable(entry)
        self._store.start(self._main.post, lambda kind: None, _crash)

    def rate(self, case: str) -> str:
        """A citizen's stars, who changes their mind; the session, which is still open."""
        session = IDS.uuid7()
        for draft in (opened(session, case, visit="1"), star(session, 1), star(session, 4)):
            self.append(draft)
        return session

    def append(self, draft: Draft) -> None:
        self._store.executor.append(draft, self._tell_durable)
        self._main.run(1)

    def deliver(self, at: str) -> None:
        """The platform takes all that waits, and its answer is recorded after that; it counter-signs, and the log is tidied."""
        while items := self._store.outbox.pick(20):
            self._tell("held", [item.entry_id for item in items])
            self._store.outbox.settle(accept(items), [])
        head = head_of(self._store)
        self._store.outbox.settle([], [checkpoint(head, at)])
        if at == LONG_AGO:
            self._tell("pruned", head.seq)
        self._store.executor.call(self._store._tidy)

    def end(self) -> None:
        self._store.prune()
        assert self._store.stop(), "the store did not stop"

    def _tell_durable(self, entry: Entry | StoreFailure) -> None:
        assert isinstance(entry, Entry), entry
        self._tell("line", entry.line.decode())

    def _tell(self, what: str, value: object) -> None:
        os.write(self._marks, json.dumps({what: value}).encode() + b"\n")


def _crash(error: Exception) -> None:
    raise error


def live(folder: Path, marks: int, sessions: int) -> None:
    """Three shifts; each leaves its last session open. What the first two delivered is old enough to be pruned in the third."""
    for shift, at in enumerate((LONG_AGO, LONG_AGO, MORNING)):
        life = Life(folder, marks)
        for number in range(sessions):
            life.append(closed(life.rate(f"CASE-{shift}-{number}")))
            if number == sessions // 2:
                life.deliver(at)
        life.rate(f"CASE-{shift}-open")
        life.end()


if __name__ == "__main__":
    live(Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), int(sys.argv[3]))
