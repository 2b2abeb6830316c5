"""Reason catalogues side by side: import, retirement, and which reasons hold when an entry arrives.

A version never changes, a code never comes back with another meaning, and nothing is removed: what is retired is marked.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from central_platform.documents import CATALOGUE, POLICY, RETIREMENT, all_of, publish, take_turn
from central_platform.identity import PlatformIdentity
from central_platform.marks import Catalogues
from central_platform.times import iso, now_ms
from terminal_app.regions.pack import PackError


class CatalogueRefused(Exception):
    """An import or a retirement that cannot be; the message names the thing and the remedy. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a catalogue. `named_by`: the regions whose policy in force names it."""

    id: str
    version: str
    reasons: tuple[dict[str, Any], ...]
    named_by: tuple[str, ...]
    newest: bool
    retired: bool

    @property
    def in_force(self) -> bool:
        return not self.retired and (self.newest or bool(self.named_by))


def versions(connection: Connection) -> list[Version]:
    """All versions, in the order in which they were last published."""
    published = list(all_of(connection, CATALOGUE))
    held = {(one["id"], one["version"]): one for one in published}
    newest = {one["id"]: one["version"] for one in published}
    policies = {policy["id"]: policy["catalogue"] for policy in all_of(connection, POLICY)}
    gone = {(one["catalogue"], one["of"]) for one in all_of(connection, RETIREMENT)}
    return [
        Version(
            catalogue,
            version,
            tuple(document["reasons"]),
            tuple(region for region, named in policies.items() if (named["id"], named["version"]) == (catalogue, version)),
            newest[catalogue] == version,
            (catalogue, version) in gone,
        )
        for (catalogue, version), document in held.items()
    ]


def retired_codes(connection: Connection) -> set[tuple[str, str]]:
    """(catalogue id, code) of the reasons that were retired one by one."""
    return {(one["catalogue"], one["code"]) for one in all_of(connection, RETIREMENT) if one["code"] is not None}


def in_the_light_of(connection: Connection) -> Catalogues:
    """The reasons in force, and those of earlier catalogues, or retired, that are not in force any more."""
    gone = retired_codes(connection)
    ever = {(row["code"], row["level"]) for one in all_of(connection, CATALOGUE) for row in one["reasons"]}
    held = {
        (row["code"], row["level"])
        for version in versions(connection)
        if version.in_force
        for row in version.reasons
        if (version.id, row["code"]) not in gone
    }
    return Catalogues(frozenset(held), frozenset(ever - held))


def import_catalogue(connection: Connection, identity: PlatformIdentity, document: dict[str, Any], file: str) -> bool:
    """Take in a version of a catalogue; False when it is held already. Raises CatalogueRefused and PackError."""
    take_turn(connection)
    others = [one for one in versions(connection) if one.id == document["id"]]
    for one in others:
        if one.version == document["version"]:
            if list(one.reasons) == document["reasons"]:
                return False
            raise CatalogueRefused(
                f"{one.id} {one.version} is held with other reasons, and a version never changes. "
                "Give the file a version of its own."
            )
    _refuse_reused_codes(connection, document, others, file)
    return publish(connection, identity, document)


def _refuse_reused_codes(connection: Connection, document: dict[str, Any], others: list[Version], file: str) -> None:
    """A code keeps its level and text for ever, and one that was retired or left out does not come back."""
    meanings = {row["code"]: (row["level"], row["texts"]) for one in others for row in one.reasons}
    gone = {code for catalogue, code in retired_codes(connection) if catalogue == document["id"]}
    latest = {row["code"] for one in others if one.newest for row in one.reasons}
    for line, row in enumerate(document["reasons"], start=2):
        code = row["code"]
        if code in gone or (code in meanings and code not in latest):
            raise PackError(file, f"line {line}: code", code, "a code that was never retired or left out")
        if code in meanings and meanings[code] != (row["level"], row["texts"]):
            raise PackError(file, f"line {line}: code", code, "a code of its own: this one has another level or text already")


def retire(connection: Connection, identity: PlatformIdentity, catalogue: str, version: str | None, code: str | None) -> bool:
    """Retire a version, or a reason in all versions; False when it was already. Raises CatalogueRefused."""
    take_turn(connection)
    known = [one for one in versions(connection) if one.id == catalogue and version in (None, one.version)]
    if not known or (code is not None and not any(row["code"] == code for one in known for row in one.reasons)):
        raise CatalogueRefused(f"there is no {_named(catalogue, version, code)}; `central-platform catalogue list` names them.")
    named_by = [region for one in known for region in one.named_by if code is None]
    if named_by:
        raise CatalogueRefused(
            f"{_named(catalogue, version, code)} is what {', '.join(named_by)} rates by. "
            "Move the pack to another version first."
        )
    if any((one["catalogue"], one["of"], one["code"]) == (catalogue, version, code) for one in all_of(connection, RETIREMENT)):
        return False
    at = now_ms()
    document = {"type": RETIREMENT, "version": str(at), "catalogue": catalogue, "of": version, "code": code, "at": iso(at)}
    return publish(connection, identity, document)


def _named(catalogue: str, version: str | None, code: str | None) -> str:
    return f"catalogue {catalogue}" + (f" {version}" if version else "") + (f" with a reason {code}" if code else "")
