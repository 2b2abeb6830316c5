"""Everything that can be touched. A control draws itself and says its name; who may touch it, and when, is the window's.

Controls take no mouse, touch or key events of their own: the window follows the one finger and presses them.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui import theme
from ui.look import Look
from ui.theme import Face, Size
from ui.views import ButtonView
from ui.widgets.surface import draw_round
from ui.widgets.words import BREAK, Block, draw, lay_out

_DARK_GROUNDS = ("primary", "primary_pressed")
"""Where the ring of what is highlighted is a light one, inside."""


class Control(QAbstractButton):
    """Base of all controls: a ButtonView in a look. `highlighted` marks the one that the keypad's Enter would choose."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.view: ButtonView | None = None
        self.look: Look | None = None
        self._sizes: dict[int, QSize] = {}
        self._highlighted = False

    def wear(self, view: ButtonView, look: Look) -> None:
        """Show this view; repaints only when something changed."""
        if view == self.view and look == self.look:
            return
        if self.view is None or view.name != self.view.name:
            self.setObjectName(view.name)
        self.view, self.look = view, look
        self._sizes.clear()
        self.setAccessibleName(view.accessible.replace(BREAK, ""))
        self.setEnabled(view.enabled)
        self.update()

    def place(self, room: QRect) -> None:
        if room != self.geometry():
            self.setGeometry(room)

    def target(self) -> QRect:
        """Where a finger counts, in the control's own pixels."""
        return self.rect()

    def press_look(self, down: bool) -> None:
        if down != self.isDown():
            self.setDown(down)

    def highlight(self, on: bool) -> None:
        if on != self._highlighted:
            self._highlighted = on
            self.update()

    @property
    def highlighted(self) -> bool:
        return self._highlighted

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.view is None or self.look is None:
            return
        with QPainter(self) as painter:
            self.draw(painter, self.view, self.look)

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        raise NotImplementedError

    def fits(self) -> bool:
        """Whether every word is inside the control."""
        raise NotImplementedError


class Button(Control):
    """A button with a line around it. `primary`: the one that goes on. `bare`: words alone."""

    def __init__(self, parent: QWidget, face: Face = theme.BUTTON, *, primary: bool = False, bare: bool = False) -> None:
        super().__init__(parent)
        self._face = face
        self._primary = primary
        self._bare = bare

    def block(self, width: int) -> Block:
        """The words as they are laid out in a button of this width, clear of its edges."""
        assert self.look is not None, "wear() comes first"
        return self._lay_out(width - 2 * self.look.px(Size.gap_xs))

    def _lay_out(self, width: int) -> Block:
        assert self.view is not None and self.look is not None, "wear() comes first"
        pixels = self.look.font_px(self._face)
        return lay_out(self.view.text, pixels, self._face.bold, max(1, width), theme.TIGHT_LINE_SPACING, True, 2, pixels)

    def size_in(self, room: int) -> QSize:
        """Pixels that the button takes when `room` is to be had in width; worked out once for each view and look."""
        if room not in self._sizes:
            self._sizes[room] = self._size_in(room)
        return self._sizes[room]

    def _size_in(self, room: int) -> QSize:
        assert self.look is not None, "wear() comes first"
        look = self.look
        bare = self._bare
        padding = look.px(Size.gap_xs if bare else Size.button_padding)
        block = self._lay_out(room - 2 * padding)
        large = self._face.normal > theme.BUTTON.normal
        least = look.px(Size.target if bare else Size.button_large_min_width if large else Size.button_min_width)
        height = look.px(Size.button_large if large else Size.button)
        return QSize(min(room, max(least, block.width + 2 * padding)), max(height, block.height + look.px(Size.gap_s)))

    def fits(self) -> bool:
        block = self.block(self.width())
        return not block.elided and block.width <= self.width() and block.height <= self.height()

    def draw(self, painter: QPainter, view: ButtonView, look: Look) -> None:
        ground, line, face = self._paint()
        stroke = look.px(Size.stroke_focus) if self.highlighted else look.px(Size.stroke) if line == "primary" else look.hair
        if self.highlighted:
            line = "primary"
        room, radius, fill = QRectF(self.rect()), look.px(Size.radius), look.color(ground or "paper")
        if ground or line:
            draw_round(painter, room, radius, fill, look.color(line) if line else None, stroke)
        if self.highlighted and ground in _DARK_GROUNDS:
            edge = look.px(Size.stroke_bold)
            within = room.adjusted(edge, edge, -edge, -edge)
            draw_round(painter, within, radius - edge, fill, look.color("on_primary"), look.px(Size.stroke_bold))
        painter.setPen(look.color(face.ink))
        draw(painter, self.block(self.width()), self.rect(), Qt.AlignmentFlag.AlignHCenter)

    def _paint(self) -> tuple[str | None, str | None, Face]:
        """Ground, line and face for the state that the button is in."""
        if self._bare:
            return ("wash_pressed" if self.isDown() else None, None, self._face)
        if not self._primary:
            return ("wash_pressed" if self.isDown() else "card", "primary" if self.isDown() else "line", self._face)
        if not self.isEnabled():
            return "disabled", "line", theme.BUTTON_DISABLED
        return ("primary_pressed" if self.isDown() else "primary", None, self._face)
