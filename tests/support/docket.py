"""Values and doors for tests of the docket: moments, laws of the shipped packs, a database that is settled at chosen times."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from central_platform.database import Database
from central_platform.documents import publish_region
from central_platform.identity import load_identity
from central_platform.rules import listing
from central_platform.rules.law import Law
from central_platform.rules.laws import keep_home_region
from central_platform.rules.settling import Settled, settle
from central_platform.rules.told import take_cases, take_ratings
from terminal_app.domain.working_days import CHINA
from terminal_app.regions.library import load_pack
from terminal_app.regions.pack import policy_document


def law(region: str) -> Law:
    return Law.from_document(policy_document(load_pack(region)))


def ms(text: str) -> int:
    """`2026-10-09 09:00` in China, in milliseconds since 1970."""
    return round(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


def local(when: int | str) -> str:
    """The other way, from milliseconds or ISO 8601."""
    moment = datetime.fromisoformat(when) if isinstance(when, str) else datetime.fromtimestamp(when / 1000, CHINA)
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


class Docket:
    """The docket of one database, at whatever time a test says."""

    def __init__(self, database: Database, region: str) -> None:
        self.database = database

        def prepare(connection: Connection) -> None:
            keep_home_region(connection, publish_region(connection, load_identity(connection), region))

        database.write(prepare)

    def cases(self, *rows: dict[str, Any], now: str = "2026-10-01 00:00") -> list[str]:
        done = self.database.write(lambda connection: take_cases(connection, rows, ms(now)))
        return [one.code or one.status for one in done]

    def ratings(self, *rows: dict[str, Any], now: str = "2026-10-01 00:00") -> list[str]:
        done = self.database.write(lambda connection: take_ratings(connection, rows, ms(now)))
        return [one.code or one.status for one in done]

    def settle(self, now: str) -> Settled:
        total = Settled()
        while (done := self.database.write(lambda connection: settle(connection, ms(now)))).looked_at:
            total.add(done)
        return total

    def page(self, read: Any, *more: Any, **options: Any) -> list[dict[str, Any]]:
        page = self.database.read(lambda connection: read(connection, 0, 500, *more, **options))
        return list(msgspec.json.decode(page)["items"])

    def standing(self, case: str) -> dict[str, Any]:
        return next(one for one in self.page(listing.standings_after) if one["case"] == case)

    def roles(self, case: str) -> list[tuple[str, str, int]]:
        """(unit, role, level) of each rating of the case."""
        return [(one["unit"], one["role"], one["level"]) for one in self.standing(case)["ratings"]]

    def defaults(self) -> list[dict[str, Any]]:
        return self.page(listing.defaults_after)

    def others(self) -> list[dict[str, Any]]:
        return self.page(listing.others_after)

    def duties(self, *, only_open: bool = False) -> list[dict[str, Any]]:
        return self.page(listing.duties_after, only_open=only_open)

    def events(self) -> list[dict[str, Any]]:
        return listed_events(self.database)


def listed_events(database: Database) -> list[dict[str, Any]]:
    page = database.read(lambda connection: listing.events_after(connection, 0, 500))
    return list(msgspec.json.decode(page)["items"])
