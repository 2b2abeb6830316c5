"""Where nothing moves nothing is animated: the clock alone goes on, once a minute. Issue 5, “Measures” (`idle`)."""

import pytest
from PySide6.QtCore import QAbstractAnimation, QTimer
from PySide6.QtWidgets import QApplication
from support.kiosk_page import KioskPage, kiosk
from support.window_samples import samples

OFTEN_MS = 59_000


def movers(page: KioskPage) -> list[str]:
    """Running animations, and timers that come again and again."""
    widget = page.window.widget
    animations = [one for one in widget.findChildren(QAbstractAnimation) if one.state() != QAbstractAnimation.State.Stopped]
    timers = [one for one in widget.findChildren(QTimer) if one.isActive() and not one.isSingleShot()]
    return [*map(repr, animations), *(repr(one) for one in timers if one.interval() < OFTEN_MS)]


@pytest.mark.parametrize("name", ["idle", "idle-dark", "nobody", "paused", "out-of-order"])
def test_a_window_that_waits_moves_nothing(qapp: QApplication, name: str) -> None:
    with kiosk(samples()["rate"].state) as page:
        assert movers(page), "the ring of the time left does move"
        page.show(samples()[name].state)
        assert movers(page) == []
