"""The end of a kiosk: none outlives whoever drove it, and nothing of Qt's is left to whichever thread the collector runs on."""

from PySide6.QtWidgets import QApplication
from support.counter import DEADLINE_S, Counter, SeparateKiosk, kiosk_at
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


def test_a_kiosk_ends_with_the_crowd_that_drove_it(at: Counter) -> None:
    """A crowd that is killed asks nobody to end; a kiosk that stayed would go on looking for the crowd's lines."""
    kiosk = SeparateKiosk(at)
    try:
        kiosk.process._line.close()
        assert kiosk.process.child.wait(DEADLINE_S) == 0, kiosk.log
        assert "Traceback" not in kiosk.log
    finally:
        kiosk.process.stop()
