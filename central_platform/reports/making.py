"""Makes the monthly report of a region in one transaction, for the command and for the screen alike."""

from sqlalchemy.engine import Connection

from central_platform.documents import POLICY, current, read_document
from central_platform.month import Month
from central_platform.reports.figures import read_report
from central_platform.reports.tables import Report, write_report
from central_platform.rules.laws import NoRegion, home_region


class NotReported(Exception):
    """There is no such report; the message says why."""


def make_report(connection: Connection, region: str | None, month: Month | None, language: str, now: int) -> Report:
    """Of this month and the platform's own region where none is named. Raises NotReported."""
    wanted = month or Month.at(now)
    if wanted.starts > now:
        raise NotReported(f"{wanted.name} is yet to come.")
    try:
        named = region or home_region(connection)
        held = current(connection, POLICY, named)
        name = read_document(held.line)["name"] if held else {}
        return write_report(read_report(connection, named, name, wanted, now), language)
    except NoRegion as error:
        raise NotReported(str(error)) from None
