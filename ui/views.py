"""What a picture says and offers, as values: words and events, nothing of what they look like. No Qt, no clock.

Controls are named by one scheme, which tests and the demo's crowd tap by: scope-overall, scope-single, case-1 …, more-cases,
first-cases, reselect, star-1 … star-5, reason-CODE, more-reasons, core-reasons, phone, submit, skip, change, finish, more-time,
language, large-print, contrast, voice, staff, pause, resume, invite, clean, logout, cancel, administration, menu-close; more in
staff_views.
"""

from typing import Final

from terminal_app.application.inside import Inside
from terminal_app.domain import session as s
from terminal_app.domain.frozen import frozen
from ui.button_view import ButtonView as ButtonView
from ui.posters import Poster
from ui.staff_views import AdministrationView, PinView
from ui.wording import FALLBACK

MORE_REASONS: Final = "more-reasons"
CORE_REASONS: Final = "core-reasons"
MORE_CASES: Final = "more-cases"
FIRST_CASES: Final = "first-cases"
PHONE: Final = "phone"


@frozen
class Problem:
    """A part that does not work, for staff only.

    `what`: device_missing, device_busy, device_failed, of a printer device_paper_out, device_cover_open, device_offline,
    device_silent (`name` is the device's), font, certificate, key, local_api (`name` is its port), voice_missing (`name` is the
    player's), voice_failed, voice_silent, quarantined (`name` is how many entries), suspect (a restart salvages the journal's
    file), damage (`name` is where the damaged file lies).
    """

    what: str
    name: str = ""


@frozen
class Facts:
    """What the window knows beside its state. `window` is the window's name (综合受理), `window_number` its number.

    `problems`: one per device or part that does not work. `backlog`: entries that wait for the
    platform. `receipt_base`: the platform's address, for receipts. `language` is the default; `languages` are offered in turn.
    `high_contrast`: how the window is set up; `dark_idle`: dark while nothing is rated;
    `posters`: what the hall shows while idle; `photos`: staff numbers with the path of a picture. `speaks`: whether it speaks
    unasked; None: it has no voice. `inside`: what an administrator sees, while one looks.
    """

    hall: str
    window: str
    window_number: str
    service_number: str | None = None
    rating_url: str | None = None
    problems: tuple[Problem, ...] = ()
    backlog: int = 0
    online: bool = True
    receipt_base: str | None = None
    language: str = FALLBACK
    languages: tuple[str, ...] = ("zh-CN", "en")
    high_contrast: bool = False
    dark_idle: bool = False
    inside: Inside | None = None
    posters: tuple[Poster, ...] = ()
    photos: tuple[tuple[str, str], ...] = ()
    speaks: bool | None = None


@frozen
class HeaderView:
    """Where we are."""

    hall: str
    window: str


@frozen
class RingView:
    """Time left: monotonic end and the length of the full ring, in milliseconds."""

    until_ms: int
    total_ms: int


@frozen
class FooterView:
    """The lowest line: time left, one sentence, and the controls that every screen has in the same place."""

    ring: RingView | None = None
    line: str = ""
    left: ButtonView | None = None
    right: tuple[ButtonView, ...] = ()


@frozen
class QrView:
    """A code for telephones with one line of explanation."""

    url: str
    title: str
    line: str


@frozen
class PersonView:
    """Who is on duty; without a person the monogram is a resting sign. `photo`: the path of a picture instead of a monogram."""

    initial: str
    name: str
    post: str
    number: str
    state: str
    in_service: bool
    photo: str = ""


@frozen
class IdleView:
    """Waiting for a ticket."""

    person: PersonView
    headline: str
    lead: str
    steps: tuple[str, ...]
    qr: QrView | None
    posters: tuple[Poster, ...] = ()


@frozen
class OptionView:
    """Something to choose: its control, a line that explains it, and why it cannot be chosen, if it cannot."""

    button: ButtonView
    line: str
    state: str = ""


@frozen
class ScopeView:
    """How to rate several cases: together, or one alone."""

    title: str
    hint: str
    options: tuple[OptionView, ...]


@frozen
class CasesView:
    """Which case to rate alone; the page buttons serve where not all fit."""

    title: str
    hint: str
    cases: tuple[OptionView, ...]
    more: ButtonView
    back: ButtonView


@frozen
class StarView:
    """One of the five: its control and whether it is filled."""

    button: ButtonView
    level: int


@frozen
class RateView:
    """Five stars. `chosen` is 0 before the first tap."""

    matter_label: str
    matter: str
    case: str
    handled_by: str
    pill: str
    question: str
    hint: str
    stars: tuple[StarView, ...]
    chosen: int


@frozen
class ChipView:
    """A reason that may be marked."""

    button: ButtonView
    marked: bool


@frozen
class PhoneView:
    """“用手机补充”: a code that takes the place of the reasons while somebody scans it, and the controls there and back."""

    url: str
    title: str
    line: str
    show: ButtonView
    hide: ButtonView


@frozen
class ReasonsView:
    """Reasons of a bad rating, the core ones first; the page buttons serve where not all fit."""

    chosen: int
    level: str
    recorded: str
    change: ButtonView
    question: str
    hint: str
    chips: tuple[ChipView, ...]
    more: ButtonView
    back: ButtonView
    skip: ButtonView | None
    submit: ButtonView
    phone: PhoneView | None = None


@frozen
class ReceiptView:
    """The citizen's receipt: an address for a telephone, and a short code for reading aloud."""

    url: str
    title: str
    code: str
    line: str


@frozen
class ThanksView:
    """The rating is recorded. `promises`: what the region's rules say happens after a bad one."""

    chosen: int
    spoken: str
    title: str
    recorded: str
    private: str
    promises: tuple[str, ...]
    change_hint: str
    change: ButtonView
    receipt: ReceiptView | None = None


@frozen
class LoginView:
    """Asks for a card. `problem`: the card that was laid is nobody's."""

    title: str
    line: str
    problem: str
    back: ButtonView


@frozen
class MenuView:
    """What staff can do. Never a rating, nor anything that depends on one."""

    title: str
    who: str
    upload: str
    problems: tuple[str, ...]
    buttons: tuple[ButtonView, ...]
    back: ButtonView


@frozen
class MessageView:
    """One sentence and what a citizen can do instead: paused, out of order, locked, not enrolled."""

    icon: str
    title: str
    line: str
    qr: QrView | None
    service: str


@frozen
class NoticeView:
    """A friendly card over the screen, for a few seconds."""

    icon: str
    title: str
    line: str


Body = (
    IdleView
    | ScopeView
    | CasesView
    | RateView
    | ReasonsView
    | ThanksView
    | LoginView
    | MenuView
    | MessageView
    | PinView
    | AdministrationView
)


@frozen
class ViewState:
    """Everything on the screen. `screen`: idle, nobody, scope, cases, rate, reasons, thanks, login, menu, pin, administration,
    paused, out_of_order.

    `still`: an entry is on its way to the disk, and the picture does not change until it is there. `blank`: what a touch
    beside every control means. `theme`: one of ui.theme.THEMES. `banner`: one line that leaves every control usable.
    `voice`: whether it is spoken.
    """

    screen: str
    language: str
    large_print: bool
    theme: str
    header: HeaderView
    body: Body
    footer: FooterView
    session: str | None = None
    still: bool = False
    notice: NoticeView | None = None
    banner: str = ""
    blank: s.Event | None = None
    voice: bool = False

    @property
    def spoken(self) -> str:
        """What is new for somebody who cannot see it: never more than stands there, and never a level."""
        shown = self.notice or self.body
        keys = ("headline", "title", "question", "line", "recorded")
        parts = [getattr(shown, key, "") for key in keys]
        if isinstance(shown, RateView):
            parts.append(shown.matter)
        return " ".join(part for part in parts if part).replace("\u200b", "")

    @property
    def picture(self) -> tuple[object, ...]:
        """What a finger takes for one screen: a contact lives and dies with it."""
        return (self.screen, self.session, self.notice, self.language, self.large_print, self.theme)
