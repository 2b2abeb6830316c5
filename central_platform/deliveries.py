"""A delivery of signed lines by one device, whichever way it came: one transaction, and one answer when it is durable."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from central_platform.catalogues import in_the_light_of
from central_platform.database import Database
from central_platform.devices import Device
from central_platform.documents import CATALOGUE, POLICY, RETIREMENT
from central_platform.identity import PlatformIdentity
from central_platform.intake import Reception, read_batch, take_in
from central_platform.marks import Catalogues
from central_platform.messages import BatchAnswer, Window
from central_platform.schema import devices, documents
from central_platform.session_fold import Owner
from central_platform.times import now_ms

_OF_DEVICE = ("id", "uuid", "revoked_at", "hall", "name", "number")
_newest = sa.select(sa.func.max(documents.c.id)).where(documents.c.kind.in_((CATALOGUE, POLICY, RETIREMENT))).scalar_subquery()
_HOLD = (
    sa.select(*(devices.c[name] for name in _OF_DEVICE), _newest.label("catalogue"))
    .where(devices.c.public_key == sa.bindparam("key"))
    .with_for_update(key_share=True, of=devices)
)


class UnknownDevice(Exception):
    """The key is not that of an enrolled device."""


class Deliveries:
    """Takes deliveries in, from any thread. The device's row is held meanwhile, so that its deliveries follow one another."""

    def __init__(self, database: Database, identity: PlatformIdentity) -> None:
        self._database = database
        self._identity = identity
        self._catalogues: tuple[int | None, Catalogues] = (None, Catalogues(frozenset(), frozenset()))

    def receive(self, public_key: bytes, lines: Sequence[bytes]) -> BatchAnswer:
        """Store what can be stored of the device with this key, and answer for every line. Raises UnknownDevice."""
        batch = read_batch(lines, public_key)
        received_at = now_ms()

        def work(connection: Connection) -> BatchAnswer:
            row = connection.execute(_HOLD, {"key": public_key}).first()
            if row is None:
                raise UnknownDevice
            device = Device(row.id, row.uuid, row.revoked_at is not None)
            owner = Owner(row.uuid, Window(row.hall, row.name, row.number))
            in_force = self._catalogues_at(connection, row.catalogue)
            return take_in(connection, Reception(device, owner, received_at, in_force, self._identity.sign), batch)

        return self._database.write(work)

    def _catalogues_at(self, connection: Connection, newest: int | None) -> Catalogues:
        """Read again whenever a catalogue, or a policy that names one, was published or retired, by this process or another."""
        known, held = self._catalogues
        if known != newest:
            held = in_the_light_of(connection)
            self._catalogues = (newest, held)
        return held
