"""The items that the docket lists, as types: what is written into its documents, and published in the description.

Times are ISO 8601 in UTC. `provisional` (暂定): the moment rests on a year whose holidays are not known yet.
"""

import msgspec

from central_platform.rules.standing import FindingKind, Objection, Role
from central_platform.rules.statements import Channel, OtherChannel
from terminal_app.domain.platform_policy import DutyName
from terminal_app.domain.terms import Unit


class PlacedRating(msgspec.Struct):
    """A rating in its place for one case. A default has no id, channel, finding or marks. `covers`: how many cases it rates."""

    unit: str
    role: Role
    default: bool
    level: int
    at: str
    id: str | None = None
    channel: Channel | None = None
    covers: int = 1
    finding: FindingKind | None = None
    marks: list[Objection] = []
    provisional: bool = False


class Coming(msgspec.Struct):
    """What falls due next: `reminder` or `default`."""

    what: str
    unit: str
    at: str
    provisional: bool


class CaseStanding(msgspec.Struct):
    """A case: by whose rules, whether a business system told of it, the place of each of its ratings, what comes next."""

    case: str
    region: str
    policy: str
    known: bool
    finished_at: str | None
    ratings: list[PlacedRating]
    coming: list[Coming]


class OwedDuty(msgspec.Struct):
    """A duty of a bad rating, with its clause. `deadline` null: not started, or no term is laid down."""

    duty: DutyName
    by: list[str]
    source: str
    count: int | None
    unit: Unit | None
    started_at: str | None
    deadline: str | None
    provisional: bool
    done_at: str | None
    open: bool
    overdue: bool
    effect: str | None


class RatingDuties(msgspec.Struct):
    """What is owed for one bad rating; nothing where it is bad no more, or was found not to count."""

    rating: str
    channel: Channel | None
    cases: list[str]
    level: int | None
    received_at: str | None
    region: str | None
    policy: str | None
    finding: FindingKind | None
    duties: list[OwedDuty]


class StandingItem(CaseStanding, kw_only=True):
    """A case with its revision."""

    revision: int


class DutyItem(RatingDuties, kw_only=True):
    """A bad rating with its revision."""

    revision: int


class DefaultItem(msgspec.Struct):
    """A default rating; `at` is the moment at which it fell due, `made_at` when it was written."""

    revision: int
    default: bool
    case: str
    unit: str
    level: int
    at: str
    provisional: bool
    made_at: str
    region: str
    policy: str
    source: str
    withdrawn: bool


class OtherItem(msgspec.Struct):
    """A rating from another channel; `linked` false: to no case, or from the window's QR to one that nobody told of.

    As far as there are any: `reasons` (codes), `window` (the device whose QR it came by), `form` (a number). `words`: the
    citizen's own were told with it; what they say is opened by command alone.
    """

    revision: int
    default: bool
    id: str
    channel: OtherChannel
    level: int
    at: str
    linked: bool
    case: str | None
    visit: str | None
    received_at: str
    reasons: list[str]
    window: str | None
    form: str | None
    words: bool


class EventItem(msgspec.Struct, omit_defaults=True):
    """`reminder` (of `case` and `unit`), `duty_due` and `duty_overdue` (of `rating` and `duty`)."""

    id: int
    kind: str
    at: str
    due_at: str
    provisional: bool
    region: str
    source: str
    case: str | None = None
    unit: str | None = None
    rating: str | None = None
    duty: DutyName | None = None
    by: list[str] = []
    effect: str | None = None
