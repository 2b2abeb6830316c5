"""The recordings of a terminal, the hall's own before those that are shipped.

A folder per language holds a WAV per phrase and `texts.toml`, which says what is spoken. Finds and
reads files, nothing else; whoever asks is not the window's thread.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ui.voice.script import Shown, Utterance
from ui.wording import FALLBACK

SOUNDS: Final = Path(__file__).parent / "sounds"
TEXTS: Final = "texts.toml"
LARGEST_BYTES: Final = 4 << 20


def texts_in(folder: Path) -> dict[str, str]:
    """What a language's folder says is spoken, by phrase (`screen-rate`). Raises OSError, ValueError."""
    file = folder / TEXTS
    if not file.is_file():
        return {}
    tables = tomllib.loads(file.read_text("utf-8"))
    return {f"{table}-{name}": str(text) for table, texts in tables.items() for name, text in texts.items()}


class Recordings:
    """`own`: the hall's folder, whose recordings go before the shipped ones."""

    def __init__(self, own: Path | None = None) -> None:
        self._roots: Sequence[Path] = (own, SOUNDS) if own else (SOUNDS,)
        self._by_text: dict[str, Mapping[str, str]] = {}

    def of(self, language: str, utterance: Utterance) -> Iterator[Path]:
        """The files to play, in order. What nobody recorded in a language that has recordings is left out."""
        spoken = language if any((root / language).is_dir() for root in self._roots) else FALLBACK
        for part in utterance:
            yield from self._files(spoken, part)

    def _files(self, language: str, part: str | Shown) -> Iterator[Path]:
        names = (part,) if isinstance(part, str) else self._names(language, part)
        for name in names:
            found = (root / language / f"{name}.wav" for root in self._roots)
            yield from [file for file in found if file.is_file()][:1]

    def _names(self, language: str, part: Shown) -> tuple[str, ...]:
        name = self._phrases(language).get(part.text)
        return part.instead if name is None else (name,)

    def _phrases(self, language: str) -> Mapping[str, str]:
        """Phrases by their text: a text that was changed since is not spoken as it was before."""
        if language not in self._by_text:
            texts = [texts_in(root / language) for root in reversed(self._roots)]
            self._by_text[language] = {text: name for table in texts for name, text in table.items()}
        return self._by_text[language]


def read(file: Path) -> bytes:
    """A recording's bytes, at most so many as one may have. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(LARGEST_BYTES)
