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
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
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

attached_devices = Table(
    "attached_devices",
    metadata,
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("role", Text, nullable=False),
    Column("driver", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("last_good", BigInteger),
    Column("told_at", BigInteger, nullable=False),
)

told_stores = Table(
    "told_stores",
    metadata,
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True, autoincrement=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("lost_at", BigInteger),
    Column("told_at", BigInteger, nullable=False),
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
    Column("follows_chain", LargeBinary),
    Column("follows_seq", BigInteger),
    Column("follows_hash", LargeBinary),
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

case_statements = Table(
    "case_statements",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("number", Text, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("case_statements_number", "number"),
)

channel_ratings = Table(
    "channel_ratings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    Column("number", Text),
    Column("linked", Boolean, nullable=False, server_default=false()),
    Column("received_at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("channel_ratings_number", "number"),
)

words = Table(
    "words",
    metadata,
    Column("session", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("once", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("received_at", BigInteger, nullable=False),
    Column("sealed", Text, nullable=False),
)

rated_cases = Table(
    "rated_cases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("session", LargeBinary, primary_key=True),
    Column("device_id", Integer, ForeignKey("devices.id"), primary_key=True),
    Column("visit", Text),
    Column("situation", Text),
    Column("in_chain", Boolean, nullable=False),
    Column("follow_up", Boolean, nullable=False),
    Index("rated_cases_session", "session"),
)

default_ratings = Table(
    "default_ratings",
    metadata,
    Column("number", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

standings = Table(
    "standings",
    metadata,
    Column("number", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("due_at", BigInteger),
    Column("document", Text, nullable=False),
    Index("standings_due_at", "due_at"),
)

duties = Table(
    "duties",
    metadata,
    Column("rating", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("due_at", BigInteger),
    Column("open", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Index("duties_due_at", "due_at"),
)

duty_steps = Table(
    "duty_steps",
    metadata,
    Column("rating", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("rating", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("findings_rating", "rating"),
)

outgoing_events = Table(
    "outgoing_events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    Column("number", Text),
    Column("at", BigInteger, nullable=False),
    Column("acknowledged_at", BigInteger),
    Column("document", Text, nullable=False),
    Index("outgoing_events_number", "number"),
)

paper_forms = Table(
    "paper_forms",
    metadata,
    Column("number", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("hall", Text, nullable=False),
    Column("window", Text, nullable=False),
    Column("catalogue_id", Text, nullable=False),
    Column("catalogue_version", Text, nullable=False),
    Column("printed_at", BigInteger, nullable=False),
)

paper_entries = Table(
    "paper_entries",
    metadata,
    Column("number", Text, ForeignKey("paper_forms.number"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

paper_scans = Table(
    "paper_scans",
    metadata,
    Column("number", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("media", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["number", "round", "place"], ["paper_entries.number", "paper_entries.round", "paper_entries.place"]),
)
