"""The words of administration: PIN, pages, and what an administrator may have done. A rating, a level or a reason is in none.

The behaviour is in staff_acts.py; phases, events and effects of the window are in session.py.
"""

from dataclasses import field
from enum import StrEnum

from terminal_app.domain.closed import Closed
from terminal_app.domain.frozen import Word, frozen
from terminal_app.domain.staff import StaffMember


class Page(StrEnum):
    """What administration shows."""

    OVERVIEW = "overview"
    DEVICES = "devices"
    SELF_TEST = "self_test"
    ABOUT = "about"


class Task(StrEnum):
    """What an administrator may have done: look at every part, print what was found, have the log written to a stick."""

    SELF_TEST = "self_test"
    SHEET = "sheet"
    EXPORT_LOG = "export_log"


class Denial(StrEnum):
    """Why administration does not open."""

    WRONG = "wrong"
    TOO_SOON = "too_soon"
    NO_PIN = "no_pin"
    UNAVAILABLE = "unavailable"


# --- phases ---------------------------------------------------------------------------------------------------------


@frozen
class EnterPin:
    """Asks an administrator for the PIN. `typed`: the digits so far; `checking`: the number of the check under way.

    `denied`: why the last one did not open; `wait_s`: for so many seconds nothing is checked. `below`: why nobody can rate
    meanwhile, which comes back when this ends.
    """

    arm: int
    member: StaffMember
    typed: str = field(default="", repr=False)
    checking: int | None = None
    denied: Denial | None = None
    wait_s: int = 0
    below: Closed | None = None


@frozen
class Administration:
    """An administrator looks into the terminal; `below` as for the PIN."""

    arm: int
    member: StaffMember
    page: Page = Page.OVERVIEW
    below: Closed | None = None


# --- events ---------------------------------------------------------------------------------------------------------


class AdministrationRequested(Word):
    """The administrator on duty asks for administration, from the staff menu."""

    __slots__ = ()


@frozen
class DutyTaken:
    """This member goes on duty: an administrator who serves at the window, or whom a business system welcomes."""

    member: StaffMember


@frozen
class PinDigit:
    """A digit of the PIN."""

    digit: str = field(repr=False)


class PinErased(Word):
    """The last digit is taken back."""

    __slots__ = ()


class PinSubmitted(Word):
    """The PIN is complete."""

    __slots__ = ()


@frozen
class PinChecked:
    """Check number `check` has ended; `denied` None: it was the right PIN."""

    check: int
    denied: Denial | None = None
    wait_s: int = 0


@frozen
class PageChosen:
    """Another page of administration."""

    page: Page


@frozen
class TaskRequested:
    """The administrator has something done."""

    task: Task


# --- effects --------------------------------------------------------------------------------------------------------


@frozen
class CheckPin:
    """Check the PIN of the member with this staff number; answer with PinChecked carrying `check`."""

    check: int
    number: str
    pin: str = field(repr=False)


@frozen
class Perform:
    """Do this; what came of it is shown beside the state."""

    task: Task
