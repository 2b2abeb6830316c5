"""The hall's own texts and pictures, and photos of its staff, found in folders when the window starts.

Never shows anything and knows no Qt.
"""

import logging
from pathlib import Path

from terminal_app.domain.frozen import frozen

PICTURES = (".png", ".jpg", ".jpeg")
TEXT = ".txt"
LONGEST_TEXT = 120

log = logging.getLogger(__name__)


@frozen
class Poster:
    """A short text, or the path of a picture."""

    text: str = ""
    picture: str = ""


def read_posters(folder: Path | None) -> tuple[Poster, ...]:
    """Every .txt (UTF-8), .png and .jpg of `folder` by name; what cannot be shown is logged and left out."""
    if folder is None:
        return ()
    found = (_read(file) for file in sorted(folder.iterdir()))
    return tuple(poster for poster in found if poster)


def find_photos(folder: Path | None) -> tuple[tuple[str, str], ...]:
    """Staff numbers with the path of a picture: every .png and .jpg of `folder`, called after the number of whom it shows."""
    if folder is None:
        return ()
    return tuple((file.stem, str(file)) for file in sorted(folder.iterdir()) if file.suffix.lower() in PICTURES)


def _read(file: Path) -> Poster | None:
    if file.suffix.lower() in PICTURES:
        return Poster(picture=str(file))
    if file.suffix.lower() != TEXT:
        return None
    try:
        text = " ".join(file.read_text("utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        log.warning("poster %s is not shown: %s", file.name, error)
        return None
    if not text or len(text) > LONGEST_TEXT:
        log.warning("poster %s is not shown: its text has %d characters, from 1 to %d fit", file.name, len(text), LONGEST_TEXT)
        return None
    return Poster(text=text)
