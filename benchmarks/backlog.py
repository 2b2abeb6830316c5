"""A kiosk that has a backlog to deliver, and delivers it only while somebody measures it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.filling import fill
from benchmarks.probe import Probe
from benchmarks.scene import HERE, kiosk_on_duty, scene
from terminal_app.demo.stage import Stage, StageError
from terminal_app.store.connection import connect_read_only
from terminal_app.store.opening import DATABASE

BACKLOG = 100_000


class Delivery:
    """Kiosk and platform both stand still outside of `flowing`."""

    def __init__(self, stage: Stage, kiosk: Probe) -> None:
        self.stage = stage
        self.kiosk = kiosk

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Delivery is going on throughout. Raises StageError when the backlog came to its end."""
        self.kiosk.go_on()
        self.stage.platform.release()
        self.kiosk.hear("acked")
        yield
        if not self.pending():
            raise StageError("the backlog was delivered before the measurement was over: make BACKLOG larger")
        self.stop()

    def stop(self) -> None:
        self.kiosk.halt()
        self.stage.platform.hold()

    def pending(self) -> int:
        """How many entries wait."""
        return self._asked("SELECT count(*) FROM outbox")

    def last(self) -> int:
        """The place of the newest entry in the file."""
        return self._asked("SELECT max(n) FROM entries")

    def _asked(self, query: str) -> int:
        connection = connect_read_only(self.stage.folder / "terminal" / DATABASE)
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()


@contextmanager
def delivering_kiosk(timing: str, backlog: int = BACKLOG, environment: Mapping[str, str] = HERE) -> Iterator[Delivery]:
    """A kiosk with its backlog, which has not begun to flow."""
    with scene(timing) as stage:
        fill(stage.folder / "terminal", backlog, pending=True)
        stage.platform.hold()
        with kiosk_on_duty(stage, environment) as probe:
            yield Delivery(stage, probe)
