"""Whose rules decide a case: the policies that the platform published, by region and time."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert
from central_platform.documents import POLICY, read_document
from central_platform.rules.law import Law
from central_platform.schema import documents, settings

_HOME = "region"


class NoRegion(Exception):
    """No rules are known to decide by; the message says what to do."""


def keep_home_region(connection: Connection, region: str) -> None:
    """Remember whose rules apply where nothing names a region."""
    statement = insert(connection.dialect.name, settings).values(name=_HOME, value=region.encode())
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": region.encode()}))


def home_region(connection: Connection) -> str:
    """Raises NoRegion."""
    held = connection.execute(sa.select(settings.c.value).where(settings.c.name == _HOME)).scalar()
    if held is None:
        raise NoRegion("this database knows no region yet; start `central-platform serve --region …` on it once.")
    return bytes(held).decode()


class Laws:
    """The rules by region and time, as one transaction finds them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: dict[str, list[tuple[int, Law]]] = {}
        self.home = home_region(connection)

    def of(self, region: str | None, at: int) -> Law:
        """The rules that were in force at `at`, or else the first that there were. Raises NoRegion."""
        named = region or self.home
        if named not in self._held:
            self._held[named] = self._read(named)
        versions = self._held[named]
        return next((law for published, law in reversed(versions) if published <= at), versions[0][1])

    def _read(self, region: str) -> list[tuple[int, Law]]:
        wanted = sa.select(documents.c.published_at, documents.c.line).where(documents.c.kind == POLICY)
        rows = self._connection.execute(wanted.where(documents.c.name == region).order_by(documents.c.id)).all()
        if not rows:
            raise NoRegion(f"there is no policy of the region {region}; start `central-platform serve --region {region}` once.")
        return [(row.published_at, Law.from_document(read_document(row.line))) for row in rows]
