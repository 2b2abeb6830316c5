"""The end of a kiosk: nothing of Qt's is left to the garbage collector, which runs on whichever thread it happens to."""

from PySide6.QtWidgets import QApplication
from support.counter import Counter, kiosk_at
from support.qt_objects import living


def test_stopped_it_leaves_nothing_of_qt_behind_and_another_takes_its_place(at: Counter, qapp: QApplication) -> None:
    before = living()
    cases = []
    for _ in range(2):
        with kiosk_at(at) as kiosk:
            at.wait_until_open()
            cases.append(kiosk.rate(4))
            assert living() - before
        assert not living() - before
    assert all("star_chosen" in at.kinds(case) for case in cases)
