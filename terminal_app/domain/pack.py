"""A region's pack as written by people (TOML, CSV) → the `policy` and `catalogue` documents of docs/wire.md.

Pure: text in, document out; whoever calls reads the files. A pack that says anything this module does not know is refused,
so that a misspelt rule never becomes a default.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

LANGUAGES = ("zh-CN", "en")
LEVEL_NAMES = ("非常不满意", "不满意", "基本满意", "满意", "非常满意")
"""From one star to five: the one scale (common ground of the regions; the stars are from taian 二(三))."""
_COLUMNS = ("code", "level", "core", "text", "text_en")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,30}")
_REASON_CODE = re.compile(r"[1-9][0-9]{2}")


class PackError(ValueError):
    """A pack that cannot be used; the message names file, key and what is allowed."""

    def __init__(self, file: str, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{file}: {key}: {found!r} is not allowed; allowed: {allowed}")


def policy_document(toml_text: str, file: str = "policy.toml") -> dict[str, Any]:
    """The body of the `policy` document in a region's TOML. Raises PackError, naming `file`."""
    try:
        pack = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(file, "syntax", str(error), "TOML 1.0") from None
    reader = _Reader(file)
    reader.only(pack, "", ("id", "version", "name", "catalogue", "rules", "after_bad"))
    catalogue = reader.table(pack, "catalogue", ("id", "version", "source"))
    rules = reader.table(pack, "rules", tuple(_RULES))
    values = {rule: reader.rule(rules, rule) for rule in _RULES}
    promises = pack.get("after_bad", [])
    if not isinstance(promises, list):
        raise PackError(file, "after_bad", promises, "a list of tables [[after_bad]]")
    sources = {rule: rules[rule]["source"] for rule in _RULES if rule in rules}
    return {
        "type": "policy",
        "id": reader.text(pack, "id", _ID),
        "version": reader.text(pack, "version", _VERSION),
        "name": reader.texts(reader.table(pack, "name", LANGUAGES), "name."),
        "catalogue": {
            "id": reader.text(catalogue, "id", _ID, "catalogue."),
            "version": reader.text(catalogue, "version", _VERSION, "catalogue."),
        },
        "bad_at_most": values["bad_at_most"],
        "reasons_required": values["reasons_required"],
        "case_pattern": values["case_pattern"],
        "after_bad": [reader.promise(row, number) for number, row in enumerate(promises, start=1)],
        "sources": sources | {"catalogue": reader.text(catalogue, "source", within="catalogue.")},
    }


def catalogue_document(csv_text: str, catalogue_id: str, version: str, file: str = "reasons.csv") -> dict[str, Any]:
    """The body of the `catalogue` document in a CSV of code, level, core, text, text_en. Raises PackError, naming `file`."""
    header, *rows = list(csv.reader(csv_text.splitlines())) or [[]]
    if tuple(header) != _COLUMNS:
        raise PackError(file, "line 1", ",".join(header), ",".join(_COLUMNS))
    reasons = [_reason(row, f"line {line}", file) for line, row in enumerate(rows, start=2)]
    codes: set[str] = set()
    for line, reason in enumerate(reasons, start=2):
        if reason["code"] in codes:
            raise PackError(file, f"line {line}: code", reason["code"], "a code that stands on no other line")
        codes.add(reason["code"])
    return {"type": "catalogue", "id": catalogue_id, "version": version, "reasons": reasons}


def _reason(row: list[str], line: str, file: str) -> dict[str, Any]:
    if len(row) != len(_COLUMNS):
        raise PackError(file, line, f"{len(row)} columns", f"{len(_COLUMNS)} columns")
    code, level, core, *texts = row
    for column, value, allowed, matches in (
        ("code", code, "three digits", _REASON_CODE.fullmatch(code)),
        ("level", level, "1, 2, 3, 4, 5", level in tuple("12345")),
        ("core", core, "0, 1", core in tuple("01")),
        ("text", texts[0], "some text", texts[0].strip()),
        ("text_en", texts[1], "some text", texts[1].strip()),
    ):
        if not matches:
            raise PackError(file, f"{line}: {column}", value, allowed)
    return {"code": code, "level": int(level), "core": core == "1", "texts": dict(zip(LANGUAGES, texts, strict=True))}


def _is_pattern(value: Any) -> bool:
    """Whether `value` compiles; one that matches the empty text was left open at an end and would match too much."""
    try:
        return isinstance(value, str) and re.compile(value).fullmatch("") is None
    except re.error:
        return False


_REQUIRED = object()
_RULES: Mapping[str, tuple[Callable[[Any], bool], str, Any]] = {
    "levels": (lambda value: value == list(LEVEL_NAMES), ", ".join(LEVEL_NAMES), _REQUIRED),
    "bad_at_most": (lambda value: type(value) is int and 1 <= value <= 4, "1, 2, 3, 4", _REQUIRED),
    "reasons_required": (lambda value: type(value) is bool, "true, false", _REQUIRED),
    "case_pattern": (_is_pattern, "a regular expression that does not match the empty text", None),
}
"""Rule → what its value must be, in code and in words, and its value where the region has no such rule."""


class _Reader:
    """Takes typed values out of a pack; every error names the file and the whole key."""

    def __init__(self, file: str) -> None:
        self._file = file

    def only(self, table: Mapping[str, Any], within: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                raise PackError(self._file, f"{within}{key}", table[key], f"the keys {', '.join(keys)}")

    def table(self, parent: Mapping[str, Any], key: str, keys: tuple[str, ...], within: str = "") -> Mapping[str, Any]:
        value = parent.get(key)
        if not isinstance(value, dict):
            raise PackError(self._file, f"{within}{key}", value, f"a table with {', '.join(keys)}")
        self.only(value, f"{within}{key}.", keys)
        return value

    def text(self, table: Mapping[str, Any], key: str, form: re.Pattern[str] | None = None, within: str = "") -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip() or (form is not None and not form.fullmatch(value)):
            raise PackError(self._file, f"{within}{key}", value, f"text like {form.pattern}" if form else "some text")
        return value

    def texts(self, table: Mapping[str, Any], within: str) -> dict[str, str]:
        return {language: self.text(table, language, within=within) for language in LANGUAGES}

    def rule(self, rules: Mapping[str, Any], name: str) -> Any:
        """The value of a rule `{ value, source }`; a rule without a source is refused."""
        is_allowed, allowed, default = _RULES[name]
        if name not in rules and default is not _REQUIRED:
            return default
        rule = self.table(rules, name, ("value", "source"), "rules.")
        self.text(rule, "source", within=f"rules.{name}.")
        if not is_allowed(rule.get("value")):
            raise PackError(self._file, f"rules.{name}.value", rule.get("value"), allowed)
        return rule["value"]

    def promise(self, row: Any, number: int) -> dict[str, Any]:
        within = f"after_bad[{number}]."
        if not isinstance(row, dict):
            raise PackError(self._file, within[:-1], row, f"a table with source, {', '.join(LANGUAGES)}")
        self.only(row, within, ("source", *LANGUAGES))
        return {"texts": self.texts(row, within), "source": self.text(row, "source", within=within)}
