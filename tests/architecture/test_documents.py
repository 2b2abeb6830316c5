"""The documents tell the truth that a machine can check: their links lead somewhere, their commands exist."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from unittest import mock

import pytest

import central_platform.cli
import terminal_app.cli

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    """A document without its code blocks."""
    return re.sub(r"(?ms)^```.*?^```", "", text)


def anchors(path: Path) -> set[str]:
    """Addresses of the headings in a document, as code hosts make them."""
    headings = re.findall(r"(?m)^#+ +(.+?) *$", prose(path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_named_files_exist(path: Path) -> None:
    """A file named in back quotes, with a folder of ours before it, is there."""
    named = re.findall(
        r"`((?:terminal_app|device_drivers|ui|sync|local_api|central_platform|benchmarks|tools|tests|docs)/[\w./-]+)`",
        path.read_text(encoding="utf-8"),
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@cache
def product_source() -> str:
    folders = ("terminal_app", "device_drivers", "ui", "sync", "local_api", "central_platform")
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def rows_below(heading: str, path: Path) -> list[list[str]]:
    """The cells of the tables below a heading that begins so, or of all where it is empty."""
    text = prose(path.read_text(encoding="utf-8"))
    part = re.split(r"(?m)^#+ ", text.partition(f"\n## {heading}\n")[2])[0] if heading else text
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]


def test_the_words_of_the_glossary_are_in_the_code() -> None:
    words = set(re.findall(r"\w+", product_source()))
    named = [name for row in rows_below("", ROOT / "docs" / "glossary.md") for name in re.findall(r"`([^`]+)`", row[-1])]
    strange = [name for name in named if not (ROOT / name).exists() and not set(re.findall(r"\w+", name)) <= words]
    assert named and strange == []


def test_every_thread_is_in_the_table_of_threads() -> None:
    """By its name, or by the name of its family, such as `local-api`."""
    told = [word for row in rows_below("Threads", ROOT / "docs" / "architecture.md") for word in re.findall(r"[a-z-]+", row[0])]
    started = re.findall(r"Thread\([^\n]*name=\"([a-z-]+)\"", product_source())
    assert started and [name for name in started if not any(name.startswith(word) for word in told)] == []


@cache
def help_of(program: str, words: tuple[str, ...] = ()) -> str:
    asked = [*words, "--help"]
    if program == "./dev":
        return subprocess.run([sys.executable, str(ROOT / "dev"), *asked], capture_output=True, text=True, check=True).stdout
    main = {"rating-terminal": terminal_app.cli.run_command, "central-platform": central_platform.cli.main}[program]
    said = io.StringIO()
    with mock.patch.dict(os.environ, COLUMNS="200"), redirect_stdout(said), pytest.raises(SystemExit) as ended:
        main(asked)
    assert ended.value.code == 0
    return said.getvalue()


def documented(program: str) -> set[str]:
    """First words after a program's name, in code of any document."""
    found: set[str] = set()
    for path in DOCUMENTS:
        found.update(re.findall(rf"(?m)(?:^|[\s`$]){re.escape(program)} ([a-z][a-z-]+)", path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("program", ["./dev", "rating-terminal", "central-platform"])
def test_documented_commands_exist(program: str) -> None:
    known = set(re.findall(r"[a-z][a-z-]+", help_of(program)))
    named = documented(program)
    assert named
    assert named - known == set()


def options_of(program: str) -> set[tuple[str, str]]:
    """(command, option) pairs that the documents name."""
    found: set[tuple[str, str]] = set()
    for path in DOCUMENTS:
        for command, rest in re.findall(
            rf"(?m){re.escape(program)} ([a-z][a-z-]+)([^`\n#]*)", path.read_text(encoding="utf-8")
        ):
            found.update((command, option) for option in re.findall(r"--[a-z][a-z-]+", rest))
    return found


@pytest.mark.parametrize("program", ["rating-terminal", "central-platform"])
def test_documented_options_exist(program: str) -> None:
    missing = [
        (command, option) for command, option in sorted(options_of(program)) if option not in full_help(program, command)
    ]
    assert missing == []


@cache
def full_help(program: str, command: str) -> str:
    """Help of a command and of the commands below it."""
    text = help_of(program, (command,))
    below = re.search(r"\{([a-z,-]+)\}", text)
    words = below.group(1).split(",") if below else re.findall(r"(?m)^    ([a-z][a-z_-]*)(?:  |$)", text)
    return text + "".join(help_of(program, (command, word)) for word in words)
