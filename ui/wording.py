"""The words on the screen: one JSON file per language under texts/; a file that is put there is a further language.

Never holds a name or anything of a session.
"""

import json
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

TEXTS = Path(__file__).parent / "texts"
FALLBACK = "zh-CN"

log = logging.getLogger(__name__)


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
    """Every language whose table can be read, the fallback first."""
    found = sorted(path.stem for path in TEXTS.glob("*.json"))
    return (FALLBACK, *(language for language in found if language != FALLBACK and _texts(language)))


@cache
def wording(language: str) -> Wording:
    """The table of `language`; what it leaves out, or all of it when there is none, is the fallback's."""
    own = _texts(language)
    if language == FALLBACK:
        return Wording(FALLBACK, own)
    fallback = wording(FALLBACK).texts
    fitting = {key: text for key, text in own.items() if _can_be_filled(text, fallback.get(key, ""))}
    if strange := own.keys() - fitting.keys():
        log.error("%s: %s left out, their {placeholders} are not those of %s", language, ", ".join(sorted(strange)), FALLBACK)
    return Wording(language, {**fallback, **fitting}) if own else wording(FALLBACK)


def own_name(language: str) -> str:
    """What a language calls itself."""
    return _texts(language).get("language.name") or wording(FALLBACK)("language.name")


@cache
def _texts(language: str) -> dict[str, str]:
    """What stands in the language's own file; nothing when there is none, or it is no such table."""
    path = TEXTS / f"{language}.json"
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))
        return {f"{table}.{name}": str(text) for table, texts in tables.items() for name, text in texts.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        log.error("%s is left out: it is no table of texts (%s)", path, error)
        return {}


def _can_be_filled(text: str, fallback: str) -> bool:
    """Whether whatever fills the fallback's placeholders fills this text as well."""
    names = {name for _, name, _, _ in Formatter().parse(fallback) if name}
    try:
        text.format(**dict.fromkeys(names, ""))
    except (ValueError, LookupError, AttributeError):
        return False
    return True
