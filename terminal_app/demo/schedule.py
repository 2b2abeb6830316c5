"""The visits of a demonstration: who comes, for what, and how it is disturbed. Seeded, pure."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from terminal_app.demo.citizens import Act, Citizen, crowd
from terminal_app.demo.errands import ON_TICKET_OF, Customs, Errand, What, errands
from terminal_app.demo.record import Tapped


@dataclass(slots=True)
class Visit:
    """One visit. `errand` None: just what the citizen's ticket says. `kill_at`: the act at which the plug is pulled.

    `held`: the platform does not answer meanwhile. `session`: as soon as the stars are painted.
    """

    citizen: Citizen
    errand: Errand | None = None
    kill_at: int | None = None
    held: bool = False
    session: str | None = None
    tapped: Tapped = field(default_factory=Tapped)

    def __post_init__(self) -> None:
        self.tapped.covers = frozenset(self.covers)

    @property
    def cases(self) -> tuple[str, ...]:
        return self.citizen.cases

    @property
    def comes_again(self) -> bool:
        """With a ticket that was presented before: once its session has left the screen."""
        return self.errand is not None and self.errand.what in ON_TICKET_OF

    @property
    def covers(self) -> tuple[str, ...]:
        return self.errand.covers if self.errand else self.citizen.cases

    @property
    def touches(self) -> tuple[str, ...]:
        return self.errand.touches if self.errand else ()

    @property
    def name(self) -> str:
        """Of its rating in the record: the first case, or the session where that case has another rating beside it."""
        if self.session is not None and self.errand is not None and self.errand.what in (What.FOLLOW_UP, What.NEXT_VISIT):
            return self.session
        return self.covers[0]

    @property
    def about(self) -> What:
        """What its rating is about: the rest of a chain is rated overall; several cases of one matter are a batch."""
        if self.errand is not None and self.errand.what is not What.COMPLAINT:
            return What.CHAIN if self.errand.what is What.REST else self.errand.what
        return What.BATCH if len(self.cases) > 1 else What.PLAIN

    @property
    def told(self) -> str | None:
        return self.errand.told if self.errand else None

    @property
    def taps(self) -> bool:
        return self.citizen.taps and self.told is None


def plan(ratings: int, seed: int, kills: int, customs: Customs, reasons: Mapping[int, Sequence[int]]) -> list[Visit]:
    """Visits until `ratings` people have tapped, errand after errand; `kills` of them, at most, are disturbed.

    Not those whose ticket comes again, so that it is known what then has to happen.
    """
    rng = random.Random(f"visits {seed}")
    visits = list(_visits(ratings, seed, customs, reasons))
    may_be_killed = [one for one in visits if one.taps and (one.errand is None or one.errand.what not in ON_TICKET_OF.values())]
    for number, visit in enumerate(rng.sample(may_be_killed, min(kills, len(may_be_killed)))):
        visit.held = number % 2 == 0
        taps = ("star",) if visit.held else ("star", "reason")
        visit.kill_at = rng.choice([index for index, act in enumerate(visit.citizen.acts) if act.on in taps])
    return visits


def _visits(ratings: int, seed: int, customs: Customs, reasons: Mapping[int, Sequence[int]]) -> Iterator[Visit]:
    coming = errands(customs, seed)
    for citizen in crowd(seed, ratings, reasons):
        if not citizen.taps:
            yield Visit(citizen)
            continue
        errand = next(coming)
        while errand.told is not None:
            yield Visit(_sent_by(citizen, errand), errand)
            errand = next(coming)
        yield Visit(citizen) if errand.what is What.PLAIN else Visit(_sent_by(citizen, errand, reasons), errand)


def _sent_by(citizen: Citizen, errand: Errand, reasons: Mapping[int, Sequence[int]] | None = None) -> Citizen:
    """The citizen with the errand's ticket, by a way that can carry it. Who complains gives one star and a reason."""
    way = "scan_json" if citizen.way == "scan_number" else citizen.way
    acts = citizen.acts if errand.told is None else ()
    if errand.what is What.COMPLAINT and reasons is not None:
        acts = (Act("star", 1), Act("reason", reasons[1][0]), Act("submit"))
    return replace(citizen, cases=errand.cases, way=way, acts=acts, lingers=citizen.lingers and errand.told is None)
