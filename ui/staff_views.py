"""What the PIN pad and administration say and offer, as values. Never a rating, nor anything that depends on one. No Qt.

Controls are named digit-0 … digit-9, pin-erase, pin-done, duty, page-overview …, self-test, sheet, export-log, more-rows,
first-rows, menu-close.
"""

from typing import Final

from terminal_app.domain.frozen import frozen
from ui.button_view import ButtonView

DIGIT: Final = "digit-"
"""Digits may come twice in a row: their keys know no double tap."""


@frozen
class PinView:
    """Asks for a PIN. `dots`: a mark per digit, `typed` the same in words; `line`: what to do, or why it did not open."""

    title: str
    who: str
    line: str
    dots: str
    typed: str
    digits: tuple[ButtonView, ...]
    erase: ButtonView
    done: ButtonView
    duty: ButtonView | None
    back: ButtonView


@frozen
class RowView:
    """A fact: what it is, how it is, and what else there is to know. `stands_out`: it asks for somebody."""

    label: str
    value: str
    line: str = ""
    stands_out: bool = False


@frozen
class TabView:
    """A page of administration, and whether it is the one that is shown."""

    button: ButtonView
    chosen: bool


@frozen
class AdministrationView:
    """One page of facts. `wide`: they are long, and stand below each other in large print; more rows come with a button."""

    title: str
    tabs: tuple[TabView, ...]
    rows: tuple[RowView, ...]
    wide: bool
    actions: tuple[ButtonView, ...]
    more: ButtonView
    first: ButtonView
    back: ButtonView
