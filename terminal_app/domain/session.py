"""The words of the window's behaviour: phases, events, effects and the whole state. The behaviour itself is in behaviour.py.

Timers carry (session, phase, arm number) and completions of appends carry the append's number; whatever is not current
is ignored.
"""

from dataclasses import field

from terminal_app.domain import administration as a
from terminal_app.domain.closed import Locked as Locked
from terminal_app.domain.closed import OutOfOrder as OutOfOrder
from terminal_app.domain.frozen import Word, frozen
from terminal_app.domain.journal import Draft
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rateable import Offer, Scope
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import Case, CaseTicket, Refusal


@frozen
class Timing:
    """Time limits, in milliseconds."""

    stars_ms: int = 60_000
    reasons_ms: int = 45_000
    extension_ms: int = 60_000
    thanks_ms: int = 12_000
    notice_ms: int = 4_000
    staff_ms: int = 30_000
    administration_ms: int = 120_000
    invite_ms: int = 300_000
    preferences_ms: int = 60_000
    duplicate_scan_ms: int = 2_000
    durable_ms: int = 15_000


@frozen
class Rules:
    """Everything that is frozen into a session when its ticket is read."""

    policy: RegionPolicy
    catalogue: ReasonCatalogue


@frozen
class Session:
    """One ticket at the window, from reading to closing. Times are monotonic milliseconds, `day` is the local yyyy-mm-dd.

    `covered`: what a star would rate, of what the ticket has on `offer`; `scope` None: nothing was chosen, or had to be.
    `submitted`: the choice `star` is complete, nothing more is asked for it. `token`: the citizen's receipt, which lives
    here alone; `words_pass`: lets a telephone add words to this session, likewise; `star_hash`: hash of the last durable
    star (64 hex digits).
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
    token: bytes | None = field(default=None, repr=False)
    words_pass: str | None = field(default=None, repr=False)
    star_hash: str | None = None
    offer: Offer = field(default_factory=Offer)
    scope: Scope | None = None


# --- phases ---------------------------------------------------------------------------------------------------------


class Unenrolled(Word):
    """No device identity yet."""

    __slots__ = ()


class LoggedOut(Word):
    """Nobody on duty; tickets are rated all the same."""

    __slots__ = ()


class Idle(Word):
    """Somebody is on duty; waits for a ticket."""

    __slots__ = ()


@frozen
class StaffLogin:
    """Asks for a card."""

    arm: int


@frozen
class AwaitScope:
    """A ticket of several cases: rated together or one alone? `listing`: which one, is asked."""

    session: Session
    arm: int
    until_ms: int
    listing: bool


@frozen
class AwaitStars:
    """Five stars are on the screen; `session.star` is set while a citizen changes a choice."""

    session: Session
    arm: int
    until_ms: int


@frozen
class AwaitReasons:
    """A bad star is durable; reasons may be picked."""

    session: Session
    arm: int
    until_ms: int


@frozen
class Recording:
    """An append is on its way to the disk; the screen stands still until it is durable.

    `shown` is the phase whose picture stays; `session` is what it becomes once append number `append` is durable.
    `wrote` names what was written: `opened`, `scope`, `star`, `toggle`, `reasons`.
    """

    session: Session
    append: int
    wrote: str
    shown: "Idle | LoggedOut | AwaitScope | AwaitStars | AwaitReasons"

    @property
    def arm(self) -> int:
        """The timer of a disk that does not answer goes by the append that waits for it."""
        return self.append


@frozen
class Thanks:
    """The rating is durable; it can still be changed."""

    session: Session
    arm: int
    until_ms: int


class Paused(Word):
    """The window has paused."""

    __slots__ = ()


@frozen
class StaffMenu:
    """The staff menu; `session` is the one that waits below it, never after its first tap."""

    arm: int
    session: Session | None = None


Phase = (
    Unenrolled
    | Locked
    | LoggedOut
    | Idle
    | StaffLogin
    | AwaitScope
    | AwaitStars
    | AwaitReasons
    | Recording
    | Thanks
    | Paused
    | StaffMenu
    | a.EnterPin
    | a.Administration
    | OutOfOrder
)


@frozen
class Notice:
    """One sentence for the people at the window, until arm number `arm` fires.

    `what`: already_rated, not_yet_ratable, no_follow_up, already_read, unreadable_ticket, not_a_case_number, unknown_card,
    welcome, show_ticket, remembered, after_rating, paused. `staff` only for welcome.
    """

    what: str
    arm: int
    staff: StaffMember | None = None


# --- events ---------------------------------------------------------------------------------------------------------


@frozen
class TicketPresented:
    """A good ticket. `session_id` is fresh; `rated` holds the rating keys of it that were rated here before.

    `person`: what the ticket says of the person served, sealed to the platform. `token`: 128 random bits for a receipt.
    `words_pass`: a pass for this session, made by this device.
    """

    ticket: CaseTicket
    source: str
    device: str
    session_id: str
    day: str
    rated: frozenset[str] = frozenset()
    person: str | None = None
    token: bytes | None = field(default=None, repr=False)
    words_pass: str | None = field(default=None, repr=False)


@frozen
class TicketUnreadable:
    """A payload that is no ticket."""

    reason: Refusal


class OverallChosen(Word):
    """“整体评价”: the rating is about all cases that may be rated."""

    __slots__ = ()


class SinglesRequested(Word):
    """“单项评价”: asks which case."""

    __slots__ = ()


@frozen
class SingleChosen:
    """The rating is about this case (its number) alone."""

    number: str


class ScopeReopened(Word):
    """“重新选择”: back to how to rate, before the first star."""

    __slots__ = ()


@frozen
class StarTapped:
    """A star was chosen; `source` is touch, keypad or evaluator. `keys`: how many levels an evaluator has keys for."""

    level: Level
    source: str = "touch"
    keys: int | None = None


@frozen
class ReasonToggled:
    """A reason was marked or unmarked."""

    code: str


class ReasonsSubmitted(Word):
    """The citizen is done with the reasons."""

    __slots__ = ()


class ReasonsSkipped(Word):
    """The citizen gives no reasons."""

    __slots__ = ()


class ChangeRequested(Word):
    """“修改”: back to the stars, from reasons or thanks."""

    __slots__ = ()


class MoreTimeRequested(Word):
    """“再给我一点时间”, for stars or reasons, once per session."""

    __slots__ = ()


class Finished(Word):
    """“完成”: leave the thanks screen, or the stars again when a change was not made after all."""

    __slots__ = ()


@frozen
class LanguageChosen:
    """Language of the screens until the session ends."""

    language: str


class LargePrintToggled(Word):
    """Large print, or back, until the session ends."""

    __slots__ = ()


@frozen
class ContrastChosen:
    """High contrast, or the usual colours, until the session ends."""

    high: bool


@frozen
class VoiceChosen:
    """Spoken guidance, or silence, until the session ends."""

    on: bool


class ScreenTouched(Word):
    """A touch that chooses nothing."""

    __slots__ = ()


@frozen
class CardLaid:
    """A card on the reader; None: nobody's."""

    member: StaffMember | None


class LoginRequested(Word):
    """Staff asked for the login screen."""

    __slots__ = ()


class PauseRequested(Word):
    """Staff: pause."""

    __slots__ = ()


class ResumeRequested(Word):
    """Staff: resume."""

    __slots__ = ()


class LogoutRequested(Word):
    """Staff: log out."""

    __slots__ = ()


class CancelRequested(Word):
    """Staff: cancel a session before its first tap."""

    __slots__ = ()


class InviteRequested(Word):
    """Staff: ask the citizen once more whose ticket nobody rated."""

    __slots__ = ()


class MenuClosed(Word):
    """Staff: leave the menu, the login screen, the PIN pad or administration."""

    __slots__ = ()


@frozen
class TimerFired:
    """A timer: the session and phase name that it was armed for, and its arm number."""

    session: str | None
    phase: str
    arm: int


@frozen
class AppendDone:
    """Append number `append` is durable, as the entry with this hash (64 hex digits)."""

    append: int
    hash: str


@frozen
class AppendFailed:
    """Append number `append` did not become durable."""

    append: int
    reason: str


@frozen
class Enrolled:
    """The device has identity, pack, catalogue and roster."""

    rules: Rules


@frozen
class RulesChanged:
    """A new pack or catalogue; takes effect between two sessions."""

    rules: Rules


@frozen
class Revoked:
    """The platform revoked this device."""

    reason: str


class Reinstated(Word):
    """The platform accepts this device again."""

    __slots__ = ()


@frozen
class FaultRaised:
    """Something that ratings need broke."""

    reason: str


class FaultCleared(Word):
    """It works again; sessions that were open in the journal have been closed by the store."""

    __slots__ = ()


Event = (
    TicketPresented
    | TicketUnreadable
    | OverallChosen
    | SinglesRequested
    | SingleChosen
    | ScopeReopened
    | StarTapped
    | ReasonToggled
    | ReasonsSubmitted
    | ReasonsSkipped
    | ChangeRequested
    | MoreTimeRequested
    | Finished
    | LanguageChosen
    | LargePrintToggled
    | ContrastChosen
    | VoiceChosen
    | ScreenTouched
    | CardLaid
    | LoginRequested
    | PauseRequested
    | ResumeRequested
    | LogoutRequested
    | CancelRequested
    | InviteRequested
    | MenuClosed
    | a.AdministrationRequested
    | a.DutyTaken
    | a.PinDigit
    | a.PinErased
    | a.PinSubmitted
    | a.PinChecked
    | a.PageChosen
    | a.TaskRequested
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


@frozen
class Append:
    """Write a journal entry; answer with AppendDone or AppendFailed carrying `number`."""

    number: int
    draft: Draft


@frozen
class StartTimer:
    """Feed `event` back after `delay_ms`."""

    delay_ms: int
    event: TimerFired


@frozen
class PresentAgain:
    """Take this ticket as if it had just been read: a session of its own, after another look at what was rated."""

    ticket: TicketPresented


Effect = Append | StartTimer | PresentAgain | a.CheckPin | a.Perform


@frozen
class Terminal:
    """The whole state of the window.

    `paused_since_ms`: monotonic start of a pause. `remembered`: staff acts, and a ticket, that wait until the session
    allows them, in order. `counter` numbers arms and appends. `recent_scans`: (device, ticket, monotonic ms) of each
    device's last ticket, for “already read”. `unrated`: the last ticket that was read, while nobody has rated it, so that staff
    can ask once more; it is forgotten with arm `unrated_arm`. `language` None: `default_language`; `high_contrast` and `voice`
    None: as the window is set up. These and `large_print` end with the session, or with arm `preferences_arm` when there is
    none.
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
    unrated: TicketPresented | None = None
    unrated_arm: int = 0
    language: str | None = None
    large_print: bool = False
    high_contrast: bool | None = None
    voice: bool | None = None
    preferences_arm: int = 0
    default_language: str = "zh-CN"
