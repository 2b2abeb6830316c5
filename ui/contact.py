"""One finger on the screen: which contact chooses and which does nothing. Knows no Qt and no clock.

Source: design ui.md, “Measures”: press shows, release inside chooses; a contact that began on one screen never acts on the
next; for 350 ms after a screen change no contact acts; a double tap is one tap; second fingers are the caller's to leave out.
"""

from typing import Final

from ui.staff_views import DIGIT

GUARD_MS: Final = 350
BLANK: Final = ""


class ContactGate:
    """Follows one contact at a time. Targets are names of controls, BLANK where there is none; times are monotonic ms."""

    def __init__(self, min_contact_ms: int = 0) -> None:
        self._min_contact_ms = min_contact_ms
        self._guard_until: int | None = None
        self._began_on: str | None = None
        self._began_ms = 0
        self._last: tuple[str, int] | None = None

    @property
    def began_on(self) -> str | None:
        """The target on which the living contact began; None when there is none."""
        return self._began_on

    def screen_changed(self, now_ms: int) -> None:
        """Another screen: the contact that is down dies, and none acts for a while."""
        self._began_on = None
        self._guard_until = now_ms + GUARD_MS

    def is_guarded(self, now_ms: int) -> bool:
        return self._guard_until is not None and now_ms < self._guard_until

    def press(self, target: str, now_ms: int) -> bool:
        """A contact begins; whether it may choose."""
        self._began_on = None if self.is_guarded(now_ms) else target
        self._began_ms = now_ms
        return self._began_on is not None

    def is_inside(self, target: str) -> bool:
        """Whether the contact is on the target on which it began."""
        return self._began_on is not None and self._began_on == target

    def release(self, target: str, now_ms: int) -> str | None:
        """The contact ends; the target that it chooses, or None."""
        began_on, self._began_on = self._began_on, None
        long_enough = now_ms - self._began_ms >= self._min_contact_ms
        if began_on != target or not long_enough or self._is_double(target, now_ms):
            return None
        self._last = (target, now_ms)
        return target

    def _is_double(self, target: str, now_ms: int) -> bool:
        """Whether this is a trembling hand's second tap: on the same target, right after the first; a digit may come twice."""
        typed = target.startswith(DIGIT)
        return self._last is not None and not typed and self._last[0] == target and now_ms - self._last[1] < GUARD_MS

    def cancel(self) -> None:
        """The contact is over without a choice."""
        self._began_on = None
