"""One of several pages to choose from, side by side; the chosen one stands on the primary colour."""

from PySide6.QtWidgets import QWidget

from ui import theme
from ui.theme import Face
from ui.widgets.control import Button


class Tab(Button):
    """A button that is checked while its page is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)

    def choose(self, chosen: bool) -> None:
        if chosen != self.isChecked():
            self.setChecked(chosen)
            self.update()

    def _paint(self) -> tuple[str | None, str | None, Face]:
        if self.isChecked():
            return ("primary_pressed" if self.isDown() else "primary", None, theme.TAB_CHOSEN)
        return super()._paint()
