"""Never half-dead (issue 5, point 8): an error in any layer, a frozen process, a lost or changed display.

The real kiosk as a process of its own. What it promises is in docs/reliability.md, “Never half-dead”.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.breakable_kiosk import FAULT, SECRET
from support.counter import NUMBER, Counter, SeparateKiosk, counter, fresh_case
from support.platform import RunningPlatform
from support.xvfb import Screen, xvfb
from Xlib import X

from terminal_app.domain.journal import Kind

ROOT = Path(__file__).resolve().parents[2]
BREAKABLE = "support.breakable_kiosk"
PATH = ("env", f"PYTHONPATH={ROOT}:{ROOT / 'tests'}")
LIMIT_S = 1.0
ENDS_WITHIN_S = 20.0
HOME = ("idle", "nobody")


def breakable(at: Counter, *under: str) -> SeparateKiosk:
    return SeparateKiosk(at, under=(*PATH, *under), module=BREAKABLE)


def break_it(at: Counter, fault: str) -> None:
    (at.config.parent / FAULT).write_text(fault, "utf-8")


def mend(at: Counter) -> None:
    (at.config.parent / FAULT).unlink()


def rates(kiosk: SeparateKiosk, level: int = 5) -> None:
    """A citizen can rate, and the screen says so."""
    kiosk.present(case := fresh_case())
    kiosk.touch(f"star-{level}")
    kiosk.wait_for_screen("thanks")
    assert kiosk.counter.kinds(case)[:2] == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]
    kiosk.touch("finish")
    kiosk.wait_for_screen(*HOME)


# --- errors -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, platform: RunningPlatform) -> Iterator[SeparateKiosk]:
    """One kiosk, in which one thing after the other breaks and is mended."""
    with ExitStack() as stack:
        at = stack.enter_context(counter(tmp_path_factory.mktemp("broken") / "counter"))
        at.configure(platform.url, timing="notice_s = 0.5")
        at.enroll(platform)
        kiosk = breakable(at)
        stack.callback(lambda: kiosk.process.stop())
        at.wait_until_open()
        yield kiosk


def _nothing(kiosk: SeparateKiosk) -> None:
    """It breaks by itself."""


def _card(kiosk: SeparateKiosk) -> None:
    kiosk.counter.lay_card()


def _ticket(kiosk: SeparateKiosk) -> None:
    kiosk.counter.send_ticket(fresh_case())


@pytest.mark.parametrize(
    ("fault", "meet"),
    [("slot", _nothing), ("timer", _nothing), ("paint", _nothing), ("device", _card), ("store", _ticket), ("view", _ticket)],
)
def test_an_error_in_any_layer_leads_out_of_order_with_a_log_entry_and_back_once_it_is_mended(
    broken: SeparateKiosk, fault: str, meet: Callable[[SeparateKiosk], None]
) -> None:
    at = broken.counter
    before = len(broken.log)
    break_it(at, fault)
    meet(broken)
    broken.wait_for_screen("out_of_order")
    mend(at)
    broken.wait_for_screen(*HOME)
    told = broken.log[before:]
    assert "RuntimeError at" in told and "in strike" in told
    assert SECRET not in told
    rates(broken)


def test_an_error_in_delivery_is_logged_and_rating_goes_on(broken: SeparateKiosk, platform: RunningPlatform) -> None:
    at = broken.counter
    before = len(broken.log)
    break_it(at, "sync")
    rates(broken)
    broken.wait_until(lambda: "delivery failed with RuntimeError" in broken.log[before:], "the failure is logged")
    mend(at)
    broken.wait_until(lambda: at.counts().pending == 0, "everything is delivered")
    assert SECRET not in broken.log[before:]


def test_a_window_whose_devices_cannot_be_started_stays_out_of_order_until_they_can(at: Counter) -> None:
    """Half dead would be: a bright screen that no ticket reaches."""
    break_it(at, "begin")
    kiosk = breakable(at)
    try:
        kiosk.wait_for_screen("out_of_order")
        kiosk.process.wait(lambda report: report["screen"] in HOME, 4.5)
        assert kiosk.last["screen"] == "out_of_order", "came back although nothing was mended"
        mend(at)
        at.wait_until_open()
        kiosk.wait_for_screen(*HOME)
        rates(kiosk)
    finally:
        kiosk.process.stop()


# --- frozen -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["loop", "lock"])
def test_a_frozen_main_thread_ends_the_process_and_the_next_start_goes_on(
    at: Counter, platform: RunningPlatform, fault: str
) -> None:
    """`loop`: Python that never ends. `lock`: a library that never gives the interpreter back, so that no thread runs."""
    at.configure(platform.url, watchdog=f"limit_s = {LIMIT_S}")
    kiosk = breakable(at)
    kiosk.present(case := fresh_case())
    kiosk.touch("star-2")
    kiosk.wait_for_screen("reasons")
    break_it(at, fault)
    assert kiosk.process.child.wait(ENDS_WITHIN_S) != 0
    assert "in _tick" in kiosk.log, "where the main thread stood"
    kiosk.process.stop()
    mend(at)
    again = breakable(at)
    try:
        assert at.kinds(case)[-1] == Kind.SESSION_CLOSED
        at.wait_until_open()
        rates(again)
    finally:
        again.process.stop()


def test_a_process_that_is_stopped_for_a_while_goes_on_where_it_was(at: Counter) -> None:
    kiosk = breakable(at)
    try:
        kiosk.present(case := fresh_case())
        os.kill(kiosk.process.child.pid, signal.SIGSTOP)
        kiosk.process.wait(lambda _: False, 1.0)
        os.kill(kiosk.process.child.pid, signal.SIGCONT)
        kiosk.touch("star-1")
        kiosk.wait_for_screen("reasons")
        assert at.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]
    finally:
        kiosk.process.stop()


# --- the display --------------------------------------------------------------------------------------------------------


@pytest.fixture
def screen() -> Iterator[Screen]:
    with xvfb() as started:
        yield started


def on_x(at: Counter, screen: Screen) -> SeparateKiosk:
    """Full screen on an X server without a window manager."""
    return breakable(at, "QT_QPA_PLATFORM=xcb", f"DISPLAY={screen.name}")


def test_a_display_that_goes_away_ends_the_process_and_the_next_start_finds_everything(
    at: Counter, platform: RunningPlatform, screen: Screen
) -> None:
    at.configure(platform.url, display="[display]\nfullscreen = true\nallow_mouse = true\n")
    kiosk = on_x(at, screen)
    kiosk.present(case := fresh_case())
    kiosk.touch("star-4")
    kiosk.wait_for_screen("thanks")
    screen.end()
    assert kiosk.process.child.wait(ENDS_WITHIN_S) != 0
    kiosk.process.stop()
    with xvfb() as other:
        again = on_x(at, other)
        at.wait_until_open()
        rates(again)
        again.process.stop()
    assert Kind.STAR_CHOSEN in at.kinds(case) and at.kinds(case)[-1] == Kind.SESSION_CLOSED


def test_a_blanked_screen_comes_back_whole_and_takes_ratings_meanwhile(
    at: Counter, platform: RunningPlatform, screen: Screen
) -> None:
    at.configure(platform.url, display="[display]\nfullscreen = true\nallow_mouse = true\n", timing="notice_s = 0.5")
    kiosk = on_x(at, screen)
    try:
        kiosk.wait_for_screen(*HOME)
        at.wait_until_open()
        screen.display.force_screen_saver(X.ScreenSaverActive)
        screen.display.sync()
        rates(kiosk)
        screen.display.force_screen_saver(X.ScreenSaverReset)
        screen.display.sync()
        deadline = time.monotonic() + ENDS_WITHIN_S
        while screen.colours() < 10 and time.monotonic() < deadline:
            kiosk.process.wait(lambda _: False, 0.05)
        assert screen.colours() >= 10
        at.lay_card()
        kiosk.wait_for(lambda report: report["on_duty"] == NUMBER, "the clerk is logged in")
    finally:
        kiosk.process.stop()
