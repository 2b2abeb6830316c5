"""What telephones ask of the platform, on a thread that may block: one transaction each, and what to show for it."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from central_platform.database import Database
from central_platform.identity import PlatformIdentity
from central_platform.phone.rating_form import Flaw, RatingForm, check_form
from central_platform.phone.windows import Desk, find_desk
from central_platform.phone.words import Added, add_words, bearer_of
from central_platform.rules.window_qr import Recorded, record_rating
from central_platform.times import now_ms
from terminal_app.domain.words_pass import read_pass


@dataclass(frozen=True, slots=True)
class Rated:
    """What became of a form: a flaw to mend, or whether it was recorded; `promises`: what happens next, in its language."""

    desk: Desk
    flaw: Flaw | None = None
    recorded: Recorded | None = None
    promises: tuple[str, ...] = ()


class PhoneCounter:
    """The telephones' side of one platform."""

    def __init__(self, database: Database, identity: PlatformIdentity) -> None:
        self._database = database
        self._identity = identity

    def desk(self, window: str, paper: str | None) -> Desk:
        """Whose page it is, and by whose rules; `paper`: number of the paper form that led there."""
        return self._database.read(lambda connection: find_desk(connection, window, now_ms(), paper))

    def rate(self, window: str, form: RatingForm, language: str, paper: str | None) -> Rated:
        """Record a rating, unless something is missing."""

        def work(connection: Connection) -> Rated:
            desk = find_desk(connection, window, now_ms(), paper)
            checked = check_form(form, desk, language, paper)
            if isinstance(checked, Flaw):
                return Rated(desk, flaw=checked)
            recorded = record_rating(connection, checked, now_ms())
            promised = desk.policy.after_bad if form.level and desk.policy.is_bad(form.level) else ()
            return Rated(desk, recorded=recorded, promises=tuple(one.texts.get(language, "") for one in promised))

        return self._database.write(work)

    def may_add(self, pass_text: str) -> bool:
        """Whether a pass still lets words be added; the same whether its session has arrived."""
        said = read_pass(pass_text)
        return self._database.read(lambda connection: bearer_of(connection, said, now_ms())) is not None

    def add(self, pass_text: str, once: bytes, text: str) -> Added | None:
        """Add words; None where the pass is none."""
        said = read_pass(pass_text)

        def work(connection: Connection) -> Added | None:
            bearer = bearer_of(connection, said, now_ms())
            return add_words(connection, self._identity, bearer, once, text, now_ms()) if bearer else None

        return self._database.write(work)
