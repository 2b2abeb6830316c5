"""The writing on a case ticket: bytes as a device framed them → the fields of each case, as text.

Knows encodings, notations and how fields are spelled; what they mean is decided in `ticket`. Only the fields listed here
are ever taken over. What a ticket says of the person served is listed apart and read apart, to be sealed at once; whatever
else it says is dropped while it is read.

Source: device protocols, “Case tickets”; the second spellings are the common field set of the provincial interfaces. Its
`promiseTime` is not read: published tables contradict each other about what 1 and 2 mean.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

Fields = dict[str, str]
"""The fields of one case by our name; the ticket's own fields are in each of its cases."""

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "cases": ("cases",),
    "case": ("case", "projectno"),
    "number": ("number",),
    "matter": ("matter", "taskhandleitem", "taskcode"),
    "name": ("name", "taskname"),
    "kind": ("kind",),
    "visit": ("visit",),
    "state": ("state",),
    "group": ("group",),
    "staff": ("staff",),
    "staff_name": ("staff_name",),
    "body": ("body", "deptcode"),
    "time": ("time", "servicetime"),
    "count": ("count", "servicenumber"),
}
_PERSON: dict[str, tuple[str, ...]] = {
    "name": ("person", "username", "applicant", "applicantname", "applicant_name"),
    "kind": ("userprop",),
    "certificate_kind": ("userpagetype", "certtype", "cert_type"),
    "certificate": ("certkey", "certno", "cert_no", "idcard", "id_card", "idnumber", "id_number"),
    "certificate_government": ("certkeygov",),
    "telephone": ("phone", "tel", "telephone", "mobile", "userphone", "usermobile", "linkphone"),
    "address": ("address", "useraddress"),
}
_PERSON_NAMES = {spelling: name for name, spellings in _PERSON.items() for spelling in spellings}
_KNOWN = frozenset(spelling for spellings in _SPELLINGS.values() for spelling in spellings)
_REPEATABLE = frozenset(_SPELLINGS["case"])
_ENCODINGS = ("utf-8", "gb18030")
_ENDS = "".join(map(chr, range(0x21))) + "\x7f\xa0\u3000\ufeff"
# Compiled by `re` when the first ticket comes: a start waits for it otherwise.
_AIM_PREFIX = r"\][A-Za-z][0-9A-Za-z]"
_URL = r"[A-Za-z][A-Za-z0-9+.-]*://|[^=|]*\?"


class MalformedText(ValueError):
    """The text begins like one of the notations and breaks off, or holds something that cannot be a case."""


def decode(payload: bytes) -> str | None:
    """The text of a payload without symbology prefix (`]C0`) and control characters at its ends; None: unknown encoding."""
    for encoding in _ENCODINGS:
        try:
            text = payload.decode(encoding).strip(_ENDS)
        except UnicodeDecodeError:
            continue
        return re.sub(_AIM_PREFIX, "", text, count=1).strip(_ENDS) if re.match(_AIM_PREFIX, text) else text
    return None


def read_cases(text: str) -> list[Fields]:
    """The fields of every case on a ticket, each with `case`, its number as printed. Raises MalformedText.

    Reads a JSON object or a JSON list of cases, a URL with query parameters (also behind `#`), `key=value|key=value`, and
    else takes the whole text for a bare case number.
    """
    if text.startswith(("{", "[")):
        value = _json(text)
        return _cases(value if isinstance(value, dict) else {"cases": value})
    if re.match(_URL, text):
        return _cases(_known(_parameters(text)))
    if "=" in text:
        return _cases(_known((key, value) for key, _, value in (field.partition("=") for field in text.split("|"))))
    return [{"case": text}]


def read_person(text: str) -> Fields:
    """What the ticket says of the person served, by our name; empty for a bare case number. Raises MalformedText.

    The first of two counts, wherever it stands.
    """
    said: Fields = {}
    for key, value in _all_pairs(text):
        name = _PERSON_NAMES.get(unicodedata.normalize("NFKC", key).strip().lower())
        written = _text(value)
        if name and written:
            said.setdefault(name, written)
    return said


def _all_pairs(text: str) -> list[tuple[str, Any]]:
    """Every key and value on a ticket, at whatever depth."""
    if text.startswith(("{", "[")):
        return _pairs_within(text)
    if re.match(_URL, text):
        pairs: list[tuple[str, Any]] = list(_parameters(text))
    else:
        pairs = [(key, value) for key, _, value in (field.partition("=") for field in text.split("|"))]
    within = [pair for _, value in pairs if value.lstrip().startswith(("{", "[")) for pair in _pairs_within(value)]
    return pairs + within


def _pairs_within(text: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    try:
        json.loads(text, object_pairs_hook=pairs.extend)
    except (ValueError, RecursionError):
        raise MalformedText("not JSON") from None
    return pairs


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_known)
    except (ValueError, RecursionError):
        raise MalformedText("not JSON") from None


def _parameters(url: str) -> list[tuple[str, str]]:
    query = "&".join(re.split("[?#]", url)[1:])
    for encoding in _ENCODINGS:
        try:
            return parse_qsl(query, encoding=encoding, errors="strict")
        except UnicodeDecodeError:
            continue
    raise MalformedText("query parameters in an unknown encoding")


def _known(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The known fields among `pairs`, by our name; the first of two counts, but case numbers add up."""
    spelled: dict[str, Any] = {}
    for key, value in pairs:
        spelling = unicodedata.normalize("NFKC", key).strip().lower()
        if spelling not in _KNOWN or value in ("", None):
            continue
        if spelling in _REPEATABLE and isinstance(value, str) and isinstance(spelled.get(spelling), str):
            spelled[spelling] += f",{value}"
        else:
            spelled.setdefault(spelling, value)
    return {
        name: spelled[spelling]
        for name, spellings in _SPELLINGS.items()
        for spelling in reversed(spellings)
        if spelling in spelled
    }


def _cases(fields: dict[str, Any]) -> list[Fields]:
    shared = _texts(fields, without=("cases", "case", "number"))
    return [shared | own for own in (*_listed(fields.get("cases")), *_listed(fields.get("case")))]


def _listed(value: Any) -> list[Fields]:
    """Cases in a field: comma-separated text, a JSON list as text, a list of texts, numbers or objects, or one of these."""
    if isinstance(value, str):
        value = _json(value) if value.lstrip().startswith("[") else unicodedata.normalize("NFKC", value).split(",")
    values = value if isinstance(value, list) else [value]
    return [
        _case(item) for item in values if item is not None and item != "" and not (isinstance(item, str) and item.isspace())
    ]


def _case(item: Any) -> Fields:
    fields = item if isinstance(item, dict) else {"case": item}
    number = _text(fields.get("case", fields.get("number")))
    if number is None:
        raise MalformedText("a case without a number")
    return _texts(fields, without=("cases", "number")) | {"case": number}


def _texts(fields: dict[str, Any], without: tuple[str, ...]) -> Fields:
    texts = {name: _text(value) for name, value in fields.items() if name not in without}
    return {name: text for name, text in texts.items() if text is not None}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else None
