"""The words between a dialect and the window: what a client asks, what it is answered, and how an invitation ended."""

from enum import StrEnum

from terminal_app.domain.frozen import frozen
from terminal_app.domain.staff import StaffMember

MAX_MESSAGE_BYTES = 32 << 10
MAX_WAIT_S = 25


class Method(StrEnum):
    """What may be asked. There is no method that rates, and none that tells the state of the window."""

    WELCOME = "welcome"
    INVITE = "invite"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    OUTCOME = "outcome"
    HEARTBEAT = "heartbeat"


class Ended(StrEnum):
    """How an invitation ended, as far as a business system is told: the same word for every level."""

    RATED = "rated"
    NOT_RATED = "not_rated"
    TIMED_OUT = "timed_out"


@frozen
class Call:
    """What a client asks. `id`: its own word for the call, given back. `wait_s`: how long an outcome is waited for."""

    method: Method
    id: str | int | None = None
    ticket: bytes = b""
    staff: str = ""
    invitation: str = ""
    wait_s: float = 0.0


@frozen
class Answer:
    """What became of a call: `error` is empty when it was taken. `outcome` None: not yet."""

    error: str = ""
    invitation: str | None = None
    staff: StaffMember | None = None
    outcome: Ended | None = None


@frozen
class Outcome:
    """How an invitation ended."""

    invitation: str
    ended: Ended


class BadCall(Exception):
    """A message that is no call: `bad_request` or `unknown_method`, and the id that it had, if any."""

    def __init__(self, error: str, id: str | int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.id = id
