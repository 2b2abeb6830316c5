"""Listens to a kiosk from inside its process. What it tells:

`started`: the first idle screen is painted and the event loop is back to take input ·
`SCREEN DETAIL BEGUN`: a picture is painted (ui.main_window, `on_painted`); when the window was given the state of this screen ·
`swept`, and `painted NANOSECONDS` for each picture from the first `sweep` or `repaint` on: how long painting it took ·
`durable TOUCHED BEGUN BYTES`: an entry is durable; when the last touch was handed to Qt, when the store began with the entry,
and the size of the line ·
`acked COUNT LAST`: the platform has answered for so many entries, the last of them at that place of the file.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QRect, QTimer

from benchmarks.remote import Remote
from terminal_app.assembly import Kiosk
from terminal_app.domain.journal import Draft, Entry
from terminal_app.domain.session import Terminal
from terminal_app.ports import Verdict
from ui.surface import Surface

if TYPE_CHECKING:
    from ui.widgets.star import StarCard


class Ears:
    """Listens to one kiosk by standing in front of four of its methods, and of one more to time what it paints.

    `sweep` gilds the five stars that are shown, as a choice does; `repaint` paints the whole window.
    """

    def __init__(self, kiosk: Kiosk, descriptor: int) -> None:
        self._window = kiosk.window
        self._remote = Remote(descriptor, kiosk.window.widget, self._find, {"sweep": self._sweep, "repaint": self._repaint})
        self._begin, self._append, self._settle = kiosk.begin, kiosk.store.journal.append, kiosk.store.outbox.settle
        self._show, self._given_ns, self._times_paints = kiosk.window.show, 0, False
        kiosk.window.on_painted = lambda screen, detail: self._remote.tell(f"{screen} {detail} {self._given_ns}")
        listened: tuple[tuple[Any, str, Any], ...] = (
            (kiosk, "begin", self.begin),
            (kiosk.window, "show", self.show),
            (kiosk.store.journal, "append", self.append),
            (kiosk.store.outbox, "settle", self.settle),
        )
        for part, method, ear in listened:
            setattr(part, method, ear)

    def begin(self) -> None:
        self._begin()
        QTimer.singleShot(0, self._window.widget, lambda: self._remote.tell("started"))

    def show(self, state: Terminal) -> None:
        before, given_ns = self._window.screen_name, time.monotonic_ns()
        self._show(state)
        if self._window.screen_name != before:
            self._given_ns = given_ns

    def append(self, draft: Draft) -> Entry:
        begun_ns = time.monotonic_ns()
        entry = self._append(draft)
        durable_ns = time.monotonic_ns()
        self._remote.tell(f"durable {self._remote.touched_ns} {begun_ns} {len(entry.line)}", durable_ns)
        return entry

    def settle(self, verdicts: Sequence[Verdict], checkpoints: Sequence[bytes]) -> None:
        self._remote.tell(f"acked {len(verdicts)} {max((verdict.number for verdict in verdicts), default=0)}")
        self._settle(verdicts, checkpoints)

    def _find(self, name: str) -> QRect:
        for control in self._window.controls():
            if control.objectName() == name:
                room = control.target()
                return QRect(control.mapTo(self._window.widget, room.topLeft()), room.size())
        raise LookupError(f"no {name} on screen {self._window.screen_name}")

    # --- what painting costs ------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        from PySide6.QtCore import QVariantAnimation  # these come with the first sweep, so that no start is measured with them

        from ui import theme
        from ui.widgets.star import StarCard

        self._time_paints()
        stars = [control for control in self._window.controls() if isinstance(control, StarCard)]
        sweep = QVariantAnimation(self._window.widget)
        sweep.setDuration(theme.SWEEP_MS)
        sweep.setStartValue(0.0)
        sweep.setEndValue(float(len(stars)))
        sweep.valueChanged.connect(lambda gilded: _gild(stars, gilded))
        sweep.finished.connect(lambda: self._remote.tell("swept"))
        sweep.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)

    def _repaint(self) -> None:
        """The controls, too: those that hide what is below them are not painted with it."""
        self._time_paints()
        self._window.widget.update()
        for control in self._window.controls():
            control.update()

    def _time_paints(self) -> None:
        """From now on; the methods of a class are where Qt looks for them."""
        if self._times_paints:
            return
        self._times_paints, handle = True, Surface.event

        def event(surface: Surface, event: QEvent) -> bool:
            if event.type() != QEvent.Type.UpdateRequest:
                return handle(surface, event)
            begun_ns = time.monotonic_ns()
            handled = handle(surface, event)
            self._remote.tell(f"painted {time.monotonic_ns() - begun_ns}")
            return handled

        setattr(Surface, "event", event)  # noqa: B010


def _gild(stars: "Sequence[StarCard]", gilded: float) -> None:
    for place, star in enumerate(stars):
        star.fill(min(1.0, max(0.0, gilded - place)))
