"""The wheel stands on its own: everything in it, and both commands start without the repository around them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = {".toml", ".csv", ".json", ".svg", ".png", ".wav", ".html", ".css", ".js", ".mako", ".ini"}
PACKAGES = ("terminal_app", "device_drivers", "ui", "sync", "local_api", "central_platform")


def run(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_", "PYTEST", "COVERAGE"))
    }
    environment = {**inherited, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed wheel."""
    folder = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    done = run(*pip, "--target", str(folder), str(wheel), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    """Issue 2, the house: the wheel starts without the repository around it, so nothing of a package stays behind."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts
    }
    assert "terminal_app/regions/taian.toml" in ours
    assert ours - inside == set()
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in inside)


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


@pytest.mark.parametrize("command", ["rating-terminal", "central-platform"])
def test_installed_command_starts_anywhere(installed: Path, command: str, tmp_path: Path) -> None:
    done = run(str(installed / "bin" / command), "--help", cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    assert command in done.stdout
    assert "example" in done.stdout


def test_installed_package_finds_its_data(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.resources as r; print(file := r.files('terminal_app.regions') / 'taian.toml'); file.read_bytes()"
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(installed))
