"""The platform's tables, as SQLAlchemy Core objects. Statements are built from these; the tables are made by migrations.

Identifiers of entries and sessions are the 16 bytes of their UUIDv7, so that an index grows at its end. Times are
milliseconds since 1970 (UTC). What was received stays in `entries.line`, byte for byte; everything in `ratings` and
`rating_keys` can be computed again from it.
"""

from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

Record: TypeAlias = Any
"""A row of a result; its columns are read by name."""

metadata = MetaData()

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", Text, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False, unique=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("service_number", Text),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("region", Text),
)

claims = Table(
    "claims",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("hall", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("service_number", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("public_key", LargeBinary),
    Column("answer", LargeBinary),
    Column("region", Text),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("version", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Index("documents_kind", "kind", "name", "id"),
)

chains = Table(
    "chains",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("contiguous_seq", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    Column("top_seq", BigInteger, nullable=False),
    Column("forked", Boolean, nullable=False),
    UniqueConstraint("device_id", "chain"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), nullable=False),
    Column("chain_id", Integer, ForeignKey("chains.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("session", LargeBinary),
    Column("marks", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Index("entries_place", "chain_id", "seq"),
    Index("entries_session", "session"),
    postgresql_partition_by="RANGE (id)",
)

ratings = Table(
    "ratings",
    metadata,
    Column("session", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("standing", Text, nullable=False),
    Column("rated_before", Boolean, nullable=False),
    Column("document", Text, nullable=False),
)

rating_keys = Table(
    "rating_keys",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("session", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("rank", Text, nullable=False),
    Index("rating_keys_rank", "key", "rank"),
    Index("rating_keys_session", "session"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("session", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
)
