"""What a start must not import before its first frame: issue 2, measure `cold_start`; docs/benchmarks.md."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
AFTER_THE_FIRST_FRAME = (
    "sync",  # delivery, and what it brings
    "requests",
    "urllib3",
    "http_message_signatures",
    "ssl",
    "_hashlib",  # OpenSSL a second time: the signature library brings its own
    "hmac",
    "ctypes",
    "socket",
    "local_api",
    "websockets",
    "serial",  # devices
    "device_drivers.reader",
    "device_drivers.pcsc",
    "device_drivers.keypad",
    "device_drivers.receipt_printer",
    "device_drivers.framed_evaluator",
    "device_drivers.code_evaluators",
    "device_drivers.input_line",
    "qrcode",  # symbols follow the picture that they are part of
    "PIL",
    "ui.voice",
    "ui.screens.rate",
    "ui.screens.thanks",
    "ui.screens.reasons",
    "ui.screens.notice",
    "ui.screens.administration",
    "ui.staff_view_state",
    "terminal_app.store.salvage",
    "terminal_app.store.check",
    "terminal_app.device_view",
    "terminal_app.regions",  # for commands and the platform
    "terminal_app.demo",
    "jsonschema_rs",
    "sqlite_utils",
    "cryptography.hazmat.primitives.hpke",  # for the first ticket and the first PIN
    "cryptography.hazmat.primitives.kdf",
    "PySide6.QtTest",
    "PySide6.QtNetwork",
)
QT_TYPES_AFTER_THE_FIRST_FRAME = ("QGradient", "QImage", "QFontDatabase", "QInputDevice")
"""Qt's types come when they are first asked for, with enumerations of up to two hundred names."""
USUAL = """
import sys
import terminal_app.commands.run, terminal_app.process, ui.screens.idle
from device_drivers.registry import configured
for driver in ("case_ticket", "barcode_scanner", "card_reader"):
    configured(driver, {})
print(*sys.modules, sep="\\n")
"""


PAINTED = """
from PySide6 import QtGui, QtWidgets
from support.window_samples import FACTS, FixedClock, terminal
from terminal_app.domain.session import Idle
from ui.main_window import KioskWindow
from ui.settings import DisplaySettings
app = QtWidgets.QApplication(["start"])
window = KioskWindow(print, FACTS, DisplaySettings(fullscreen=False), FixedClock())
window.show(terminal(Idle()))
window.open(app.exit)
assert app.exec() == 0
print(*vars(QtGui), sep="\\n")
"""


def test_the_first_frame_waits_for_nothing_that_comes_later() -> None:
    imported = _printed_by(USUAL)
    assert "ui.main_window" in imported
    assert imported.isdisjoint(AFTER_THE_FIRST_FRAME)


def test_the_first_picture_asks_for_none_of_the_types_with_hundreds_of_names() -> None:
    types = _printed_by(PAINTED)
    assert "QPainter" in types
    assert types.isdisjoint(QT_TYPES_AFTER_THE_FIRST_FRAME)


def _printed_by(code: str) -> set[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return set(done.stdout.split())
