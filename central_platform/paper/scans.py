"""Scans of paper forms: read from a file, kept sealed beside the entry, opened by command alone.

What a citizen wrote beside the boxes may be personal, so that the database holds no scan that can be looked at.
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.form_number import shown
from central_platform.identity import PlatformIdentity
from central_platform.schema import paper_scans
from terminal_app.domain import suite

MAX_BYTES = 5 << 20
_MEDIA = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_log = logging.getLogger("central_platform")


class ScanRefused(Exception):
    """No scan that can be taken, or none that can be opened; the message says why and what helps."""


@dataclass(frozen=True, slots=True, repr=False)
class Scan:
    """A picture of a form; `media`: its media type."""

    media: str
    content: bytes


def read_scan(path: Path) -> Scan:
    """Raises ScanRefused."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScanRefused(f"{path} has more than {MAX_BYTES >> 20} MiB; scan it in grey at 150 dpi.")
        content = path.read_bytes()
    except OSError as error:
        raise ScanRefused(f"{path} cannot be read: {error.strerror}.") from None
    media = next((media for start, media in _MEDIA if content.startswith(start)), None)
    if media is None:
        raise ScanRefused(f"{path} is neither PDF nor JPEG nor PNG.")
    return Scan(media, content)


def keep_scan(connection: Connection, identity: PlatformIdentity, place: tuple[str, int, int], scan: Scan) -> None:
    """Beside the entry in that place: number, round, place."""
    number = place[0]
    sealed = suite.seal(identity.sealing_public_key, scan.content, _context(number))
    names = ("number", "round", "place")
    row = dict(zip(names, place, strict=True)) | {"hash": hashlib.sha256(scan.content).digest(), "media": scan.media}
    connection.execute(sa.insert(paper_scans).values(**row, sealed=sealed))


def open_scan(connection: Connection, identity: PlatformIdentity, number: str) -> Scan:
    """The latest scan of a form. Raises ScanRefused."""
    latest = sa.select(paper_scans).where(paper_scans.c.number == number)
    row = connection.execute(latest.order_by(paper_scans.c.round.desc(), paper_scans.c.place.desc()).limit(1)).first()
    if row is None:
        raise ScanRefused(f"there is no scan of form {shown(number)}.")
    try:
        content = identity.unseal(bytes(row.sealed), _context(number))
    except suite.NotSealed:
        raise ScanRefused("what is stored was not sealed to this platform's key.") from None
    _log.warning("the scan of form %s was opened by command", number)
    return Scan(row.media, content)


def _context(number: str) -> bytes:
    return f"rating-terminal paper-scan {number}".encode()
