"""The address of a window's own rating page, which its QR leads to: `<platform>/w/<device, 22 characters of base64url>`.

It names a window and nothing else: no case, no session, nobody.
"""

import base64
import uuid

PATH = "/w"
_CHARACTERS = 22
_BYTES = 16


def window_url(base: str, device: str) -> str:
    """The address for the window of this device (UUID)."""
    return f"{base}{PATH}/{_encoded(uuid.UUID(device).bytes)}"


def read_window(text: str) -> str | None:
    """The device (UUID) in the last part of an address; None where it names none, also for a second spelling."""
    if len(text) != _CHARACTERS or not text.isascii():
        return None
    raw = base64.urlsafe_b64decode(text + "==")
    return str(uuid.UUID(bytes=raw)) if len(raw) == _BYTES and _encoded(raw) == text else None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
