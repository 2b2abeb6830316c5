"""One instance per data folder: an flock that the kernel drops with the process, however it ends."""

import fcntl
import os
from pathlib import Path

from terminal_app.store.errors import InstanceRunning

_NAME = "lock"


class FolderLock:
    """The held lock of a data folder."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Give the folder up. Harmless when repeated."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock_folder(folder: Path) -> FolderLock:
    """Hold `folder` until `release`. Raises InstanceRunning at once when another process, or this one, holds it."""
    descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise InstanceRunning(
            folder,
            f"another rating terminal (process {holder or 'unknown'}) is using it",
            "stop that one, or give this one another data folder",
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return FolderLock(descriptor)
