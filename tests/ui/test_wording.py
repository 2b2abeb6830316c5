"""The text tables are complete and say the same in every language."""

import ast
import json
import re
from pathlib import Path

import pytest

from ui.wording import FALLBACK, TEXTS, Wording, languages, wording

UI = Path(__file__).resolve().parents[2] / "ui"
PLACEHOLDER = re.compile(r"{(\w+)}")


def test_the_shipped_languages() -> None:
    assert languages() == ("zh-CN", "en")


def own_texts(language: str) -> dict[str, str]:
    """What stands in the file itself, without what the fallback adds."""
    tables = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    return {f"{table}.{name}": text for table, texts in tables.items() for name, text in texts.items()}


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_text_and_no_other(language: str) -> None:
    assert set(own_texts(language)) == set(wording(FALLBACK).texts)
    assert all(text.strip() for text in wording(language).texts.values())


@pytest.mark.parametrize("language", languages())
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for key, text in wording(language).texts.items():
        if not key.startswith("clock.date"):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(wording(FALLBACK).texts[key])), key


def test_every_key_that_the_code_names_exists_and_every_text_is_used() -> None:
    keys = set(wording(FALLBACK).texts)
    tables = "|".join({key.partition(".")[0] for key in keys})
    literals, patterns = named_in(
        *(UI / name for name in ("view_state.py", "staff_view_state.py", "main_window.py", "wording.py"))
    )
    named = {text for text in literals if re.fullmatch(rf"({tables})\.\w+", text)}
    assert named <= keys
    buttons = {f"button.{text}" for text in literals}
    used = {key for key in keys if key in named | buttons or any(pattern.fullmatch(key) for pattern in patterns)}
    assert used == keys


def named_in(*paths: Path) -> tuple[set[str], list[re.Pattern[str]]]:
    """Whole strings, and f-strings as patterns, that stand in the code."""
    literals: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w-]+" for part in node.values]
                patterns.append(re.compile("".join(parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                literals.add(node.value)
    return literals, patterns


def test_a_missing_text_is_an_error_and_never_shown() -> None:
    with pytest.raises(KeyError):
        Wording("xx", {})("rate.question")


def test_an_unknown_language_falls_back() -> None:
    assert wording("xx").language == FALLBACK


def test_chinese_texts_use_chinese_punctuation() -> None:
    for key, text in wording("zh-CN").texts.items():
        assert not re.search(r"[一-鿿][,?!;:]", text), key
