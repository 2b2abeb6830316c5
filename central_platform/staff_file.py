"""The staff directory as people write it: a CSV file → members as the signed `staff` document lists them."""

import csv
import io
import re
from pathlib import Path
from typing import Any

from terminal_app.domain.staff import Role

COLUMNS = ("number", "name", "post", "role", "cards")
_UID_DIGITS = {8, 14, 20}
"""Card UIDs are 4, 7 or 10 bytes (ISO/IEC 14443-3 6.4.4)."""
_RANDOM_UID = "08"
_CARD_SEPARATORS = re.compile(r"[\s;/|]+")


class StaffFileRefused(Exception):
    """The file is not taken; the message lists every line that is wrong. Nothing was changed."""


def read_staff(path: str) -> list[dict[str, Any]]:
    """All members in the file. Raises StaffFileRefused."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise StaffFileRefused(f"cannot read {path}: {error.strerror}.") from None
    reader = csv.reader(io.StringIO(_decode(raw, path), newline=""))
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    if not rows or tuple(cell.lower() for cell in rows[0][1]) != COLUMNS:
        raise StaffFileRefused(f"{path} line 1: the columns must be {','.join(COLUMNS)}.")
    return _members(path, rows[1:])


def _decode(raw: bytes, path: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StaffFileRefused(f"{path} is neither UTF-8 nor GB18030 text.")


def _members(path: str, rows: list[tuple[int, list[str]]]) -> list[dict[str, Any]]:
    members: list[dict[str, Any]] = []
    flaws: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(COLUMNS):
            flaws.append(f"{path} line {line}: {len(cells)} columns instead of {len(COLUMNS)}.")
            continue
        number, name, post, role, cards = cells
        uids = [card.upper() for card in _CARD_SEPARATORS.split(cards) if card]
        flaws += [f"{path} line {line}: {flaw}." for flaw in _flaws(number, name, role or Role.CLERK, uids)]
        for key in (f"number {number}", *(f"card {uid}" for uid in uids)):
            if key in seen:
                flaws.append(f"{path} line {line}: {key} stands on line {seen[key]} already.")
            seen.setdefault(key, line)
        members.append({"number": number, "name": name, "post": post, "role": role or Role.CLERK, "cards": uids})
    if flaws:
        raise StaffFileRefused("\n".join(flaws))
    return members


def _flaws(number: str, name: str, role: str, uids: list[str]) -> list[str]:
    flaws = []
    if not number:
        flaws.append("number is empty")
    if not name:
        flaws.append("name is empty")
    if role not in set(Role):
        flaws.append(f"role must be {' or '.join(Role)}")
    for uid in uids:
        if not (re.fullmatch(r"[0-9A-F]+", uid) and len(uid) in _UID_DIGITS):
            flaws.append(f"card {uid} is not 8, 14 or 20 hex digits")
        elif len(uid) == min(_UID_DIGITS) and uid.startswith(_RANDOM_UID):
            flaws.append(f"card {uid} is a random number, different at every reading; such a card cannot identify anybody")
    return flaws
