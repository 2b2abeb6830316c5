"""Which chains the file's entries are in."""

import sqlite3

EACH_CHAIN = """
    WITH RECURSIVE found(chain) AS (
        SELECT min(chain) FROM entries
        UNION ALL SELECT (SELECT min(chain) FROM entries WHERE chain > found.chain) FROM found WHERE chain IS NOT NULL
    ), each_chain AS (SELECT chain FROM found WHERE chain IS NOT NULL)
"""
"""Begins a query that reads `each_chain(chain)`: jumps from chain to chain in the index, instead of through all entries."""


def chains(connection: sqlite3.Connection) -> list[bytes]:
    """All chains of which the file holds an entry, in the order of their names."""
    return [row[0] for row in connection.execute(EACH_CHAIN + "SELECT chain FROM each_chain ORDER BY chain")]
