"""What a start must not import before its first frame: issue 2, measure `cold_start`; docs/benchmarks.md."""

import subprocess
import sys
from pathlib import Path

AFTER_THE_FIRST_FRAME = (
    "sync",  # delivery, and what it brings
    "requests",
    "urllib3",
    "http_message_signatures",
    "ssl",
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
USUAL = """
import sys
import terminal_app.commands.run, terminal_app.process, ui.screens.idle
from device_drivers.registry import configured
for driver in ("case_ticket", "barcode_scanner", "card_reader"):
    configured(driver, {})
print(*sys.modules, sep="\\n")
"""


def test_the_first_frame_waits_for_nothing_that_comes_later() -> None:
    done = subprocess.run(
        [sys.executable, "-c", USUAL], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    imported = set(done.stdout.split())
    assert "ui.main_window" in imported
    assert imported.isdisjoint(AFTER_THE_FIRST_FRAME)
