"""Hands: a pointer that touches the glass as fingers and palms do, and keys of a keypad. Real events; sees nothing itself."""

import random
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from benchmarks.virtual_screen import VirtualScreen
from device_drivers.input_events import ENTER, PAD_DIGITS
from device_drivers.simulators import KeyboardSimulator

KEY_CODES: Mapping[str, int] = {str(digit): code for code, digit in PAD_DIGITS.items()} | {"enter": ENTER, "down": 108}
DOUBLE_AT_MOST_S = 0.3
"""A second tap that comes later is another tap: from 350 ms on it is meant to count (ui.contact)."""


class Place(NamedTuple):
    """Where a control is on the screen, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


class Finger:
    """One finger, or one palm, on the glass."""

    def __init__(self, screen: VirtualScreen, size: tuple[int, int], rng: random.Random) -> None:
        self._screen = screen
        self._size = size
        self._rng = rng

    def tap(self, place: Place, contact_s: tuple[float, float] = (0.03, 0.15)) -> None:
        """Down and up somewhere on it."""
        self._screen.move(*self._on(place))
        self._contact(contact_s)

    def rest(self, place: Place) -> None:
        self.tap(place, (0.7, 1.4))

    def double(self, place: Place) -> None:
        """Twice, within what one trembling or impatient hand needs."""
        self.tap(place, (0.02, 0.06))
        lifted = time.monotonic()
        time.sleep(self._rng.uniform(0.03, 0.15))
        self._screen.move(*self._on(place))
        if time.monotonic() - lifted < DOUBLE_AT_MOST_S - 0.06:
            self._contact((0.02, 0.05))

    def tremble(self, place: Place) -> None:
        """Wanders about while it is down; half of the hands come down once more."""
        x, y = self._on(place)
        self._screen.move(x, y)
        self._screen.press()
        for _ in range(self._rng.randint(4, 10)):
            self._screen.move(*self._near(place, x, y))
            time.sleep(self._rng.uniform(0.005, 0.02))
        self._screen.release()
        lifted = time.monotonic()
        time.sleep(self._rng.uniform(0.03, 0.12))
        if self._rng.random() < 0.5 and time.monotonic() - lifted < DOUBLE_AT_MOST_S - 0.06:
            self._contact((0.02, 0.05))

    def slip(self, place: Place, elsewhere: tuple[int, int]) -> None:
        """Down on it, and up elsewhere."""
        self.stroke(self._on(place), elsewhere)

    def stroke(self, start: tuple[int, int], stop: tuple[int, int], steps: int = 12) -> None:
        """Down at one point, along the glass, up at another."""
        self._screen.move(*start)
        self._screen.press()
        for step in range(1, steps + 1):
            time.sleep(self._rng.uniform(0.005, 0.02))
            self._screen.move(*(start[axis] + (stop[axis] - start[axis]) * step // steps for axis in (0, 1)))
        self._screen.release()

    def palm(self, places: Sequence[Place]) -> None:
        """A hand strokes over the glass: from one control to another."""
        start, stop = self._rng.sample(list(places), 2)
        self.stroke(self._on(start), self._on(stop))

    def blank(self, places: Sequence[Place]) -> tuple[int, int]:
        """A point where nothing can be touched."""
        while True:
            x, y = self._rng.randrange(self._size[0]), self._rng.randrange(self._size[1])
            if not any(place.contains(x, y) for place in places):
                return x, y

    def _contact(self, contact_s: tuple[float, float]) -> None:
        self._screen.press()
        time.sleep(self._rng.uniform(*contact_s))
        self._screen.release()

    def _on(self, place: Place) -> tuple[int, int]:
        """A point on it, seldom its middle; round corners are left out."""
        x = place.left + place.width * self._rng.uniform(0.15, 0.85)
        y = place.top + place.height * self._rng.uniform(0.15, 0.85)
        return round(x), round(y)

    def _near(self, place: Place, x: int, y: int) -> tuple[int, int]:
        reach = min(place.width, place.height) // 10
        return x + self._rng.randint(-reach, reach), y + self._rng.randint(-reach, reach)


class KeypadHand:
    """Fingers on the keypad's keys. `controls` are what the screen says can be chosen, in its order."""

    def __init__(self, keypad: KeyboardSimulator, rng: random.Random) -> None:
        self._keypad = keypad
        self._rng = rng
        self._screen = ""
        self._at: str | None = None

    def choose(self, name: str, screen: str, controls: Sequence[str]) -> None:
        """By its digit, by Enter where that is what Enter means, else by arrows and Enter."""
        if screen != self._screen:
            self._screen, self._at = screen, None
        numbered = [control for control in controls if control.startswith(("star-", "reason-"))]
        if name in numbered[:5]:
            self._press(str(numbered.index(name) + 1))
        elif name in ("submit", "finish") and self._at is None:
            self._press("enter")
        else:
            self._walk_to(name, controls)
            self._press("enter")

    def leave_page(self) -> None:
        """Another page of the same screen: nothing is highlighted."""
        self._screen, self._at = "", None

    def _walk_to(self, name: str, controls: Sequence[str]) -> None:
        start = controls.index(self._at) if self._at in controls else -1
        for _ in range((controls.index(name) - start) % len(controls)):
            self._press("down")
        self._at = name

    def _press(self, key: str) -> None:
        time.sleep(self._rng.uniform(0.02, 0.08))
        self._keypad.press(KEY_CODES[key])
