"""The Qt binding itself: a release that aborts the process after some thousand calls must not get in."""

import sys

from PySide6.QtCore import QObject


def test_void_qt_calls_keep_the_references_to_none() -> None:
    """PySide6 6.12.0 on CPython 3.11 loses one reference to None per void call, and aborts after about 5,000."""
    qt_object = QObject()
    before = sys.getrefcount(None)
    for _ in range(200):
        qt_object.setObjectName("window")
    after = sys.getrefcount(None)
    assert after > before - 100
