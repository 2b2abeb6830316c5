"""Runs the migrations on the connection that `central_platform.database` hands over; there is no offline mode."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(7204713)"))
context.configure(connection=connection)
context.run_migrations()
