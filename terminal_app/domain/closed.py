"""Why nobody can rate at the window, until it ends from outside: words that the window's phases and administration share."""

from terminal_app.domain.frozen import frozen


@frozen
class Locked:
    """The platform revoked this device; data is kept and goes on being offered."""

    reason: str


@frozen
class OutOfOrder:
    """Something that ratings need is broken: `storage` or `internal`."""

    reason: str


Closed = Locked | OutOfOrder
