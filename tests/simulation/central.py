"""The platform of a run: the real service on a real SQLite file, which can be restarted, backed up and restored.

It is asked directly, without a socket; what stands in front of the service in the product (size limit, entity tags,
problems as HTTP) is repeated here in few lines.
"""

import re
import sqlite3
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from simulation.timeline import Timeline
from sqlalchemy.exc import OperationalError

from central_platform import documents
from central_platform.database import Database, open_database
from central_platform.devices import set_revoked
from central_platform.enrolment import WindowDescription, create_claim
from central_platform.identity import PlatformIdentity, load_identity
from central_platform.problems import Problem
from central_platform.request_signatures import SignedRequest
from central_platform.schema import settings
from central_platform.service import Platform
from sync import wire
from terminal_app.regions.library import load_catalogue, load_pack, read_shipped
from terminal_app.regions.pack import Pack

_KEY, _SEALING_KEY = bytes(range(32)), bytes(range(32, 64))
_YEAR_MS = 365 * 86_400_000

Answer = tuple[int, dict[str, str], bytes]


@cache
def fresh_database() -> bytes:
    """A platform's database before its first device, made once for all runs of a process."""
    with TemporaryDirectory(prefix="rating-simulation-") as folder:
        path = Path(folder) / "fresh.sqlite"
        database = open_database(f"sqlite:///{path}")
        keys = [{"name": "signing_key", "value": _KEY}, {"name": "sealing_key", "value": _SEALING_KEY}]
        database.write(lambda connection: connection.execute(sa.insert(settings), keys))
        database.close()
        return path.read_bytes()


@cache
def _shared_database(path: Path) -> Database:
    """One for all runs of a process that keep the platform at this path: what it has compiled of SQL stays."""
    return open_database(f"sqlite:///{path}")


@cache
def _shipped(name: str) -> str:
    return read_shipped(name)


@cache
def _edition_text(name: str, edition: int) -> str:
    """A region's file as of an edition: other reasons are retired in each."""
    text = _shipped(name)
    if name.endswith(".toml"):
        text = re.sub(r'^version = "(.*)"$', rf'version = "\1.{edition}"', text, flags=re.MULTILINE)
        text = text.replace('version = "1" }', f'version = "1.{edition}" }}')
        required = f"[rules.reasons_required]\nvalue = {'true' if edition % 3 == 2 else 'false'}"
        return text.replace("[rules.reasons_required]\nvalue = false", required)
    head, *rows = text.splitlines()
    kept = [row for row in rows if not row or int(row.split(",")[0]) % 4 != edition % 4]
    return "\n".join([head, *kept, ""])


@cache
def _edition_pack(region: str, edition: int) -> Pack:
    return load_pack(region, partial(_edition_text, edition=edition))


@cache
def _edition_catalogue(region: str, edition: int) -> dict[str, Any] | None:
    return load_catalogue(_edition_pack(region, edition), partial(_edition_text, edition=edition))


class Central:
    """The platform. `edition` numbers the pack and the catalogue in force."""

    def __init__(self, folder: Path, timeline: Timeline, epoch_ms: int) -> None:
        self.path = folder / "platform.sqlite"
        self._timeline = timeline
        self._epoch_ms = epoch_ms
        self.edition = 0
        self.roster: list[dict[str, object]] = []
        self.path.write_bytes(fresh_database())
        self._open()

    @property
    def now_ms(self) -> int:
        return self._epoch_ms + self._timeline.now

    @property
    def public_key(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(_KEY).public_key().public_bytes_raw()

    def _open(self) -> None:
        self.database = _shared_database(self.path)
        self.service = Platform(self.database, "taian")

    def close(self) -> None:
        self.database.close()

    def restart(self) -> None:
        """Stop and start again; a new edition of the pack is published by that."""
        self.close()
        self._open()

    def publish(self, edition: int, roster: list[dict[str, object]]) -> None:
        """Put another edition of pack and catalogue, and a roster, in force."""
        self.edition, self.roster = edition, roster
        self.restart()
        self._write(lambda connection: documents.publish_staff(connection, load_identity(connection), roster))

    def pack(self, region: str, _read: object) -> Pack:
        """What `load_pack` finds as of the edition in force."""
        return _edition_pack(region, self.edition)

    def catalogue(self, pack: Pack, _read: object) -> dict[str, Any] | None:
        """What `load_catalogue` finds as of the edition in force."""
        return _edition_catalogue(pack.id, self.edition)

    def back_up(self) -> bytes:
        """The database as one file, copied while the platform runs."""
        connection = sqlite3.connect(self.path)
        content = connection.serialize()
        connection.close()
        return content

    def restore(self, backup: bytes) -> None:
        """Go on from an old backup."""
        self.close()
        for leftover in self.path.parent.glob(f"{self.path.name}-*"):
            leftover.unlink()
        self.path.write_bytes(backup)
        self._open()

    def claim(self, number: str) -> str:
        window = WindowDescription("大厅", f"{number}号窗口", number, None)
        return self._write(
            lambda connection: create_claim(connection, load_identity(connection), window, self.now_ms, _YEAR_MS)
        )

    def revoke(self, device: str, revoked: bool) -> None:
        at = self.now_ms if revoked else None
        self._write(lambda connection: set_revoked(connection, device, at))

    def _write(self, work):
        return self.database.write(work)

    def handle(self, method: str, url: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """Answer a request as the routes do."""
        request = SignedRequest.of(method, url, headers)
        try:
            if len(body) > wire.BATCH_BYTES:
                return 413, {}, b"{}"
            if path == wire.ENROLMENTS:
                return 200, {}, self.service.enroll(request, body)
            if path == wire.ENTRIES:
                return 200, {}, self.service.receive(request, body)
            return self._document(request, path, dict(headers).get("If-None-Match", ""))
        except Problem as problem:
            return problem.status, {"Content-Type": wire.PROBLEM_JSON, **(problem.headers or {})}, problem.content
        except OperationalError:
            return 503, {}, b"{}"

    def _document(self, request: SignedRequest, path: str, known: str) -> Answer:
        published = self.service.document(request, path.rpartition("/")[2])
        if known == published.etag:
            return 304, {"ETag": published.etag}, b""
        return 200, {"ETag": published.etag}, published.line


def identity() -> PlatformIdentity:
    """Who signs what the platform of every run says."""
    return PlatformIdentity(_KEY)
