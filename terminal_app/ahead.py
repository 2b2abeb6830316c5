"""What a start waits for outside Python, begun beside Python's own imports: mapping libraries, looking which fonts there are.

An import keeps the interpreter while its library is mapped; a call through ctypes lets it go. Nothing depends on this: what is
not found here is found by whoever needs it, as ever.
"""

import ctypes
import sys
import threading
from contextlib import suppress
from importlib.machinery import PathFinder

_MODULES = ("PySide6.QtWidgets", "cryptography.hazmat.bindings._rust", "_hashlib", "_sqlite3")
_FONTS = "libfontconfig.so.1"


def prepare_window() -> None:
    """Begin, on a thread of its own that ends by itself. Only where libraries are mapped as on Linux."""
    if sys.platform == "linux":
        threading.Thread(target=_prepare, name="ahead", daemon=True).start()


def _prepare() -> None:
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for module in _MODULES:
        if file := _find(module):
            dlopen(file.encode(), sys.getdlopenflags())
    with suppress(OSError, AttributeError):
        ctypes.CDLL(_FONTS).FcInit()


def _find(module: str) -> str | None:
    """The file of a module, none of its packages imported."""
    package, _, name = module.rpartition(".")
    path: list[str] | None = None
    for part in filter(None, package.split(".")):
        found = PathFinder.find_spec(part, path)
        if found is None:
            return None
        path = found.submodule_search_locations
    spec = PathFinder.find_spec(name, path)
    return spec.origin if spec else None
