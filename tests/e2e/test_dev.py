"""`./dev` sets up a bare checkout once, repairs what was interrupted, and is quiet from then on.

The checkout is a small one: the real script, one pinned library from a local wheel, and a platform that tells how it was
started. For speed its Python has no ensurepip, as on a bare Debian, but finds this environment's pip; one test goes without.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pip
import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
PLATFORM = "import os, sys, tiny; print(tiny.NAME, sys.argv[1:], os.environ.get('PYTHONDONTWRITEBYTECODE'), sys.prefix)"
HIDE_ENSUREPIP = """
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "ensurepip" else real(name, package)
"""
NO_PIP = "raise ImportError('no pip here')"


class Checkout:
    """A checkout in a folder of its own, with nothing set up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = folder / "host"
        self.variables = {
            "PATH": str(self.host),  # no apt-get
            "PYTHONPATH": str(self.host),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def fill(self) -> "Checkout":
        wheel = self.folder / "tiny-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", "NAME = 'tiny'\n")
            archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
            archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        shutil.copy2(ROOT / "dev", self.folder)
        (self.folder / "requirements").mkdir()
        (self.folder / "requirements" / "dev.txt").touch()
        self.pins.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
        (self.folder / "central_platform.py").write_text(PLATFORM, encoding="utf-8")
        self.host.mkdir()
        (self.host / "sitecustomize.py").write_text(HIDE_ENSUREPIP, encoding="utf-8")
        (self.host / "pip").symlink_to(Path(pip.__file__).parent)
        return self

    @property
    def pins(self) -> Path:
        return self.folder / "requirements" / "runtime.txt"

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def dev(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"HOME": str(self.folder), **self.variables, **variables}
        command = [BASE_PYTHON, str(self.folder / "dev"), *words]
        return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)

    def started(self, **variables: str) -> str:
        """What `./dev platform serve` says on stderr, once it was seen to start."""
        done = self.dev("platform", "serve", **variables)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"tiny ['serve'] None {self.venv}\n"
        return done.stderr


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout(tmp_path_factory.mktemp("prepared")).fill()
    assert "making a Python environment" in checkout.started(PYTHONDONTWRITEBYTECODE="1")
    return checkout


@pytest.fixture
def checkout(prepared: Checkout, tmp_path: Path) -> Checkout:
    """A checkout that was set up already."""
    shutil.copytree(prepared.folder, tmp_path / "checkout", symlinks=True)
    return Checkout(tmp_path / "checkout")


def test_second_run_is_quiet_and_quick(checkout: Checkout) -> None:
    """Issue 2, the house: quietly the second time, under two seconds of overhead."""
    begun = time.monotonic()
    assert checkout.started() == ""
    assert time.monotonic() - begun < 2


def test_interrupted_set_up_is_begun_again(checkout: Checkout) -> None:
    (checkout.venv / ".dev-unfinished").touch()
    shutil.rmtree(next((checkout.venv / "lib").glob("python3*")) / "site-packages" / "tiny-1.0.dist-info")
    assert "making a Python environment" in checkout.started()
    assert checkout.started() == ""


def test_environment_without_its_interpreter_is_made_again(checkout: Checkout) -> None:
    """An upgrade of the system takes the interpreter away from below the environment."""
    python = checkout.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert "making a Python environment" in checkout.started()


def test_changed_pins_are_installed_into_the_same_environment(checkout: Checkout) -> None:
    checkout.pins.write_text(checkout.pins.read_text(encoding="utf-8") + "# later\n", encoding="utf-8")
    said = checkout.started()
    assert "installing" in said
    assert "making" not in said


def test_library_that_is_not_the_pinned_one_is_refused(checkout: Checkout) -> None:
    shutil.rmtree(checkout.venv)
    checkout.pins.write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    done = checkout.dev("platform", "serve")
    assert done.returncode == 3
    assert "HASH" in done.stderr.upper()
    assert "Traceback" not in done.stderr


def test_machine_with_ensurepip_needs_no_pip_of_its_own(checkout: Checkout) -> None:
    shutil.rmtree(checkout.venv)
    shutil.rmtree(checkout.host)
    assert "making a Python environment" in checkout.started()


def test_machine_with_neither_ensurepip_nor_pip_is_told_the_command(checkout: Checkout) -> None:
    """Issue 2, the house: what cannot be set up is said with the exact command."""
    shutil.rmtree(checkout.venv)
    (checkout.host / "pip").unlink()
    (checkout.host / "pip.py").write_text(NO_PIP, encoding="utf-8")
    done = checkout.dev("platform", "serve")
    assert done.returncode == 3
    assert "apt-get install -y python3-venv" in done.stderr


def test_help_shows_every_command_with_examples() -> None:
    done = Checkout(ROOT).dev("--help")
    assert done.returncode == 0
    for command in ("demo", "test", "check", "bench", "run", "platform", "lock"):
        assert f"\n  {command} " in done.stdout
    assert "examples:" in done.stdout


@pytest.mark.parametrize("words", [("tset",), ()])
def test_unknown_command_is_wrong_use(words: tuple[str, ...]) -> None:
    assert Checkout(ROOT).dev(*words).returncode == 2
