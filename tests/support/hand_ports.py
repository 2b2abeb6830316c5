"""A controller's ports, driven by hand: nothing is written, looked up or due before the test says so."""

from collections.abc import Callable, Sequence

from support.behaviour import LI, WANG

from terminal_app.domain.journal import GENESIS, ClockQuality, Draft, Entry, Head, Moment, write_entry
from terminal_app.domain.staff import StaffMember
from terminal_app.ports import StoreFailure

SECRET = "TA20261121000417 level 1"
"""What a bug might say of a citizen."""


class HandClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now_ms = 5_000

    def moment(self) -> Moment:
        return Moment("2026-11-21T10:32:05.123+08:00", self.now_ms, "boot", ClockQuality.SYNCHRONISED)

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return self.now_ms


class HandIds:
    def __init__(self) -> None:
        self.given = 0

    def uuid7(self) -> str:
        self.given += 1
        return f"session-{self.given}"

    def token(self) -> bytes:
        return bytes([self.given]) * 16


class HandJournal:
    """Takes calls in order and answers the oldest when told. `broken`: appends and look-ups raise as a bug would."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._waiting: list[Callable[[str | None], None]] = []
        self.drafts: list[Draft] = []
        self.durable: list[Draft] = []
        self.keys: Sequence[str] = ()
        self.rated: frozenset[str] = frozenset()
        self.attempts = 0
        self.broken = False

    def append(self, draft: Draft, done: Callable[[Entry | StoreFailure], None]) -> None:
        self._break()
        self.drafts.append(draft)

        def answer(failure: str | None) -> None:
            if failure:
                done(StoreFailure(failure))
            else:
                self.durable.append(draft)
                done(write_entry(draft, "id", Head("device", "chain", 0, GENESIS), self._clock.moment(), lambda _: bytes(64)))

        self._waiting.append(answer)

    def rated_before(self, keys: Sequence[str], done: Callable[[frozenset[str]], None]) -> None:
        self._break()
        self.keys = keys
        self._waiting.append(lambda _: done(self.rated & set(keys)))

    def recover(self, done: Callable[[bool], None]) -> None:
        self.attempts += 1
        self._waiting.append(lambda failure: done(failure is None))

    def _break(self) -> None:
        if self.broken:
            raise RuntimeError(SECRET)

    @property
    def is_waiting(self) -> bool:
        return bool(self._waiting)

    def answer_one(self, failure: str | None = None) -> None:
        self._waiting.pop(0)(failure)

    def answer(self) -> None:
        while self._waiting:
            self.answer_one()


class HandStaff:
    def __init__(self) -> None:
        self.cards = {"04A1": LI, "04A2": WANG}
        self.broken = False

    def by_card(self, uid: str) -> StaffMember | None:
        if self.broken:
            raise RuntimeError(SECRET)
        return self.cards.get(uid)

    def find(self, number: str | None) -> StaffMember | None:
        return next((member for member in self.cards.values() if member.number == number), None)


class HandScheduler:
    """Virtual time."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._due: list[tuple[int, Callable[[], None]]] = []

    def call_later(self, delay_ms: int, callback: Callable[[], None]) -> None:
        self._due.append((self._clock.now_ms + delay_ms, callback))

    def pass_ms(self, ms: int) -> None:
        until = self._clock.now_ms + ms
        while due := sorted((one for one in self._due if one[0] <= until), key=lambda one: one[0]):
            self._due.remove(due[0])
            self._clock.now_ms = due[0][0]
            due[0][1]()
        self._clock.now_ms = until
