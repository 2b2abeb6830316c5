"""docs/devices.md keeps its own word on what goes wrong in the field: each row names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMNS = ["seen", "what the terminal does", "test"]
_REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

SEEN = (
    *(
        "read loop dies",
        "read loop spins",
        "still says connected",
        "`ttyUSB0`",
        "two programs",
        "input method",
        "keyboard layout",
    ),
    *("focus loss", "credential", "arrives twice", "leading zeros", "reversed bytes", "random UIDs"),
    *("ID card is laid on the scanner", "ID card is laid on the card reader"),
)
"""Device protocols, “What goes wrong in the field”, line by line."""


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "devices.md").read_text("utf-8").split("## What goes wrong in the field", 1)[1]
    lines = [line for line in text.split("\n## ", 1)[0].splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert cells[0] == COLUMNS
    return cells[1:]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_line_of_the_field_table_has_tests_that_exist(row: list[str]) -> None:
    """Issue 6, done when: every line of the “what goes wrong in the field” table is a test."""
    assert len(row) == len(COLUMNS) and all(row), row
    references = _REFERENCE.findall(row[2])
    assert references and _REFERENCE.sub("", row[2]).strip(" ,") == "", "nothing but references, as `file::test`"
    assert [(file, name) for file, name in references if not (ROOT / file).is_file() or name not in names_in(file)] == []


def test_every_line_of_the_facts_is_there() -> None:
    told = [row[0] for row in rows()]
    assert [seen for seen in SEEN if sum(seen in one for one in told) != 1] == []
    assert len(told) == len(SEEN)
