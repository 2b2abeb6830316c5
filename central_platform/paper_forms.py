"""The forms that were printed: each number is drawn, registered once, and stays. A number that is not here is nobody's form."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.database import insert, slices
from central_platform.form_number import FREE, number_of
from central_platform.schema import Record, paper_forms


@dataclass(frozen=True, slots=True)
class Printing:
    """What the forms of one printing have in common. `catalogue`: id and version of the reasons on them."""

    region: str
    language: str
    hall: str
    window: str
    catalogue: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A printed form; `printed_at` in milliseconds since 1970."""

    number: str
    printing: Printing
    printed_at: int


def register(
    connection: Connection, one: Printing, copies: int, now: int, draw: Callable[[int], int] = secrets.randbelow
) -> list[str]:
    """The numbers of so many new forms."""
    row: dict[str, Any] = asdict(one)
    catalogue_id, catalogue_version = row.pop("catalogue")
    row |= {"catalogue_id": catalogue_id, "catalogue_version": catalogue_version, "printed_at": now}
    statement = insert(connection.dialect.name, paper_forms).on_conflict_do_nothing().returning(paper_forms.c.number)
    numbers: list[str] = []
    while len(numbers) < copies:
        number = connection.execute(statement, row | {"number": number_of(draw(FREE))}).scalar()
        numbers += [number] if number is not None else []
    return numbers


def find_form(connection: Connection, number: str) -> Form | None:
    """The form with this number."""
    row = connection.execute(sa.select(paper_forms).where(paper_forms.c.number == number)).first()
    return _form(row) if row else None


def all_forms(connection: Connection, region: str | None = None) -> list[Form]:
    """Every form, or those of a region, as they were printed."""
    wanted = sa.select(paper_forms).order_by(paper_forms.c.printed_at, paper_forms.c.number)
    if region is not None:
        wanted = wanted.where(paper_forms.c.region == region)
    return [_form(row) for row in connection.execute(wanted)]


def forms_with(connection: Connection, numbers: Collection[str | None]) -> Mapping[str | None, Form]:
    """By its number, the form of each of these numbers that is one's."""
    wanted = [number for number in numbers if number is not None]
    found = (connection.execute(sa.select(paper_forms).where(paper_forms.c.number.in_(some))) for some in slices(wanted))
    return {row.number: _form(row) for rows in found for row in rows}


def _form(row: Record) -> Form:
    shared = Printing(row.region, row.language, row.hall, row.window, (row.catalogue_id, row.catalogue_version))
    return Form(row.number, shared, row.printed_at)
