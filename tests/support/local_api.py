"""The local API on real sockets over a controller whose ports are driven by hand: one lock stands for the main thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from support.behaviour import LI, rules
from support.business_system import LEGACY_PAGE, OTHER_TOKEN, PAGE, TOKEN, Ports, free_ports
from support.hand_ports import HandClock, HandIds, HandJournal, HandScheduler, HandStaff

from local_api.server import LocalApi
from local_api.settings import ApiSettings, Client
from terminal_app.application.controller import Controller
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.rating import Level


class Counter:
    """A window at which everything that is written is durable at once."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.journal = HandJournal(self.clock)
        self.staff = HandStaff()
        self.scheduler = HandScheduler(self.clock)
        self.controller = Controller(
            self.clock, HandIds(), self.journal, self.staff, self.scheduler, initial(rules(), on_duty=LI)
        )
        self.acts = 0
        self.errors: list[BaseException] = []
        self._main = threading.Condition()

    def post(self, act: Callable[[], None]) -> None:
        with self._main:
            act()
            self.journal.answer()
            self.acts += 1
            self._main.notify_all()

    def wait_for(self, phase: str, deadline_s: float = 20.0) -> bool:
        """True once the window is in this phase."""
        return self.wait_until(lambda: self.phase == phase, deadline_s)

    def wait_until(self, condition: Callable[[], bool], deadline_s: float = 20.0) -> bool:
        """True once an act on the main thread has made it so."""
        with self._main:
            return self._main.wait_for(condition, deadline_s)

    def handle(self, event: s.Event) -> None:
        self.post(lambda: self.controller.handle(event))

    def tap(self, level: int) -> None:
        self.handle(s.StarTapped(Level(level)))

    @property
    def phase(self) -> str:
        return type(self.controller.state.phase).__name__


@contextlib.contextmanager
def local_api(*, legacy: bool = False) -> Iterator[tuple[Counter, Ports]]:
    """A counter, and the ports at which its terminal listens."""
    counter, ports = Counter(), Ports(*free_ports(2))
    clients = (Client("hall-system", TOKEN, (PAGE,)), Client("queue-system", OTHER_TOKEN))
    settings = ApiSettings(ports.socket, ports.http, clients, (LEGACY_PAGE,) if legacy else ())
    api = LocalApi(settings, counter.controller, counter.post, counter.errors.append)
    counter.controller.tell(api.invitations)
    api.start()
    try:
        yield counter, ports
    finally:
        assert api.stop(5.0), "the local API did not stop in time"
    assert counter.errors == []
