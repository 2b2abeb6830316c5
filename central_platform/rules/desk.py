"""What business systems, and people who may see ratings, ask of the docket: check who asks, run one transaction, answer."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from sqlalchemy.engine import Connection

from central_platform import viewer
from central_platform.database import Database
from central_platform.problems import Problem, unreadable
from central_platform.rules import listing
from central_platform.rules.statements import MAX_STATEMENTS
from central_platform.rules.told import StatementVerdict, take_cases, take_ratings
from central_platform.times import now_ms

T = TypeVar("T")

MAX_EVENT = 1 << 52
"""Half of what a float holds exactly, so that the next integer is not taken for it."""
Reader = Callable[[Connection, int, int], bytes]
Take = Callable[[Connection, list[Any], int], list[StatementVerdict]]


class CaseStatements(msgspec.Struct):
    """POST /v1/cases. Every element is judged on its own, whatever it is."""

    cases: Annotated[list[Any], Meta(max_length=MAX_STATEMENTS)]


class ChannelRatings(msgspec.Struct):
    """POST /v1/channel-ratings. Every element is judged on its own, whatever it is."""

    ratings: Annotated[list[Any], Meta(max_length=MAX_STATEMENTS)]


class Acknowledgement(msgspec.Struct):
    """POST /v1/events/acknowledged. JSON has one kind of number: 7.0 is the integer 7."""

    ids: Annotated[list[Annotated[float, Meta(ge=1, le=MAX_EVENT)]], Meta(max_length=MAX_STATEMENTS)]


class StatementAnswer(msgspec.Struct):
    """One verdict per element, in order."""

    results: list[StatementVerdict]


class Acknowledged(msgspec.Struct):
    """How many of the events were waiting."""

    acknowledged: int


class Desk:
    """The docket of one database, as routes ask it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_cases(self, token: str | None, body: bytes) -> bytes:
        """POST /v1/cases."""
        return self._take(token, body, CaseStatements, take_cases)

    def take_ratings(self, token: str | None, body: bytes) -> bytes:
        """POST /v1/channel-ratings."""
        return self._take(token, body, ChannelRatings, take_ratings)

    def events(self, token: str | None, after: int, limit: int) -> bytes:
        """GET /v1/events."""
        return self._asked(viewer.INTEGRATION, token, lambda connection: listing.events_after(connection, after, limit))

    def acknowledge(self, token: str | None, body: bytes) -> bytes:
        """POST /v1/events/acknowledged."""
        self._asked(viewer.INTEGRATION, token, lambda _: None)
        said = _decode(body, Acknowledgement).ids
        if not all(one.is_integer() for one in said):
            raise unreadable("The ids are not integers.")
        ids = [int(one) for one in said]
        return msgspec.json.encode(
            Acknowledged(self._database.write(lambda connection: listing.acknowledge(connection, ids, now_ms())))
        )

    def read(self, token: str | None, after: int, limit: int, reader: Reader) -> bytes:
        """A page for whoever may see ratings."""
        return self._asked(viewer.VIEWER, token, lambda connection: reader(connection, after, limit))

    def _take(self, token: str | None, body: bytes, shape: type[Any], take: Take) -> bytes:
        self._asked(viewer.INTEGRATION, token, lambda _: None)
        (rows,) = msgspec.structs.astuple(_decode(body, shape))
        verdicts = self._database.write(lambda connection: take(connection, rows, now_ms()))
        return msgspec.json.encode(StatementAnswer(verdicts))

    def _asked(self, name: str, token: str | None, work: Callable[[Connection], T]) -> T:
        def checked(connection: Connection) -> T:
            if token is None or not viewer.allows(connection, token, name):
                raise Problem(
                    401,
                    "token",
                    f"The {'viewer' if name == viewer.VIEWER else 'integration'}'s token is needed",
                    "Send it as Authorization: Bearer.",
                    {"WWW-Authenticate": "Bearer"},
                )
            return work(connection)

        return self._database.read(checked)


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise unreadable(f"The body is not of the described form: {error}.") from None
    except RecursionError:
        raise unreadable("The body is nested too deeply.") from None
