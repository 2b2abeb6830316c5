"""The device's private key: 32 raw bytes of Ed25519 (RFC 8032) in a file of its own, readable by the service user only."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from terminal_app.domain import suite
from terminal_app.domain.frozen import frozen
from terminal_app.store.errors import KeyUnusable
from terminal_app.store.folder import sync_folder

_NAME = "device.key"
_BYTES = 32


@frozen
class DeviceKey:
    """This device's key pair: `sign` makes a 64-byte signature of a message, `public` is the raw public key (32 bytes)."""

    private: Ed25519PrivateKey
    public: bytes

    @property
    def sign(self) -> Callable[[bytes], bytes]:
        return partial(suite.sign, self.private)


def load_key(folder: Path) -> DeviceKey:
    """The key in `folder`. Raises KeyUnusable when there is none or it is damaged."""
    path = folder / _NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise KeyUnusable(
            folder, f"{_NAME} is missing", "restore it, or empty the folder and enrol this terminal again"
        ) from None
    except PermissionError:
        raise KeyUnusable(folder, f"{_NAME} cannot be read", "make it belong to the user that runs the terminal") from None
    if len(raw) != _BYTES:
        raise KeyUnusable(folder, f"{_NAME} is damaged", "restore it, or empty the folder and enrol this terminal again")
    private = Ed25519PrivateKey.from_private_bytes(raw)
    return DeviceKey(private, private.public_key().public_bytes_raw())


def load_or_create_key(folder: Path) -> DeviceKey:
    """The key in `folder`, a fresh one when there is none. A key file is there whole or not at all, a power cut included."""
    path = folder / _NAME
    if not path.exists():
        _write_whole(path, Ed25519PrivateKey.generate().private_bytes_raw())
    return load_key(folder)


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    draft.rename(path)
    sync_folder(path.parent)
