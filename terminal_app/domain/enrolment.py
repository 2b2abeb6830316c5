"""What makes a terminal one of a platform's: the one-time claim and the enrolment record. See docs/wire.md, “Enrolment”."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.signed import NotSigned, open_document, read_body, split_line
from terminal_app.domain.suite import PUBLIC_KEY_BYTES, hashing

SECRET_BYTES = 16
FINGERPRINT_BYTES = 16

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class BadClaim(ValueError):
    """The text is no claim: mistyped or cut off. The message never repeats it."""


class BadEnrolment(ValueError):
    """The enrolment record is malformed, or not made by the platform that issued the claim."""


@frozen
class Claim:
    """A one-time claim: the text to send and the fingerprint of the platform that issued it."""

    text: str
    fingerprint: bytes

    @staticmethod
    def parse(text: str) -> "Claim":
        """From what a person typed or scanned: any case, width, blanks and grouping. Raises BadClaim."""
        plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()
        try:
            raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
        except (binascii.Error, ValueError):
            raise BadClaim("a claim consists of the letters A-Z and the digits 2-7") from None
        if len(raw) != SECRET_BYTES + FINGERPRINT_BYTES:
            raise BadClaim("a claim has 52 letters and digits")
        exact = base64.b32encode(raw).decode().rstrip("=")
        return Claim("-".join(exact[at : at + 4] for at in range(0, len(exact), 4)), raw[SECRET_BYTES:])


@frozen
class Window:
    """The window that the platform knows this terminal by; `service_number` is the telephone number to show, if any."""

    hall: str
    name: str
    number: str
    service_number: str | None


@frozen
class EnrolmentRecord:
    """Who this terminal is, and the key (32 raw bytes) of the platform it trusts. `line` is the record as signed."""

    device: str
    platform_key: bytes
    region: str
    issued_at: str
    window: Window
    line: bytes

    @staticmethod
    def from_line(line: bytes) -> "EnrolmentRecord":
        """From a signed line, which names and is signed by the platform's own key. Raises BadEnrolment."""
        try:
            body = read_body(split_line(line).body)
            key = base64.urlsafe_b64decode(body["platform_key"] + "=")
            open_document(line, key)
            record = _record(body, key, line)
        except (NotSigned, KeyError, TypeError, ValueError) as error:
            raise BadEnrolment(f"enrolment record is not usable ({type(error).__name__})") from None
        return record

    def is_from(self, fingerprint: bytes) -> bool:
        """Whether the record was made by the platform with this fingerprint."""
        return hashing()(self.platform_key)[:FINGERPRINT_BYTES] == fingerprint


def _record(body: Mapping[str, Any], key: bytes, line: bytes) -> EnrolmentRecord:
    if body["type"] != "enrolment" or len(key) != PUBLIC_KEY_BYTES or not re.fullmatch(_UUID, body["device"]):
        raise ValueError("not an enrolment record")
    window = body["window"]
    number = window["service_number"]
    return EnrolmentRecord(
        device=body["device"],
        platform_key=key,
        region=str(body["region"]),
        issued_at=str(body["issued_at"]),
        window=Window(str(window["hall"]), str(window["name"]), str(window["number"]), None if number is None else str(number)),
        line=line,
    )
