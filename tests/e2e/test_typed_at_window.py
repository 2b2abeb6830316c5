"""A scanner in keyboard mode that types at the window, where its input device cannot be read. Issue 6, point 3; ADR 21."""

import subprocess
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import CARD, DISPLAY, Counter, OpenKiosk, fresh_case, kiosk_at, wait_until
from support.platform import RunningPlatform
from support.typing_at_window import PREFIX, SCANNER, type_at, type_on
from support.xvfb import xvfb
from Xlib import X

from device_drivers.simulators import KeyboardSimulator, PtyDevice
from terminal_app.demo.kiosk_process import KioskProcess, Report
from terminal_app.domain.journal import Kind

DEADLINE_S = 20.0
KEYPAD_FOUR = 75


@pytest.fixture
def keypad(at: Counter, platform: RunningPlatform) -> Iterator[KeyboardSimulator]:
    """The keypad's own line; a scanner that types at the window beside it."""
    with PtyDevice("keypad", at.folder) as port:
        table = f'[[devices]]\nname = "keypad"\ndriver = "keypad"\naddress = "{port.address}"\n'
        at.config.write_text(at.config.read_text("utf-8") + SCANNER + table, "utf-8")
        yield KeyboardSimulator(port)


@pytest.fixture
def kiosk(at: Counter, keypad: KeyboardSimulator, qapp: QApplication) -> Iterator[OpenKiosk]:
    with kiosk_at(at) as opened:
        at.wait_until_open()
        assert keypad.device.wait_until_open(DEADLINE_S)
        wait_until(lambda: opened.kiosk.devices.readers["typing"].status().state == "connected", "somebody listens")
        yield opened


def typed(kiosk: OpenKiosk, text: str) -> None:
    """Until the terminal has taken it in."""
    reader = kiosk.kiosk.devices.readers["typing"]
    before = reader.status().frames + reader.status().bad_frames
    type_at(kiosk.window.widget.windowHandle(), text)
    wait_until(lambda: reader.status().frames + reader.status().bad_frames == before + 1, "it was read")


def stars(kiosk: OpenKiosk) -> list[tuple[int, str]]:
    chosen = [entry for entry in kiosk.counter.entries() if entry.kind == Kind.STAR_CHOSEN]
    return [(entry.data["level"], entry.data["source"]) for entry in chosen]


def test_what_a_scanner_types_opens_a_session_and_only_the_keypad_rates(kiosk: OpenKiosk, keypad: KeyboardSimulator) -> None:
    case = fresh_case()
    typed(kiosk, case)
    assert kiosk.shown in ("idle", "nobody") and kiosk.notice is None, "what is typed by hand is nothing, and told to nobody"
    typed(kiosk, PREFIX + case)
    kiosk.wait_for("rate")
    opened = next(entry for entry in kiosk.counter.entries() if entry.kind == Kind.SESSION_OPENED)
    assert (opened.data["covered"], opened.data["source"], opened.data["device"]) == ([case], "scanner", "typing")
    wait_until(lambda: kiosk.window.takes_input, "the screen takes input")
    for digit in "12345":
        typed(kiosk, digit)
    assert stars(kiosk) == []
    keypad.press(KEYPAD_FOUR)
    kiosk.wait_for("thanks")
    assert stars(kiosk) == [(4, "keypad")]


def test_what_is_typed_logs_nobody_in(kiosk: OpenKiosk) -> None:
    """Device protocols, “Roles”: a keyboard is never a credential."""
    typed(kiosk, PREFIX + CARD)
    assert kiosk.kiosk.controller.state.on_duty is None


def is_shown(case: str, report: Report) -> bool:
    return (report.get("screen"), report.get("case")) == ("rate", case)


def test_on_a_real_keyboard_focus_and_layout_do_not_matter(at: Counter, platform: RunningPlatform) -> None:
    """On an X server: another program has the focus, and the system's keyboard is French."""
    at.configure(platform.url, display=DISPLAY + SCANNER)
    with xvfb() as screen:
        subprocess.run(["setxkbmap", "-display", screen.name, "fr"], check=True, capture_output=True)
        other = screen.display.screen().root.create_window(0, 0, 50, 50, 0, 24, event_mask=X.KeyPressMask)
        other.map()
        kiosk = KioskProcess(at.config, at.folder, display=screen.name)
        try:
            kiosk.wait_for_start(lambda report: bool(report["screen"]))
            at.wait_until_open()
            other.set_input_focus(X.RevertToParent, X.CurrentTime)
            screen.display.sync()
            first, second = fresh_case(), fresh_case()
            for _ in range(40):
                type_on(screen.display, PREFIX + first)
                if kiosk.wait(partial(is_shown, first), 0.5):
                    break
            while screen.display.pending_events():
                screen.display.next_event()  # what was typed before the window had the keyboard
            type_on(screen.display, PREFIX + second)
            assert kiosk.wait(partial(is_shown, second), DEADLINE_S), (at.folder / "terminal.log").read_text("utf-8")[-2000:]
            elsewhere = [screen.display.next_event().type for _ in range(screen.display.pending_events())]
            assert X.KeyPress not in elsewhere, "nothing of it reached the other program"
        finally:
            kiosk.stop()
