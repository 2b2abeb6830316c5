"""A delivery of signed lines by one device, whichever way it came: one transaction, and one answer when it is durable."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from central_platform import documents
from central_platform.database import Database
from central_platform.devices import find_device
from central_platform.identity import PlatformIdentity
from central_platform.intake import Reception, read_batch, take_in
from central_platform.messages import BatchAnswer
from central_platform.times import now_ms


class UnknownDevice(Exception):
    """The key is not that of an enrolled device."""


class Deliveries:
    """Takes deliveries in, from any thread."""

    def __init__(self, database: Database, identity: PlatformIdentity) -> None:
        self._database = database
        self._identity = identity
        self._catalogues = database.read(documents.catalogues)

    def receive(self, public_key: bytes, lines: Sequence[bytes]) -> BatchAnswer:
        """Store what can be stored of the device with this key, and answer for every line. Raises UnknownDevice."""
        batch = read_batch(lines, public_key)
        received_at = now_ms()

        def work(connection: Connection) -> BatchAnswer:
            device = find_device(connection, public_key, lock=True)
            if device is None:
                raise UnknownDevice
            return take_in(connection, Reception(device, received_at, self._catalogues, self._identity.sign), batch)

        return self._database.write(work)
