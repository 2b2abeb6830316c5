"""A made-up language whose every text is English with accents, two fifths longer: what a real one may need in room."""

import json
import re
from pathlib import Path

import ui.wording as wording_module
from ui.wording import wording

LONGER = 1.4
PSEUDO = "qps"
_ACCENTS = str.maketrans("aeioucnsyAEIOUCNSY", "áéíóúçñšýÁÉÍÓÚÇÑŠÝ")
_PLACEHOLDER = re.compile(r"({\w+})")


def lengthened(text: str) -> str:
    """The same words with accents, each longer by its share, so that the whole is longer by LONGER; placeholders stay."""
    owed = 0.0

    def stretched(found: re.Match[str]) -> str:
        nonlocal owed
        word = found.group()
        if word.isdigit():
            return word
        owed += len(word) * (LONGER - 1)
        more = int(owed)
        owed -= more
        return word + (word * more)[:more]

    parts = _PLACEHOLDER.split(text)
    return "".join(part if part.startswith("{") else re.sub(r"\w+", stretched, part).translate(_ACCENTS) for part in parts)


def write_table(folder: Path, language: str = PSEUDO) -> Path:
    """The table of the made-up language, as a file in `folder`."""
    tables: dict[str, dict[str, str]] = {}
    for key, text in wording("en").texts.items():
        table, _, name = key.partition(".")
        tables.setdefault(table, {})[name] = text if table == "clock" else lengthened(text)
    file = folder / f"{language}.json"
    file.write_text(json.dumps(tables), encoding="utf-8")
    return file


def drop_in(folder: Path, language: str = PSEUDO) -> None:
    """Make `folder` the folder of texts: those that are shipped, and the made-up language."""
    for file in wording_module.TEXTS.glob("*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    write_table(folder, language)
