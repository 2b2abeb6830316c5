"""Bugs planted into the product, each as a replacement of one named function: the simulation has to find every one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from central_platform import intake, session_fold
from sync import answers, wire, worker
from sync.outcome import ServerTrouble, TimedOut
from terminal_app.domain import behaviour, journal
from terminal_app.domain import session as s
from terminal_app.domain.rating import Level
from terminal_app.ports import Verdict
from terminal_app.store import checkpoints, journal_store
from terminal_app.store import lock as folder_lock


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug: what `owner.name` does instead. `build` gets the original and returns the replacement.

    `theme`: the kind of run that can find it.
    """

    title: str
    owner: Any
    name: Any
    build: Callable[[Any], Any]
    theme: str = "plain"

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While the block runs, the product has the bug."""
        if isinstance(self.owner, dict):
            with mock.patch.dict(self.owner, {self.name: self.build(self.owner[self.name])}):
                yield
        else:
            with mock.patch.object(self.owner, self.name, self.build(getattr(self.owner, self.name))):
                yield


def _ack_before_commit(original):
    def write(self, entry, kind, rated):
        """Is content before the entry is written; it is written together with the next one."""
        waiting = self.__dict__.setdefault("waiting", [])
        waiting.append((entry, kind, rated))
        while len(waiting) > 1:
            original(self, *waiting.pop(0))

    return write


def _suffer_with(status: str, concerned: Callable[[Any], bool]):
    def build(original):
        def suffer(self, items, trouble, tally):
            if concerned(trouble):
                self._outbox.settle([Verdict(item.number, status) for item in items], ())
            return original(self, items, trouble, tally)

        return suffer

    return build


def _rebuilt(_original):
    def payload(lines):
        rows = [json.loads(line) for line in lines]
        return json.dumps({"entries": rows}, ensure_ascii=False).encode()

    return payload


def _any_timer(original):
    def phase_timer(self, event):
        phase = self.state.phase
        if type(phase).__name__ == event.phase and (session := behaviour.current_session(phase)):
            event = s.TimerFired(session.id, event.phase, phase.arm)
        original(self, event)

    return phase_timer


def _best_star(original):
    def star_tapped(self, event):
        session = behaviour.current_session(self.state.phase)
        if session is not None and session.star is not None:
            event = s.StarTapped(Level(max(event.level, session.star)), event.source)
        original(self, event)

    return star_tapped


def _old_reasons(original):
    def record(self, kind, session, data, wrote):
        before = behaviour.current_session(self.state.phase)
        if wrote == "star" and before is not None:
            session = behaviour.replace(session, toggled=before.toggled)
        original(self, kind, session, data, wrote)

    return record


def _all_done(original):
    def verdicts(items, results):
        """Takes a batch for done when the platform answered at all."""
        found = original(items, results)
        return [verdict if verdict.status == "refused" else Verdict(verdict.number, "accepted") for verdict in found]

    return verdicts


def _by_arrival(_original):
    return lambda rows: sorted(rows, key=lambda row: (row.received_at, row.hash))


def _repeats_refused(original):
    def judge(verdict, one, known, rated_before):
        original(verdict, one, known, rated_before)
        if known.brought_by is not one:
            verdict.status, verdict.code = "refused", "id_taken"

    return judge


def _rewritten_time(original):
    def write_entry(draft, entry_id, head, moment, sign):
        """Starts the chain over at each boot."""
        return original(draft, entry_id, head if moment.mono_ms > 60_000 else journal.Head(*_start_of(head)), moment, sign)

    return write_entry


def _start_of(head: journal.Head) -> tuple[str, str, int, str]:
    return head.device, head.chain, head.seq, journal.GENESIS


def _is_4xx(trouble: Any) -> bool:
    return isinstance(trouble, ServerTrouble) and 400 <= trouble.status < 500


def _is_timeout(trouble: Any) -> bool:
    return isinstance(trouble, TimedOut)


MUTANTS = (
    Mutant("acknowledged before commit", journal_store.JournalStore, "_write", _ack_before_commit),
    Mutant("dropped on 4xx", worker.SyncWorker, "_suffer", _suffer_with("refused", _is_4xx), "storm"),
    Mutant("a timeout taken for an answer", worker.SyncWorker, "_suffer", _suffer_with("accepted", _is_timeout), "storm"),
    Mutant("body rebuilt before sending", wire, "entries_payload", _rebuilt),
    Mutant("late timer acts", behaviour._Turn, "_phase_timer", _any_timer),
    Mutant("upward change kept, downward lost", behaviour._HANDLERS, s.StarTapped, _best_star),
    Mutant("reasons of the old level kept", behaviour._Turn, "record", _old_reasons),
    Mutant("open sessions left open at start", journal_store, "_OPEN_SESSIONS", lambda sql: sql + " LIMIT 0"),
    Mutant("restored platform not noticed", checkpoints, "platform_lost_entries", lambda _: lambda *__: False, "backup"),
    Mutant("retry_later taken for accepted", answers, "verdicts", _all_done, "storm"),
    Mutant("folded in the order of arrival", session_fold, "_in_chain_order", _by_arrival),
    Mutant("repeated delivery refused", intake, "_judge", _repeats_refused, "storm"),
    Mutant("forks not marked", intake, "_mark_forks", lambda _: lambda *__: set(), "image"),
    Mutant("chain not linked after a boot", journal_store, "write_entry", _rewritten_time),
    Mutant("folder not locked", folder_lock.fcntl, "flock", lambda _: lambda *__: None),
)
