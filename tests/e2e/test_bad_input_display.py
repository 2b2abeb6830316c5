"""Bad input from the machine (issue 2): no display, no font, a configuration with a mistake; and how a kiosk ends.

`rating-terminal run` as a process of its own, as the service manager starts it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.counter import Counter, SeparateKiosk, fresh_case
from support.platform import RunningPlatform

from terminal_app.domain.journal import Kind

NO_SCREEN = {"QT_QPA_PLATFORM": None, "DISPLAY": None, "WAYLAND_DISPLAY": None}


def run(at: Counter, **variables: str | None) -> "subprocess.CompletedProcess[str]":
    """`rating-terminal run`, which is expected to give up at once; None takes a variable away."""
    environment: Mapping[str, str | None] = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-m", "terminal_app", "run", "--config", str(at.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={name: value for name, value in environment.items() if value is not None},
    )


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (NO_SCREEN, "neither DISPLAY nor WAYLAND_DISPLAY is set; start it from a graphical session"),
        (NO_SCREEN | {"DISPLAY": ":977"}, "the display :977 does not answer; start the X server first"),
        (NO_SCREEN | {"DISPLAY": "unix:977.0"}, "the display unix:977.0 does not answer"),
    ],
)
def test_without_a_display_it_says_what_to_do(at: Counter, variables: dict[str, str | None], said: str) -> None:
    """Exit code 3 and one line, where Qt would abort."""
    done = run(at, **variables)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("rating-terminal: ")
    assert said in line


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("[platfrom]\nurl = 1\n", "platfrom: is not a known key. Remove it"),
        ("[timing]\nstars_s = 0\n", "timing.stars_s: must be from 0.2 to 600"),
        ("= nonsense", "is not valid TOML"),
    ],
)
def test_a_configuration_with_a_mistake_names_file_key_and_remedy(bare_counter: Counter, mistake: str, said: str) -> None:
    """Exit code 2; every mistake is tabled in tests/unit/test_config.py."""
    good = f'data_dir = "{bare_counter.data}"\n[platform]\nurl = "http://127.0.0.1:9"\n'
    bare_counter.config.write_text(good + mistake, "utf-8")
    done = run(bare_counter)
    assert done.returncode == 2
    assert f"{bare_counter.config}: {said}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not bare_counter.data.exists()


def test_without_a_font_the_window_works_and_staff_is_told(
    at: Counter, platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at.configure(platform.url, timing="notice_s = 0.5")
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    kiosk = SeparateKiosk(at)
    try:
        at.wait_until_open()
        at.lay_card()
        kiosk.wait_for_screen("idle")
        at.lay_card()
        kiosk.wait_for_screen("menu")
        kiosk.wait_for(lambda report: report["problems"] == ["font"], "staff is told of the font")
        kiosk.touch("menu-close")
        kiosk.wait_for_screen("idle")
        kiosk.present(case := fresh_case())
        kiosk.touch("star-5")
        kiosk.wait_for_screen("thanks")
    finally:
        kiosk.process.stop()
    assert "apt-get install fonts-noto-cjk" in kiosk.log
    assert at.kinds(case)[:2] == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("fullscreen", ["true", "false"])
def test_it_ends_when_it_is_told_to_and_leaves_nothing_open(
    at: Counter, platform: RunningPlatform, number: signal.Signals, fullscreen: str
) -> None:
    """Design ui.md, “Measures”: `run` is full screen and ignores close keys; it ends by SIGTERM. What was open is closed by the
    next start, what was tapped is kept."""
    at.configure(platform.url, display=f"[display]\nfullscreen = {fullscreen}\nallow_mouse = true\n")
    kiosk = SeparateKiosk(at)
    kiosk.present(case := fresh_case())
    kiosk.touch("star-2")
    kiosk.wait_for_screen("reasons")
    kiosk.process.child.send_signal(number)
    assert kiosk.process.child.wait(20) == 0
    kiosk.process.stop()
    assert "Traceback" not in kiosk.log
    assert not list(at.data.glob("*-wal")), "a clean stop leaves no write-ahead log"
    assert at.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]
