"""What to do after each outcome: a pure table from (state, outcome, now, chance) to the next state.

Reads no clock and rolls no dice of its own; all times are monotonic milliseconds. Source: architecture, “Delivery”.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from sync import outcome
from sync.outcome import Nonsense, NotAuthorised, Revoked, ServerTrouble, TimedOut, TooLarge, Trouble, Unreachable
from sync.wire import BATCH_ENTRIES, UNREADABLE_REQUEST
from terminal_app.ports import Link

BACKOFF_FIRST_MS = 1_000
BACKOFF_CAP_MS = 60_000
RETRY_AFTER_CAP_MS = 15 * 60_000
RARELY_MS = (5 * 60_000, 10 * 60_000)
DOCUMENTS_MS = (9 * 60_000, 11 * 60_000)
BATCH_STEP = 25
"""A batch that was halved grows by this many entries with each success, so that a limit is not hit every second time."""
PROMPT_MS = 1_000
"""An answer that takes longer halves the batch: so long at most may a fresh entry wait behind one that was on its way when
somebody came. While somebody is there slices are small anyway (ATTENDED)."""
BATCH_PROMPT = 100
"""Slowness alone makes a batch no smaller than this, and keeps none that is smaller from growing to it: what is left is the
way there and back, which even one entry takes."""

_OVERLOADED = frozenset({429, 502, 503, 504})


class Chance(Protocol):
    """The part of `random.Random` that spreads a thousand windows over time."""

    def uniform(self, a: float, b: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where delivery stands between two requests.

    `batch`: most entries per request. `failures`: troubles in a row; nothing is sent before `resume_ms`. `deferrals`: how
    often in a row entries were put off; those are offered again at `offer_ms` (None: there are none). Documents are looked at
    again at `documents_ms` (None: never), after `document_failures` troubles in a row. `vouched`: the platform has read
    entries since it last could not read one that was alone, so that it is not the platform that cannot read.
    """

    link: Link = Link.STARTING
    detail: str = ""
    batch: int = BATCH_ENTRIES
    failures: int = 0
    resume_ms: int = 0
    deferrals: int = 0
    offer_ms: int | None = None
    document_failures: int = 0
    documents_ms: int | None = 0
    last_success_ms: int | None = None
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A batch that was answered after `took_ms`: how many entries are done with (acknowledged or quarantined) and put off."""

    done: int
    put_off: int
    revoked: bool
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a backlog goes out: at most `entries` per request, and a rest of `pause_s` between two, which a new entry ends."""

    entries: int
    pause_s: float


ATTENDED = Pace(100, 0.5)
"""While somebody is at the window. The backlog waits, the citizen does not: of a batch of 500 the interpreter has more to do
than a picture takes."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next state, and whether the pass goes on at once."""

    state: Delivery
    again: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """How long to rest: until `until_ms` (None: for good), or less where a new entry ends it."""

    until_ms: int | None
    may_be_woken: bool


def after_batch(state: Delivery, batch: Settled, now_ms: int) -> Step:
    """The platform answered: go on for as long as answers get entries done."""
    sent = batch.done + batch.put_off
    grown = min(BATCH_ENTRIES, state.batch + BATCH_STEP)
    state = replace(
        state,
        link=Link.REVOKED if batch.revoked else Link.ONLINE,
        detail="device_revoked" if batch.revoked else "",
        batch=grown if batch.took_ms <= PROMPT_MS else min(grown, max(BATCH_PROMPT, sent // 2)),
        failures=0,
        resume_ms=now_ms,
        last_success_ms=now_ms,
        vouched=state.vouched or batch.done > 0,
    )
    return Step(state, again=batch.done > 0)


def after_trouble(state: Delivery, trouble: Trouble, sent: int, now_ms: int, chance: Chance) -> Step:
    """The batch of `sent` entries was not answered: back off, unless a smaller batch may pass at once."""
    batch = max(1, sent // 2) if _may_be_the_batch(trouble) else state.batch
    if isinstance(trouble, TooLarge) or (_cannot_read(trouble) and (sent > 1 or state.vouched)):
        return Step(replace(state, batch=batch, vouched=state.vouched and sent > 1), again=True)
    wait = _wait_ms(trouble, state.failures, chance)
    link, failures = link_of(trouble), state.failures + 1
    detail = outcome.code(trouble)
    return Step(replace(state, link=link, detail=detail, batch=batch, failures=failures, resume_ms=now_ms + wait), again=False)


def is_refused(state: Delivery, trouble: Trouble, sent: int) -> bool:
    """Whether the platform itself cannot read an entry that was sent alone. Never two without having read others between."""
    return sent == 1 and state.vouched and _cannot_read(trouble)


def is_put_off(trouble: Trouble, sent: int) -> bool:
    """Whether an entry that was sent alone is itself to blame, and has to wait behind the others."""
    return sent == 1 and _may_be_the_batch(trouble)


def after_pass(state: Delivery, put_off: int, now_ms: int, chance: Chance) -> Delivery:
    """Plan when entries that are put off (`put_off` of them) are offered again, if that is not planned already."""
    if not put_off:
        return replace(state, deferrals=0, offer_ms=None)
    if state.offer_ms is not None:
        return state
    return replace(state, deferrals=state.deferrals + 1, offer_ms=now_ms + _backoff_ms(state.deferrals, chance))


def offered_again(state: Delivery) -> Delivery:
    """Entries that were put off take part again from now on."""
    return replace(state, offer_ms=None)


def after_documents(state: Delivery, trouble: Trouble | None, now_ms: int, chance: Chance) -> Delivery:
    """Plan the next look at the documents. Trouble with them never holds up entries."""
    if trouble is None:
        return replace(
            state,
            link=Link.ONLINE,
            detail="",
            document_failures=0,
            documents_ms=now_ms + round(chance.uniform(*DOCUMENTS_MS)),
            last_success_ms=now_ms,
        )
    wait = (
        round(chance.uniform(*DOCUMENTS_MS))
        if isinstance(trouble, Revoked)
        else _wait_ms(trouble, state.document_failures, chance)
    )
    state = replace(state, document_failures=state.document_failures + 1, documents_ms=now_ms + wait)
    if isinstance(trouble, Nonsense) or (isinstance(trouble, ServerTrouble) and trouble.status < 500):
        return state
    return replace(state, link=link_of(trouble), detail=outcome.code(trouble))


def rest(state: Delivery, now_ms: int) -> Rest:
    """How long the sender may sleep. While it backs off, new entries do not wake it: the platform asked for quiet."""
    if state.resume_ms > now_ms:
        return Rest(state.resume_ms, may_be_woken=False)
    plans = [at for at in (state.documents_ms, state.offer_ms) if at is not None]
    return Rest(min(plans, default=None), may_be_woken=True)


def resumed(state: Delivery, kept_wall_ms: int | None, wall_ms: int, now_ms: int) -> Delivery:
    """The state after a restart, with a Retry-After that was kept as wall time.

    A wall clock that was set back must not silence the window: what is left is at most what would ever be honoured.
    """
    if kept_wall_ms is None or kept_wall_ms <= wall_ms:
        return state
    return replace(state, resume_ms=now_ms + min(kept_wall_ms - wall_ms, RETRY_AFTER_CAP_MS))


def link_of(trouble: Trouble) -> Link:
    """How the terminal stands with the platform after this trouble."""
    match trouble:
        case NotAuthorised():
            return Link.UNAUTHORISED
        case Revoked():
            return Link.REVOKED
    return Link.OFFLINE


def _may_be_the_batch(trouble: Trouble) -> bool:
    """Whether a smaller batch might pass: one entry may be what the platform stumbles over, or the line too slow for many."""
    match trouble:
        case TooLarge() | TimedOut() | Nonsense() | Unreachable("connection_lost"):
            return True
        case ServerTrouble(status):
            return status not in _OVERLOADED
    return False


def _cannot_read(trouble: Trouble) -> bool:
    """400 from the platform itself; what stands before it may answer 400 to anything."""
    return isinstance(trouble, ServerTrouble) and (trouble.status, trouble.problem) == (400, UNREADABLE_REQUEST)


def _wait_ms(trouble: Trouble, failures: int, chance: Chance) -> int:
    """401: rarely. Retry-After: at least that, as far as it is sensible, and never all windows at the same moment.

    What the platform asks for is an appointment: to come much later would leave its moment empty. Only who is sent away over
    and over comes later, by the back-off.
    """
    if isinstance(trouble, NotAuthorised):
        return round(chance.uniform(*RARELY_MS))
    backoff = _backoff_ms(failures, chance)
    if isinstance(trouble, ServerTrouble) and trouble.retry_after_s is not None:
        asked = min(max(0, round(trouble.retry_after_s * 1000)), RETRY_AFTER_CAP_MS)
        return max(asked + round(chance.uniform(0, min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS + asked // 4))), backoff)
    return backoff


def _backoff_ms(failures: int, chance: Chance) -> int:
    """Full jitter: anything between nothing and the doubled, capped delay."""
    return round(chance.uniform(0, min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS << min(failures, 16))))
