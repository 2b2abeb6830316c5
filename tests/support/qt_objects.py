"""Which objects of Qt's are alive, and a garbage collector that runs beside the main thread, as it may at any time."""

import gc
import threading

from PySide6.QtCore import QObject
from shiboken6 import Shiboken


def living() -> frozenset[int]:
    """The addresses of all of Qt's objects that Python knows and Qt has not ended."""
    known = [it for it in gc.get_objects() if isinstance(it, QObject) and Shiboken.isValid(it)]
    return frozenset(address for it in known for address in Shiboken.getCppPointer(it))


def seen_by_a_collector_elsewhere() -> None:
    """Let a thread of its own collect what is no longer reachable."""
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()
