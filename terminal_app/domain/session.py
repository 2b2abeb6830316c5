"""The words of the window's behaviour: phases, events, effects and the whole state. The behaviour itself is in behaviour.py.

Timers carry (session, phase, arm number) and completions of appends carry the append's number; whatever is not current
is ignored.
"""

from dataclasses import dataclass, field

from terminal_app.domain.journal import Draft
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import Case, CaseTicket, Refusal


@dataclass(frozen=True, slots=True)
class Timing:
    """Time limits, in milliseconds."""

    stars_ms: int = 60_000
    reasons_ms: int = 45_000
    extension_ms: int = 60_000
    thanks_ms: int = 12_000
    notice_ms: int = 4_000
    staff_ms: int = 30_000
    preferences_ms: int = 60_000
    duplicate_scan_ms: int = 2_000


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that is frozen into a session when its ticket is read."""

    policy: RegionPolicy
    catalogue: ReasonCatalogue


@dataclass(frozen=True, slots=True)
class Session:
    """One ticket at the window, from reading to closing. Times are monotonic milliseconds, `day` is the local yyyy-mm-dd.

    `submitted`: the choice `star` is complete, nothing more is asked for it.
    """

    id: str
    ticket: CaseTicket
    covered: tuple[Case, ...]
    on_duty: StaffMember | None
    rules: Rules
    opened_ms: int
    day: str
    star: Level | None = None
    toggled: tuple[str, ...] = ()
    submitted: bool = False
    extended: bool = False


# --- phases ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unenrolled:
    """No device identity yet."""


@dataclass(frozen=True, slots=True)
class Locked:
    """The platform revoked this device; data is kept and goes on being offered."""

    reason: str


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Nobody on duty; tickets are rated all the same."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Somebody is on duty; waits for a ticket."""


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """Asks for a card."""

    arm: int


@dataclass(frozen=True, slots=True)
class AwaitStars:
    """Five stars are on the screen; `session.star` is set while a citizen changes a choice."""

    session: Session
    arm: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class AwaitReasons:
    """A bad star is durable; reasons may be picked."""

    session: Session
    arm: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Recording:
    """An append is on its way to the disk; the screen stands still until it is durable.

    `shown` is the phase whose picture stays; `session` is what it becomes once append number `append` is durable.
    `wrote` names what was written: `opened`, `star`, `toggle`, `reasons`.
    """

    session: Session
    append: int
    wrote: str
    shown: "Idle | LoggedOut | AwaitStars | AwaitReasons"


@dataclass(frozen=True, slots=True)
class Thanks:
    """The rating is durable; it can still be changed."""

    session: Session
    arm: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The window has paused."""


@dataclass(frozen=True, slots=True)
class StaffMenu:
    """The staff menu; `session` is the one that waits below it, never after its first tap."""

    arm: int
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """Something that ratings need is broken: `storage` or `internal`."""

    reason: str


Phase = (
    Unenrolled
    | Locked
    | LoggedOut
    | Idle
    | StaffLogin
    | AwaitStars
    | AwaitReasons
    | Recording
    | Thanks
    | Paused
    | StaffMenu
    | OutOfOrder
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the people at the window, until arm number `arm` fires.

    `what`: already_rated, already_read, unreadable_ticket, not_a_case_number, unknown_card, welcome, show_ticket,
    remembered, paused. `staff` only for welcome.
    """

    what: str
    arm: int
    staff: StaffMember | None = None


# --- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketPresented:
    """A good ticket. `session_id` is fresh; `rated` holds the rating keys of it that were rated here before.

    `person`: what the ticket says of the person served, sealed to the platform.
    """

    ticket: CaseTicket
    source: str
    device: str
    session_id: str
    day: str
    rated: frozenset[str] = frozenset()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class TicketUnreadable:
    """A payload that is no ticket."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class StarTapped:
    """A star was chosen; `source` is touch, keypad or evaluator."""

    level: Level
    source: str = "touch"


@dataclass(frozen=True, slots=True)
class ReasonToggled:
    """A reason was marked or unmarked."""

    code: str


@dataclass(frozen=True, slots=True)
class ReasonsSubmitted:
    """The citizen is done with the reasons."""


@dataclass(frozen=True, slots=True)
class ReasonsSkipped:
    """The citizen gives no reasons."""


@dataclass(frozen=True, slots=True)
class ChangeRequested:
    """“修改”: back to the stars, from reasons or thanks."""


@dataclass(frozen=True, slots=True)
class MoreTimeRequested:
    """“再给我一点时间”, once per session."""


@dataclass(frozen=True, slots=True)
class Finished:
    """“完成”: leave the thanks screen, or the stars again when a change was not made after all."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """Language of the screens until the session ends."""

    language: str


@dataclass(frozen=True, slots=True)
class LargePrintToggled:
    """Large print, or back, until the session ends."""


@dataclass(frozen=True, slots=True)
class ScreenTouched:
    """A touch that chooses nothing."""


@dataclass(frozen=True, slots=True)
class CardLaid:
    """A card on the reader; None: nobody's."""

    member: StaffMember | None


@dataclass(frozen=True, slots=True)
class LoginRequested:
    """Staff asked for the login screen."""


@dataclass(frozen=True, slots=True)
class PauseRequested:
    """Staff: pause."""


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    """Staff: resume."""


@dataclass(frozen=True, slots=True)
class LogoutRequested:
    """Staff: log out."""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Staff: cancel a session before its first tap."""


@dataclass(frozen=True, slots=True)
class MenuClosed:
    """Staff: leave the menu or the login screen."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer: the session and phase name that it was armed for, and its arm number."""

    session: str | None
    phase: str
    arm: int


@dataclass(frozen=True, slots=True)
class AppendDone:
    """Append number `append` is durable."""

    append: int


@dataclass(frozen=True, slots=True)
class AppendFailed:
    """Append number `append` did not become durable."""

    append: int
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The device has identity, pack, catalogue and roster."""

    rules: Rules


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """A new pack or catalogue; takes effect between two sessions."""

    rules: Rules


@dataclass(frozen=True, slots=True)
class Revoked:
    """The platform revoked this device."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reinstated:
    """The platform accepts this device again."""


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """Something that ratings need broke."""

    reason: str


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """It works again; sessions that were open in the journal have been closed by the store."""


Event = (
    TicketPresented
    | TicketUnreadable
    | StarTapped
    | ReasonToggled
    | ReasonsSubmitted
    | ReasonsSkipped
    | ChangeRequested
    | MoreTimeRequested
    | Finished
    | LanguageChosen
    | LargePrintToggled
    | ScreenTouched
    | CardLaid
    | LoginRequested
    | PauseRequested
    | ResumeRequested
    | LogoutRequested
    | CancelRequested
    | MenuClosed
    | TimerFired
    | AppendDone
    | AppendFailed
    | Enrolled
    | RulesChanged
    | Revoked
    | Reinstated
    | FaultRaised
    | FaultCleared
)


# --- effects --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Append:
    """Write a journal entry; answer with AppendDone or AppendFailed carrying `number`."""

    number: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Feed `event` back after `delay_ms`."""

    delay_ms: int
    event: TimerFired


Effect = Append | StartTimer


@dataclass(frozen=True, slots=True)
class Terminal:
    """The whole state of the window.

    `paused_since_ms`: monotonic start of a pause. `remembered`: staff acts, and a ticket, that wait until the session
    allows them, in order. `counter` numbers arms and appends. `recent_scans`: (device, ticket, monotonic ms) of each
    device's last ticket, for “already read”. `language` None: `default_language`; both preferences end with the
    session, or with arm `preferences_arm` when there is none.
    """

    phase: Phase
    rules: Rules | None = None
    timing: Timing = field(default_factory=Timing)
    on_duty: StaffMember | None = None
    paused_since_ms: int | None = None
    remembered: tuple[Event, ...] = ()
    notice: Notice | None = None
    counter: int = 0
    recent_scans: tuple[tuple[str, CaseTicket, int], ...] = ()
    language: str | None = None
    large_print: bool = False
    preferences_arm: int = 0
    default_language: str = "zh-CN"


def rating_key(case: Case, day: str) -> str:
    """What can be rated once at this terminal: (case, visit), or without a visit number the case on this day (yyyy-mm-dd)."""
    return f"{case.number}|v{case.visit}" if case.visit else f"{case.number}|d{day}"
