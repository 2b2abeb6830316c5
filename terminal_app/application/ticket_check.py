"""How far a ticket can be trusted: signed where its code is good, fresh and was not used before, else unverified."""

import logging
from datetime import datetime

from terminal_app.domain.journal import Moment
from terminal_app.domain.ticket import Verification
from terminal_app.domain.ticket_mac import is_genuine, read_mac

log = logging.getLogger(__name__)


class TicketCheck:
    """Remembers the ids of signed tickets for as long as their time would still be taken. A restart forgets them.

    `window_s`: how old, or how far ahead of this machine's clock, the time on a ticket may be.
    """

    def __init__(self, secret: bytes, window_s: int) -> None:
        self._secret = secret
        self._window_s = window_s
        self._used: dict[str, int] = {}

    def __call__(self, payload: bytes, now: Moment) -> Verification:
        """The verification of a payload that is presented now; a good code is used up by it."""
        found = read_mac(payload)
        if found is None:
            return Verification.UNVERIFIED
        now_s = int(datetime.fromisoformat(now.wall).timestamp())
        self._used = {ticket: made_s for ticket, made_s in self._used.items() if now_s - made_s <= self._window_s}
        if not is_genuine(found, self._secret):
            return self._doubt("its code is wrong")
        if abs(now_s - found.made_s) > self._window_s:
            return self._doubt("it was made at another time than this machine's clock tells")
        if found.id in self._used:
            return self._doubt("it was presented before")
        self._used[found.id] = found.made_s
        return Verification.SIGNED

    @staticmethod
    def _doubt(why: str) -> Verification:
        log.warning("a ticket with a code counts as unverified: %s", why)
        return Verification.UNVERIFIED
