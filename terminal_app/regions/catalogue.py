"""A reason catalogue as people write it (CSV of code, level, core, text, text_en) → the `catalogue` document of docs/wire.md.

Text in, document out; whoever calls reads the file.
"""

import csv
import re
from typing import Any

from terminal_app.regions.pack import LANGUAGES, PackError

COLUMNS = ("code", "level", "core", "text", "text_en")
_CODE = re.compile(r"[1-9][0-9]{2}")


def catalogue_document(csv_text: str, catalogue_id: str, version: str, file: str = "reasons.csv") -> dict[str, Any]:
    """The body of the `catalogue` document in a CSV. Raises PackError, naming `file` and the line."""
    header, *rows = list(csv.reader(csv_text.splitlines())) or [[]]
    if tuple(header) != COLUMNS:
        raise PackError(file, "line 1", ",".join(header), ",".join(COLUMNS))
    reasons = [_reason(row, f"line {line}", file) for line, row in enumerate(rows, start=2)]
    codes: set[str] = set()
    for line, reason in enumerate(reasons, start=2):
        if reason["code"] in codes:
            raise PackError(file, f"line {line}: code", reason["code"], "a code that stands on no other line")
        codes.add(reason["code"])
    return {"type": "catalogue", "id": catalogue_id, "version": version, "reasons": reasons}


def _reason(row: list[str], line: str, file: str) -> dict[str, Any]:
    if len(row) != len(COLUMNS):
        raise PackError(file, line, f"{len(row)} columns", f"{len(COLUMNS)} columns")
    code, level, core, *texts = row
    for column, value, allowed, matches in (
        ("code", code, "three digits", _CODE.fullmatch(code)),
        ("level", level, "1, 2, 3, 4, 5", level in tuple("12345")),
        ("core", core, "0, 1", core in tuple("01")),
        ("text", texts[0], "some text", texts[0].strip()),
        ("text_en", texts[1], "some text", texts[1].strip()),
    ):
        if not matches:
            raise PackError(file, f"{line}: {column}", value, allowed)
    return {"code": code, "level": int(level), "core": core == "1", "texts": dict(zip(LANGUAGES, texts, strict=True))}
