"""What the people in a run did and saw: plain data, written while it happens, read by the checker afterwards."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Act:
    """A touch that the screen took: `star` with a level, `toggle` with a code, `submit`, `skip`. `level`: the star it is for.

    `confirmed`: a later screen of the same visit was seen.
    """

    at: int
    what: str
    value: int | str | None
    level: int
    confirmed: bool = False


@dataclass(slots=True)
class Visit:
    """One session as its citizen saw it: where, with which cases, and what was touched, in order. `asked`: stars were seen."""

    session: str
    machine: str
    cases: tuple[str, ...]
    acts: list[Act] = field(default_factory=list)
    asked: bool = False


@dataclass(slots=True)
class Record:
    """Everything that the checker is told about a run, beside the files.

    `presented`: case numbers by machine. `at_risk`: sessions whose entries stood only on a disk that was damaged or set
    back. `reopened`: sessions that were open in an image that was put back or cloned. `forkable`: machines whose disk was
    set back, cloned or damaged. `suspect`: machines that write into a damaged file until somebody notices. `held`: the
    machine of each device. `states`: what staff did, and in which phase. `restored`: whether the platform ever lost what it
    had acknowledged.
    """

    visits: dict[str, Visit] = field(default_factory=dict)
    presented: dict[str, set[str]] = field(default_factory=dict)
    at_risk: set[str] = field(default_factory=set)
    reopened: set[str] = field(default_factory=set)
    forkable: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    suspect: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    trace: list[tuple[int, str, str]] = field(default_factory=list)
    now: int = 0
    restored: bool = False

    def count(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1

    def met(self, what: str, phase: str) -> None:
        """Somebody of the staff did something while the window showed this."""
        self.states[f"{what}, {phase}"] = self.states.get(f"{what}, {phase}", 0) + 1

    def note(self, who: str, what: str) -> None:
        self.trace.append((self.now, who, what))

    def complain(self, finding: str) -> None:
        self.findings.append(finding)
