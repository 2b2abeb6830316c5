"""What the kernel knows of its own clock: adjtimex(2), for which Python has no word."""

import ctypes
from typing import NamedTuple


class KernelClock(NamedTuple):
    """`status`: the STA_ bits; `maxerror_us`: how wrong the clock may be, in microseconds."""

    status: int
    maxerror_us: int


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; the rest is room."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 256),
    ]


_adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)


def adjtimex() -> KernelClock | None:
    """As it is now; None where the system does not tell."""
    timex = _Timex()
    known = _adjtimex is not None and _adjtimex(ctypes.byref(timex)) >= 0
    return KernelClock(timex.status, timex.maxerror) if known else None
