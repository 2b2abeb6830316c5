"""Policy, catalogue and staff roster from the platform into the document store.

Stores only what is signed by the pinned platform key, of the right type, well-formed, consistent, and not older than what it
replaces. Whatever is wrong leaves the stored documents as they are.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sync import wire
from sync.client import Document, NotModified
from sync.outcome import Nonsense, Trouble
from terminal_app.application.documents import (
    BadDocument,
    DocumentKind,
    is_rollback,
    read_catalogue,
    read_documents,
    read_policy,
    read_staff,
)
from terminal_app.ports import DocumentStore

log = logging.getLogger(__name__)

_PATHS: Mapping[DocumentKind, str] = {
    DocumentKind.POLICY: wire.POLICY,
    DocumentKind.CATALOGUE: wire.CATALOGUE,
    DocumentKind.STAFF: wire.STAFF,
}
_READERS = {DocumentKind.POLICY: read_policy, DocumentKind.CATALOGUE: read_catalogue, DocumentKind.STAFF: read_staff}


class DocumentSource(Protocol):
    """The part of the platform client that fetches documents."""

    def fetch_document(self, path: str, etag: str | None) -> Document | NotModified | Trouble: ...


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a look at the platform brought: the kinds that changed, or the trouble that ended it."""

    changed: frozenset[DocumentKind]
    trouble: Trouble | None = None


class Downloads:
    """Keeps the stored documents those of the platform. Runs on the sync thread."""

    def __init__(self, source: DocumentSource, store: DocumentStore, platform_key: bytes) -> None:
        self._source = source
        self._store = store
        self._platform_key = platform_key

    def refresh(self) -> Refreshed:
        """Ask for every document that may have changed and store what is new, if the set fits together.

        What is older than the one that is kept is not taken, and holds up none of the others: a platform that was restored
        from a backup still gives a terminal what a damaged file lost.
        """
        kept = {kind: document for kind in DocumentKind if (document := self._kept(kind)) is not None}
        fresh: dict[DocumentKind, Document] = {}
        for kind, path in _PATHS.items():
            answer = self._source.fetch_document(path, kept[kind].etag if kind in kept else None)
            if isinstance(answer, Document):
                fresh[kind] = answer
            elif not isinstance(answer, NotModified):
                return Refreshed(frozenset(), answer)
        try:
            older = [kind for kind in kept.keys() & fresh.keys() if self._is_older(kind, fresh[kind], kept[kind])]
            usable = {kind: document for kind, document in fresh.items() if kind not in older}
            read_documents({kind: document.line for kind, document in (kept | usable).items()}, self._platform_key)
        except BadDocument as error:
            log.warning("documents of the platform are not usable: %s", error)
            return Refreshed(frozenset(), Nonsense(str(error)))
        if usable:
            self._store.put_all({kind: (document.etag, document.line) for kind, document in usable.items()})
            log.info("new documents: %s", ", ".join(sorted(usable)))
        for kind in older:
            log.warning("the platform's %s is older than the one that is kept, and is not taken", kind)
        return Refreshed(frozenset(usable), Nonsense(f"{older[0]}: older than the one that is kept") if older else None)

    def _is_older(self, kind: DocumentKind, fresh: Document, kept: Document) -> bool:
        """What was signed once stays signed for ever; somebody may keep an old document for later. Raises BadDocument."""
        return is_rollback(kind, fresh.line, kept.line, self._platform_key)

    def _kept(self, kind: DocumentKind) -> Document | None:
        """What is stored, unless it is unusable: then it is fetched anew instead of being confirmed by a 304."""
        stored = self._store.get(kind)
        if stored is None:
            return None
        try:
            _READERS[kind](stored[1], self._platform_key)
        except BadDocument as error:
            log.warning("stored document is not usable, fetching it anew: %s", error)
            return None
        return Document(*stored)
