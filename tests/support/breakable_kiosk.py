"""The kiosk with a fault in one of its layers: `python -m support.breakable_kiosk CONFIG CONTROL`.

The fault is what the file `fault` beside the configuration names, for as long as it is there. Each is an error that a bug could
raise in that place; the parts around it, and what becomes of it, are the product's own.
"""

import ctypes
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from terminal_app.assembly import Kiosk
from terminal_app.config import TerminalConfig, load
from terminal_app.demo.injection import Injection
from terminal_app.domain.journal import Draft, Entry
from terminal_app.domain.session import Terminal
from terminal_app.process import run_kiosk

FAULT = "fault"
LOOK_EVERY_MS = 50
SECRET = "what nobody may read"


class Fault:
    """What is broken now."""

    def __init__(self, config: Path) -> None:
        self._file = config.parent / FAULT

    @property
    def name(self) -> str:
        return self._file.read_text("utf-8") if self._file.exists() else ""

    def strike(self, place: str) -> None:
        if self.name == place:
            raise RuntimeError(SECRET)


class Painted(QWidget):
    """One more part of the window, which cannot always be painted."""

    def __init__(self, parent: QWidget, fault: Fault) -> None:
        super().__init__(parent)
        self._fault = fault

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self):
            self._fault.strike("paint")


class Ticking(QTimer):
    """A slot, which sometimes raises, sometimes never returns."""

    def __init__(self, parent: QWidget, fault: Fault, painted: Painted) -> None:
        super().__init__(parent)
        self._fault = fault
        self._painted = painted
        self.timeout.connect(self._tick)
        self.start(LOOK_EVERY_MS)

    @Slot()
    def _tick(self) -> None:
        self._painted.update()
        self._fault.strike("slot")
        while self._fault.name == "loop":
            pass
        if self._fault.name == "lock":
            ctypes.PyDLL(None).sleep(3600)


class Broken:
    """A view of the state, as the window and the devices are."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def show(self, state: Terminal) -> None:
        self._fault.strike("view")


def configured(file: Path, fault: Fault) -> TerminalConfig:
    """Every driver with a bug in what reads its frames."""
    config = load(file)

    def buggy(decode: Any) -> Any:
        def decoded(frame: bytes) -> Any:
            fault.strike("device")
            return decode(frame)

        return decoded

    devices = [replace(device, driver=device.driver._replace(decode=buggy(device.driver.decode))) for device in config.devices]
    return replace(config, devices=tuple(devices))


def break_parts(kiosk: Kiosk, fault: Fault) -> None:
    Ticking(kiosk.window.widget, fault, Painted(kiosk.window.widget, fault))
    append, begin, pick, views = kiosk.store.journal.append, kiosk.devices.begin, kiosk.store.outbox.pick, kiosk.controller

    def appended(draft: Draft) -> Entry:
        fault.strike("store")
        return append(draft)

    def begun() -> None:
        fault.strike("begin")
        begin()

    def picked(limit: int) -> Any:
        fault.strike("sync")
        return pick(limit)

    def later() -> None:
        kiosk.bridge.call_later(LOOK_EVERY_MS, later)
        fault.strike("timer")

    kiosk.store.journal.append = appended  # type: ignore[method-assign]
    kiosk.devices.begin = begun  # type: ignore[method-assign]
    kiosk.store.outbox.pick = picked  # type: ignore[method-assign]
    views._view._views = [*views._view._views, Broken(fault)]  # type: ignore[union-attr]
    later()


def main(file: Path, control: int) -> int:
    """Run until told to end. Returns the exit code."""
    fault = Fault(file)
    attached: list[Injection] = []

    def attach(kiosk: Kiosk) -> None:
        break_parts(kiosk, fault)
        attached.append(Injection(kiosk, control))

    return run_kiosk(configured(file, fault), attach=attach)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
