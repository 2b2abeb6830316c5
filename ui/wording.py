"""The words on the screen: one TOML table per language under texts/; a file that is put there is a further language.

Never holds a name or anything of a session.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"
FALLBACK = "zh-CN"


class Wording:
    """The texts of one language by dotted key, such as `rate.question`."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its `{placeholders}` filled. Raises KeyError for an unknown key: tables are complete."""
        text = self.texts[key]
        return text.format(**values) if values else text


def languages() -> tuple[str, ...]:
    """Every language that has a table, the fallback first."""
    found = sorted(path.stem for path in TEXTS.glob("*.toml"))
    return (FALLBACK, *(language for language in found if language != FALLBACK))


@cache
def wording(language: str) -> Wording:
    """The table of `language`; what it leaves out, or all of it when there is none, is the fallback's."""
    path = TEXTS / f"{language}.toml"
    if not path.is_file():
        return wording(FALLBACK)
    texts = dict(_flatten("", tomllib.loads(path.read_text(encoding="utf-8"))))
    return Wording(language, texts if language == FALLBACK else {**wording(FALLBACK).texts, **texts})


@cache
def own_name(language: str) -> str:
    """What a language calls itself. Every start shows it, so that a table which begins with it is read no further."""
    path = TEXTS / f"{language}.toml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not text.startswith("[language]\n"):
        return wording(language)("language.name")
    first = tomllib.loads(text.partition("\n[")[0])["language"]
    return str(first["name"]) if "name" in first else wording(language)("language.name")


def _flatten(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        rows += _flatten(f"{name}.", value) if isinstance(value, dict) else [(name, str(value))]
    return rows
