"""Folders whose names last: a name in a folder is on the disk only once that folder was synced (fsync(2), notes)."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """The folder, and those above it, so that a power cut does not take them away with what will be in them. Raises OSError."""
    if folder.is_dir():
        return
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(mode=0o700)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """The names in this folder are on the disk when this returns. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
