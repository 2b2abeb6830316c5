"""Which window a telephone's page belongs to, and by whose rules it rates. An address that names none serves all the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.documents import CATALOGUE, current, read_document
from central_platform.paper_forms import find_form
from central_platform.rules.laws import Laws
from central_platform.schema import Record, devices
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import Level, Reason, ReasonCatalogue
from terminal_app.domain.window_address import read_window


@dataclass(frozen=True, slots=True)
class Desk:
    """A window as its page shows it, with its rules; `device` None: the address names no window that is known."""

    device: str | None
    hall: str
    name: str
    number: str
    policy: RegionPolicy
    catalogue: ReasonCatalogue

    def reasons_of(self, level: Level) -> tuple[Reason, ...]:
        """What may be marked for this level: the reasons of a bad one."""
        return self.catalogue.of_level(level) if self.policy.is_bad(level) else ()


def find_desk(connection: Connection, address: str, now: int, paper: str | None = None) -> Desk:
    """The window that an address names: by its device, or by its number where only one window has it. Raises NoRegion.

    Where it names none, the rules are those of the paper form with the number `paper`, if there is one.
    """
    row = _row(connection, address)
    form = find_form(connection, paper) if row is None and paper is not None else None
    policy = Laws(connection).of(row.region if row else form.printing.region if form else None, now).window
    held = current(connection, CATALOGUE, policy.catalogue_id, policy.catalogue_version)
    assert held is not None, "a policy is published after its catalogue"
    catalogue = ReasonCatalogue.from_document(read_document(held.line))
    if row is None:
        return Desk(None, "", "", "", policy, catalogue)
    return Desk(row.uuid, row.hall, row.name, row.number, policy, catalogue)


def _row(connection: Connection, address: str) -> Record | None:
    columns = (devices.c[name] for name in ("uuid", "hall", "name", "number", "region"))
    wanted = sa.select(*columns).order_by(devices.c.id.desc())
    device = read_window(address)
    if device is not None:
        return connection.execute(wanted.where(devices.c.uuid == device)).first()
    return _only_window(connection.execute(wanted.where(devices.c.number == address)).all()) if address else None


def _only_window(found: Sequence[Record]) -> Record | None:
    """The newest device of a window; None where several windows have the number."""
    places = {(row.hall, row.name) for row in found}
    return found[0] if len(places) == 1 else None
