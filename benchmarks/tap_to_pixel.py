"""A press on an X server → the first changed pixel in its frame buffer, beside a program on bare Xlib on a server of its own.

Beside it the bare window, so that one sees what of it is Qt's.
Nothing inside the window is asked: the press is an X event (XTEST), and the picture is what the server shows. While a
backlog is delivered, the floor is a kiosk that has nothing else to do.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from benchmarks.backlog import Delivery, delivering_kiosk
from benchmarks.bare_window import card_rect
from benchmarks.figure import Figure, Pair, interleave, median, p99, times
from benchmarks.probe import Probe, started
from benchmarks.scene import GUARD_S, PATIENT, kiosk_on_duty, present, scene
from benchmarks.virtual_screen import VirtualScreen, virtual_screen
from terminal_app.demo.stage import StageError

PRESSES = 220
PAUSE_S = 0.004
STARS = 5
INSIDE_PX = 12
"""So far inside a card's left edge is nothing but its ground."""
SLIPPED_TO = (4, 4)
LOOK_EVERY_S = 0.00005
"""Seldom enough that looking does not take the core that the window needs: with the system's slack a tenth of a millisecond."""
PATIENCE_S = 60.0
TARGET = times(6)
TARGET_BUSY = times(1.5)

Room = tuple[int, int, int, int]


def measure() -> Iterator[Figure]:
    """Medians and 99th percentiles: idle, and while 100,000 entries are delivered."""
    with ExitStack() as stack:
        stage = stack.enter_context(scene(PATIENT))
        bare, plain, own, busy = (stack.enter_context(virtual_screen()) for _ in range(4))
        cards = [_bare_card(star) for star in range(STARS)]
        numbers = [str(number) for card in cards for number in card]
        client = stack.enter_context(
            started(Probe("benchmarks.bare_x_client", *numbers, log=stage.folder / "bare.log", **bare.environment))
        )
        window = stack.enter_context(
            started(Probe("benchmarks.bare_probe", log=stage.folder / "plain.log", **plain.environment))
        )
        kiosk = stack.enter_context(kiosk_on_duty(stage, own.environment))
        present(stage, kiosk)
        delivery = stack.enter_context(delivering_kiosk(PATIENT, environment=busy.environment))
        present(delivery.stage, delivery.kiosk)
        busy_stars = _stars(delivery.kiosk)
        delivery.stop()
        floor, bare_qt, ours, delivering = interleave(
            partial(_presses, bare, client, cards),
            partial(_presses, plain, window, cards),
            partial(_presses, own, kiosk, _stars(kiosk)),
            partial(_busy, delivery, busy, busy_stars),
        )
    for name, pair, target in (
        ("tap_to_pixel", Pair(ours, floor), TARGET),
        ("tap_to_pixel_bare_qt", Pair(bare_qt, floor), None),
        ("tap_to_pixel_delivering", Pair(delivering, ours), TARGET_BUSY),
    ):
        yield median(name, pair, "ms", target)
        yield p99(f"{name}_p99", pair, "ms", None)


def _bare_card(star: int) -> Room:
    room = card_rect(star).toAlignedRect()
    return room.x(), room.y(), room.width(), room.height()


def _stars(kiosk: Probe) -> list[Room]:
    """Where the five stars are on the screen."""
    rooms = []
    for star in range(1, STARS + 1):
        kiosk.say(f"where star-{star}")
        _, left, top, width, height = kiosk.hear("where").words
        rooms.append((int(left), int(top), int(width), int(height)))
    return rooms


def _busy(delivery: Delivery, screen: VirtualScreen, stars: Sequence[Room]) -> list[float]:
    with delivery.flowing():
        return _presses(screen, delivery.kiosk, stars)


def _presses(screen: VirtualScreen, window: Probe, stars: Sequence[Room]) -> list[float]:
    """Milliseconds of presses on all stars by turns. The pointer slips off each star, so that none is chosen.

    What the window tells meanwhile is dropped; not to read it would make the window wait for a reader.
    """
    time.sleep(GUARD_S)
    samples = []
    for press in range(PRESSES):
        left, top, width, height = stars[press % STARS]
        watched = left + INSIDE_PX, top + height // 2
        screen.move(left + width // 2, top + height // 2)
        time.sleep(PAUSE_S)
        before = screen.pixel(*watched)
        pressed_ns = screen.press()
        samples.append((_changed_ns(screen, watched, before) - pressed_ns) / 1e6)
        time.sleep(PAUSE_S)
        after = screen.pixel(*watched)
        screen.move(*SLIPPED_TO)
        screen.release()
        _changed_ns(screen, watched, after)
        window.forget()
    return samples


def _changed_ns(screen: VirtualScreen, at: tuple[int, int], before: bytes) -> int:
    """When the pixel is another. Raises StageError when it stays."""
    deadline_ns = time.monotonic_ns() + round(PATIENCE_S * 1e9)
    while screen.pixel(*at) == before:
        if time.monotonic_ns() > deadline_ns:
            raise StageError(f"a press on {screen.name} changed nothing at {at}")
        time.sleep(LOOK_EVERY_S)
    return time.monotonic_ns()
