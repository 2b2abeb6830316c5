"""What a start begins beside Python's imports: docs/benchmarks.md, `cold_start`."""

import subprocess
import sys
from pathlib import Path

import pytest

from terminal_app import ahead

ROOT = Path(__file__).parents[2]
MAPPED = """
import sys, threading
from terminal_app.ahead import prepare_window
prepare_window()
(thread,) = [one for one in threading.enumerate() if one.name == "ahead"]
thread.join(60)
assert not thread.is_alive()
assert "PySide6" not in sys.modules and "cryptography" not in sys.modules
print(open("/proc/self/maps").read())
from PySide6.QtWidgets import QApplication
QApplication(["x"])
"""


def test_libraries_are_mapped_and_nothing_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", MAPPED], capture_output=True, text=True, cwd=ROOT, check=True)
    for library in ("libQt6Widgets", "libQt6Gui", "libshiboken6", "_rust", "libfontconfig"):
        assert library in done.stdout, library


def test_what_is_not_there_is_left_to_whoever_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_MODULES", ("no_such_module", "PySide6.no_such_module", "no_such_package.module"))
    monkeypatch.setattr(ahead, "_FONTS", "libno-such-library.so.1")
    ahead._prepare()


def test_a_start_that_fails_meanwhile_ends_as_ever(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "terminal_app", "run", "--config", str(tmp_path / "none.toml")]
    for _ in range(5):
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, "none.toml" in done.stderr) == (2, True), done
