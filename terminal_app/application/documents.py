"""The platform's signed documents as the terminal keeps them: reading, checking, and whether the set is complete.

Fetching belongs to sync, keeping to the store.
"""

import logging
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from terminal_app.domain.claimed_time import wall_ms_of
from terminal_app.domain.enrolment import BadEnrolment, EnrolmentRecord
from terminal_app.domain.frozen import frozen
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import ReasonCatalogue
from terminal_app.domain.session import Rules
from terminal_app.domain.signed import NotSigned, open_document
from terminal_app.domain.staff import StaffRoster
from terminal_app.ports import DocumentStore

ENROLMENT = "enrolment"

_Read = TypeVar("_Read")

log = logging.getLogger(__name__)


class DocumentKind(StrEnum):
    """What the platform publishes; also the `type` in the document."""

    POLICY = "policy"
    CATALOGUE = "catalogue"
    STAFF = "staff"


_NAMED_BY = {DocumentKind.POLICY: ("id",), DocumentKind.CATALOGUE: ("id", "version"), DocumentKind.STAFF: ()}


class BadDocument(ValueError):
    """The line is not a usable document of the kind: wrong signature, wrong type, malformed."""


@frozen
class Documents:
    """All that a window needs from the platform."""

    policy: RegionPolicy
    catalogue: ReasonCatalogue
    staff: StaffRoster

    @property
    def rules(self) -> Rules:
        return Rules(self.policy, self.catalogue)


@frozen
class Identity:
    """A complete enrolment: who this terminal is and the documents it works by."""

    record: EnrolmentRecord
    documents: Documents


def read_policy(line: bytes, platform_key: bytes) -> RegionPolicy:
    """The policy in a signed line. Raises BadDocument."""
    return _read(DocumentKind.POLICY, line, platform_key, RegionPolicy.from_document)


def read_catalogue(line: bytes, platform_key: bytes) -> ReasonCatalogue:
    """The reason catalogue in a signed line. Raises BadDocument."""
    return _read(DocumentKind.CATALOGUE, line, platform_key, ReasonCatalogue.from_document)


def read_staff(line: bytes, platform_key: bytes) -> StaffRoster:
    """The staff roster in a signed line. Raises BadDocument."""
    return _read(DocumentKind.STAFF, line, platform_key, StaffRoster.from_document)


def read_documents(lines: Mapping[DocumentKind, bytes], platform_key: bytes) -> Documents:
    """All three, consistent: the catalogue is the one that the policy names. Raises BadDocument."""
    missing = [kind for kind in DocumentKind if kind not in lines]
    if missing:
        raise BadDocument(f"{missing[0]}: missing")
    policy = read_policy(lines[DocumentKind.POLICY], platform_key)
    catalogue = read_catalogue(lines[DocumentKind.CATALOGUE], platform_key)
    if (policy.catalogue_id, policy.catalogue_version) != (catalogue.id, catalogue.version):
        raise BadDocument("catalogue: not the one that the policy names")
    return Documents(policy, catalogue, read_staff(lines[DocumentKind.STAFF], platform_key))


def is_rollback(kind: DocumentKind, fresh: bytes, kept: bytes, platform_key: bytes) -> bool:
    """Whether `fresh` is an earlier issue of what is kept: of the same region's policy, the same version of a catalogue, the
    roster. Which catalogue it has to be the policy says. Raises BadDocument."""
    try:
        new, old = open_document(fresh, platform_key), open_document(kept, platform_key)
        same = all(new.get(name) == old.get(name) for name in _NAMED_BY[kind])
        return same and _issued_ms(new) < _issued_ms(old)
    except ValueError:
        raise BadDocument(f"{kind}: not signed, or its time is malformed") from None


def _issued_ms(document: Mapping[str, Any]) -> int:
    """0 where a document of before does not say when it was issued."""
    said = document.get("issued_at")
    return 0 if said is None else wall_ms_of(str(said))


def load_identity(store: DocumentStore) -> Identity | None:
    """The enrolment that is kept, or None while it is not complete or not usable: then `enroll` has to run (again)."""
    enrolment = store.get(ENROLMENT)
    if enrolment is None:
        return None
    lines = {kind: kept[1] for kind in DocumentKind if (kept := store.get(kind)) is not None}
    try:
        record = EnrolmentRecord.from_line(enrolment[1])
        return Identity(record, read_documents(lines, record.platform_key))
    except (BadEnrolment, BadDocument) as error:
        log.error("the enrolment that is kept cannot be used: %s", error)
        return None


def _read(kind: DocumentKind, line: bytes, platform_key: bytes, build: Callable[[Mapping[str, Any]], _Read]) -> _Read:
    try:
        body = open_document(line, platform_key)
        if body["type"] != kind:
            raise ValueError("a document of another type")
        return build(body)
    except NotSigned as error:
        raise BadDocument(f"{kind}: {error}") from None
    except (KeyError, ValueError, TypeError, AttributeError, re.error) as error:
        raise BadDocument(f"{kind}: malformed ({type(error).__name__})") from None
