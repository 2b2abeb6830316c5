"""The address of a window's own rating page, which its QR leads to: `<platform>/w/<device, 22 characters of base64url>`.

It names a window and nothing else: no case, no session, nobody.
"""

import base64

PATH = "/w"
_CHARACTERS = 22
_BYTES = 16


def window_url(base: str, device: str) -> str:
    """The address for the window of this device (UUID)."""
    return f"{base}{PATH}/{_encoded(bytes.fromhex(device.replace('-', '')))}"


def read_window(text: str) -> str | None:
    """The device (UUID) in the last part of an address; None where it names none, also for a second spelling."""
    if len(text) != _CHARACTERS or not text.isascii():
        return None
    raw = base64.urlsafe_b64decode(text + "==")
    if len(raw) != _BYTES or _encoded(raw) != text:
        return None
    named = raw.hex()
    return "-".join((named[:8], named[8:12], named[12:16], named[16:20], named[20:]))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
