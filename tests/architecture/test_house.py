"""The house stands as docs/architecture.md says, beyond what import-linter can check."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("terminal_app", "device_drivers", "ui", "sync", "local_api", "central_platform")
LINTER = PYPROJECT["tool"]["importlinter"]

QT_STARTERS = {"terminal_app/process.py"}
"""Modules outside `ui` that may start Qt; what drives the demo's crowd and the measurements knows the window too."""
QT_FOLDERS = ("ui/", "terminal_app/demo/", "benchmarks/")

PLATFORM_MAY_IMPORT = ("central_platform", "sync.wire", "terminal_app.domain", "terminal_app.regions")
"""Architecture §3."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Absolute names of what a file imports, anywhere in it."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


def is_within(module: str, parents: tuple[str, ...] | list[str]) -> bool:
    return any(module == parent or module.startswith(parent + ".") for parent in parents)


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_stands_in_a_layer() -> None:
    """Architecture §3: what stands in no layer is checked by nobody."""
    layers = next(contract["layers"] for contract in LINTER["contracts"] if contract["id"] == "layers")
    floors = [name.strip() for layer in layers for name in layer.split("|")]
    homeless = [
        module_name(path)
        for path in sources(*PACKAGES)
        if not is_within(module_name(path), [*floors, "central_platform"]) and not holds_floors(module_name(path), floors)
    ]
    assert homeless == []


def holds_floors(package: str, floors: list[str]) -> bool:
    return any(floor.startswith(package + ".") for floor in floors)


def test_top_level_folders_shadow_nothing_of_the_standard_library() -> None:
    """Architecture §2: a folder called platform/ or queue/ would be imported instead of the standard library's module."""
    packages = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert packages & set(sys.stdlib_module_names) == set()
    assert not any((ROOT / name).exists() for name in ("platform", "queue"))


@pytest.mark.parametrize("path", sources("central_platform"), ids=ids)
def test_platform_knows_only_the_wire_the_domain_and_the_regions(path: Path) -> None:
    """Architecture §3."""
    ours = [name for name in imports(path) if is_within(name, PACKAGES)]
    assert [name for name in ours if not is_within(name, PLATFORM_MAY_IMPORT)] == []


def test_qt_is_imported_only_where_the_window_is_made() -> None:
    """Architecture §3: everything but `ui` and the module that starts it runs without Qt."""
    users = [ids(path) for path in sources(*PACKAGES) if is_within_qt(path)]
    assert [name for name in users if not name.startswith(QT_FOLDERS) and name not in QT_STARTERS] == []


def is_within_qt(path: Path) -> bool:
    return any(is_within(name, ("PySide6", "shiboken6")) for name in imports(path))


def test_product_knows_neither_tests_nor_measurements() -> None:
    """The wheel holds neither of them."""
    aware = [
        ids(path)
        for path in sources(*PACKAGES)
        if any(is_within(name, ("tests", "support", "benchmarks")) for name in imports(path))
    ]
    assert aware == []


IMPURE_CALLS = re.compile(r"\.(?:now|utcnow|today|uuid[14]|getnode)\(|\bopen\(|\bprint\(")


@pytest.mark.parametrize("path", sources("terminal_app/domain", "terminal_app/application"), ids=ids)
def test_rules_get_time_and_chance_from_outside(path: Path) -> None:
    """Architecture §3, where a library has a pure side (`datetime`, `uuid`, `urllib`): only that one is used."""
    assert IMPURE_CALLS.findall(path.read_text(encoding="utf-8")) == []
    assert [name for name in imports(path) if is_within(name, ("urllib.request",))] == []


@pytest.mark.parametrize("path", sources("terminal_app/domain"), ids=ids)
def test_domain_writes_no_log(path: Path) -> None:
    """Architecture §3: a log line is output; the domain answers with values and errors."""
    assert [name for name in imports(path) if is_within(name, ("logging",))] == []


UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|pytest\.mark\.(skip|xfail)\b|# *type: *ignore\s*$|# *noqa\s*$")


@pytest.mark.parametrize(
    "path", [path for path in sources(*PACKAGES, "benchmarks", "tests") if path != Path(__file__)], ids=ids
)
def test_source_is_finished_and_swallows_no_error(path: Path) -> None:
    """Architecture §10: no `except Exception: pass`; nothing half done is committed."""
    text = path.read_text(encoding="utf-8")
    assert UNFINISHED.findall(text) == []
    assert [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler) and swallows(node)] == []


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether every error is caught and nothing is done about it."""
    broad = handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException"))
    return broad and all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body)


@pytest.mark.parametrize("path", [path for path in sources(*PACKAGES) if path.stat().st_size], ids=ids)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*")), ids=ids)
def test_pins_name_no_index_and_no_machine(path: Path) -> None:
    """Issue 2, the house: pinned with hashes and without any index address."""
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links|(?:^|\s)/\w+", text, re.MULTILINE) == []


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_pins_carry_hashes(name: str) -> None:
    """pip checks what it fetched against a hash of every library."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def pinned(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^([A-Za-z0-9_.-]+==\S+)", text))


def test_product_runs_on_what_was_tested() -> None:
    assert pinned("runtime") < pinned("dev")


def test_every_library_has_a_reason() -> None:
    """A library without a comment above it in pyproject.toml is one that nobody decided on."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[dependency-groups]")[0].splitlines()
    named = [number for number, line in enumerate(lines) if re.match(r'\s+"[A-Za-z0-9_.\[\]-]+[><=~]', line)]
    assert len(named) >= 10
    assert [lines[number].strip() for number in named if not lines[number - 1].strip().startswith("#")] == []


def test_lock_covers_both_machines() -> None:
    """Issue 2, the house: hashes for x86-64 and arm64; arm64 below glibc 2.39 has only one release of Qt's binding."""
    pins = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^pyside6-essentials==(\S+) ; (.+?) \\$", pins)
    assert any("== 'aarch64'" in marker and version == "6.8.0.2" for version, marker in found)
    assert any("!= 'aarch64'" in marker for _, marker in found)
