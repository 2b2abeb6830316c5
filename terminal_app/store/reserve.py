"""Space kept back for ratings: a file of real blocks that is given up when the disk is full."""

import logging
import os
from pathlib import Path

_NAME = "reserve"
RESERVE_BYTES = 4 << 20

_log = logging.getLogger(__name__)


class Reserve:
    """The reserve file of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME

    @property
    def held(self) -> bool:
        return self._path.exists()

    def hold(self) -> bool:
        """Make sure that the space is held; false, and nothing is held, when the disk has too little."""
        if self.held and self._path.stat().st_size == RESERVE_BYTES:
            return True
        try:
            self._allocate()
        except OSError as error:
            _log.warning("no space for the reserve file: %s", error.strerror)
            self._remove()
            return False
        return True

    def release(self) -> bool:
        """Give the space up; false when it had been given up before, or cannot be."""
        if not self._remove():
            return False
        _log.warning("disk full: reserve file released, free some space")
        return True

    def _remove(self) -> bool:
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            _log.warning("the reserve file cannot be removed: %s", error.strerror)
            return False
        return True

    def _allocate(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        finally:
            os.close(descriptor)
