"""What a request to the platform can end in, other than the answer that was asked for. Data only; decides nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer: `no_connection`, `connect_timeout`, `unknown_host`, `proxy`, `tls` or `connection_lost`."""

    detail: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The platform took the request and did not answer in time."""


@dataclass(frozen=True, slots=True)
class WrongCertificate:
    """Whoever answers cannot prove to be the platform; `detail` is the TLS library's reason."""

    detail: str


@dataclass(frozen=True, slots=True)
class ServerTrouble:
    """An HTTP status other than the expected ones. `problem`: last part of an RFC 9457 type, as `claim-unknown`."""

    status: int
    retry_after_s: float | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class TooLarge:
    """413: the platform, or something before it, takes only smaller batches."""


@dataclass(frozen=True, slots=True)
class NotAuthorised:
    """401: the platform does not know this key."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """403 `device-revoked`: the platform no longer accepts this device."""


@dataclass(frozen=True, slots=True)
class Nonsense:
    """An answer that was cut off, or that is not what the protocol says."""

    detail: str


@dataclass(frozen=True, slots=True)
class Internal:
    """Not the platform's fault: the terminal's own part failed; `detail` names the exception's class."""

    detail: str


Trouble = Unreachable | TimedOut | WrongCertificate | ServerTrouble | TooLarge | NotAuthorised | Revoked | Nonsense | Internal


def code(trouble: Trouble) -> str:
    """A short code for logs and administrators; never content."""
    match trouble:
        case Unreachable(detail):
            return detail
        case TimedOut():
            return "timeout"
        case WrongCertificate():
            return "wrong_certificate"
        case ServerTrouble(status):
            return f"http_{status}"
        case TooLarge():
            return "too_large"
        case NotAuthorised():
            return "not_authorised"
        case Revoked():
            return "device_revoked"
        case Nonsense():
            return "nonsense"
        case Internal():
            return "internal"
