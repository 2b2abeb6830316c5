"""A region's pack as people write it (TOML) → `Pack`, and → the `policy` document of docs/wire.md.

Text in, values out; whoever calls reads the files. The schema (policy-pack.schema.json) says what may be written. Whatever else
is written is refused with file, key and what is allowed, so that a misspelt rule never becomes a default.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from terminal_app.regions.schema_errors import explain

LANGUAGES = ("zh-CN", "en")
SCHEMA = "policy-pack.schema.json"
_OWN_WORDS = ("common ground", "product ")
_AT_TOP = ("bad_at_most", "reasons_required", "case_pattern")
"""Rules that stand at the top of the document, where terminals of before look for them."""


class PackError(ValueError):
    """A file that cannot be used; the message names file, key and what is allowed."""

    def __init__(self, file: str, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{file}: {key}: {found!r} is not allowed; allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its value (JSON; None where the pack says "none"), source, explanation by language, and whose pack it is in."""

    name: str
    value: Any
    source: str
    texts: Mapping[str, str]
    pack: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A region's pack together with its base: every rule of the schema is there. Dates are ISO texts."""

    id: str
    version: str
    name: Mapping[str, str]
    base: str | None
    document: Mapping[str, str] | None
    validity: Mapping[str, str]
    rules: Mapping[str, Rule]
    after_bad: tuple[Mapping[str, str], ...]

    @property
    def catalogue(self) -> tuple[str, str]:
        """Id and version of the reason catalogue."""
        named = self.rules["catalogue"].value
        return named["id"], named["version"]


def rule_names() -> tuple[str, ...]:
    """Every rule that there is, in the schema's order."""
    return tuple(_schema()["properties"]["rules"]["properties"])


def rule_title(name: str) -> str:
    """What a rule is about, in a few words."""
    return str(_schema()["properties"]["rules"]["properties"][name]["title"])


def read_pack(text: str, file: str, read_base: Callable[[str], str]) -> Pack:
    """The pack in a TOML text. `read_base` gives the text of the pack with an id, or raises KeyError.

    Raises PackError, naming `file` (or the base's).
    """
    return _read(text, file, read_base, ())


def _read(text: str, file: str, read_base: Callable[[str], str], below: tuple[str, ...]) -> Pack:
    table = _checked(text, file)
    own = {name: _rule(name, rule, table["id"]) for name, rule in table["rules"].items()}
    base = _base(table, file, read_base, (*below, table["id"]))
    rules = {**(base.rules if base else {}), **own}
    missing = [name for name in rule_names() if name not in rules]
    if missing:
        raise PackError(file, f"rules.{missing[0]}", None, "a rule, here or in the base")
    return Pack(
        id=table["id"],
        version=table["version"],
        name=table["name"],
        base=table.get("base"),
        document=table.get("document"),
        validity=table.get("validity", {}),
        rules={name: rules[name] for name in rule_names()},
        after_bad=tuple(table.get("after_bad", base.after_bad if base else ())),
    )


def _base(table: Mapping[str, Any], file: str, read_base: Callable[[str], str], below: tuple[str, ...]) -> Pack | None:
    name = table.get("base")
    if name is None:
        return None
    if name in below:
        raise PackError(file, "base", name, "a pack that is not built on this one")
    try:
        text = read_base(name)
    except KeyError:
        raise PackError(file, "base", name, "the id of a pack that is there") from None
    return _read(text, f"{name}.toml", read_base, below)


def _checked(text: str, file: str) -> dict[str, Any]:
    try:
        table: dict[str, Any] = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PackError(file, "syntax", str(error), "TOML 1.0") from None
    for flaw in _validator().iter_errors(table):
        raise PackError(file, *explain(flaw))
    _check_sources(table, file)
    _check_dates(table, file)
    pattern = table["rules"].get("case_pattern", {"value": "none"})["value"]
    if not _is_pattern(pattern):
        raise PackError(
            file, "rules.case_pattern.value", pattern, "none, or a regular expression that does not match the empty text"
        )
    return table


def _check_sources(table: Mapping[str, Any], file: str) -> None:
    """A pack cites its own region's document and no other."""
    for key, part in _sourced(table):
        source = part["source"]
        if not source.startswith((f"{table['id']} ", *_OWN_WORDS)):
            raise PackError(
                file,
                f"{key}.source",
                source,
                f"{table['id']} and a clause, common ground, product rule 1 to 3, product default",
            )


def _sourced(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "validity" in table:
        yield "validity", table["validity"]
    yield from ((f"rules.{name}", rule) for name, rule in table["rules"].items())
    yield from ((f"after_bad[{number}]", row) for number, row in enumerate(table.get("after_bad", ()), start=1))


def _check_dates(table: Mapping[str, Any], file: str) -> None:
    for part, keys in (("document", ("dated",)), ("validity", ("from", "to"))):
        for key in keys:
            day = table.get(part, {}).get(key)
            try:
                date.fromisoformat(day or "2000-01-01")
            except ValueError:
                raise PackError(file, f"{part}.{key}", day, "a day that there is, like 2019-08-16") from None
    validity = table.get("validity", {})
    if validity.get("from", "") > validity.get("to", "9999-12-31"):
        raise PackError(file, "validity.to", validity["to"], f"{validity['from']} or later")


def _plain(value: Any) -> Any:
    """TOML's dates as ISO text, so that a pack is JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _rule(name: str, rule: Mapping[str, Any], pack: str) -> Rule:
    value = None if rule["value"] == "none" else rule["value"]
    return Rule(name, value, rule["source"], {language: rule[language] for language in LANGUAGES}, pack)


def _is_pattern(value: str) -> bool:
    """Whether `value` compiles; one that matches the empty text was left open at an end and would match too much."""
    try:
        return value == "none" or re.compile(value).fullmatch("") is None
    except re.error:
        return False


def policy_document(pack: Pack) -> dict[str, Any]:
    """The body of the `policy` document of a pack (docs/wire.md)."""
    catalogue_id, catalogue_version = pack.catalogue
    return {
        "type": "policy",
        "id": pack.id,
        "version": pack.version,
        "name": dict(pack.name),
        "catalogue": {"id": catalogue_id, "version": catalogue_version},
        **{name: pack.rules[name].value for name in _AT_TOP},
        "after_bad": [
            {"texts": {language: row[language] for language in LANGUAGES}, "source": row["source"]} for row in pack.after_bad
        ],
        "validity": {key: pack.validity.get(key) for key in ("from", "to", "superseded_by")},
        "rules": {name: rule.value for name, rule in pack.rules.items() if name not in (*_AT_TOP, "catalogue")},
        "sources": {name: rule.source for name, rule in pack.rules.items()},
    }


@cache
def _schema() -> dict[str, Any]:
    text = resources.files("terminal_app.regions").joinpath(SCHEMA).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema())
