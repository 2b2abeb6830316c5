"""docs/trust.md keeps its own word: each row of its table names a test that exists, or says that nothing shows it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMNS = ["attacker", "act", "what shows it", "to whom", "from when", "test"]
NOTHING = ("not prevented", "**nothing**")
_REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[list[str]]:
    lines = (ROOT / "docs" / "trust.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    assert [cell.strip() for cell in cells[0]] == COLUMNS
    return cells[1:]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def title(row: list[str]) -> str:
    return f"{row[0]}: {row[1]}"


@pytest.mark.parametrize("row", rows(), ids=title)
def test_every_cell_of_the_table_has_a_test_or_says_that_nothing_shows_it(row: list[str]) -> None:
    """Issue 3, point 3: attacker × act × what shows it × to whom × from when; every cell has a test."""
    assert len(row) == len(COLUMNS) and all(row), row
    references = _REFERENCE.findall(row[5])
    if row[5] == "–":
        assert row[2].startswith(NOTHING), "a row without a test says what it is"
        return
    assert _REFERENCE.sub("", row[5]).strip(" ,") == "", "nothing but references, as `file::test`"
    assert references
    missing = [f"{file}::{name}" for file, name in references if not (ROOT / file).is_file() or name not in names_in(file)]
    assert missing == []


def test_no_act_stands_there_twice() -> None:
    acts = [(row[0], row[1], row[2]) for row in rows()]
    assert len(acts) == len(set(acts)) > 40


@pytest.mark.parametrize(
    "file", ["README.md", "docs/reliability.md", "docs/wire.md", "docs/platform.md", "docs/architecture.md"]
)
def test_no_other_text_promises_what_cannot_be_kept(file: str) -> None:
    """Issue 3, point 3: no text anywhere promises more. Words that promise it all are for nobody to use."""
    text = (ROOT / file).read_text("utf-8").lower()
    found = re.findall(r"tamper-?proof|unforgeable|immutable|unhackable|impossible to|100 ?%|不可篡改|绝对安全", text)
    assert found == []
