"""A platform's signed documents, made for tests: what a good platform publishes, and ways to spoil it."""

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.fault_server import Received, Reply

from terminal_app.domain import suite
from terminal_app.domain.signed import sign_document

KEY = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"q" * 32)
DEVICE = "018f3c1e-0000-4000-8000-000000000001"

POLICY: dict[str, Any] = {
    "type": "policy",
    "id": "taian",
    "version": "2026-1",
    "name": {"zh-CN": "泰安市", "en": "Tai'an"},
    "catalogue": {"id": "reasons", "version": "2020"},
    "bad_at_most": 2,
    "reasons_required": False,
    "case_pattern": None,
    "after_bad": [],
    "sources": {},
}
CATALOGUE: dict[str, Any] = {
    "type": "catalogue",
    "id": "reasons",
    "version": "2020",
    "reasons": [{"code": "R1", "level": 1, "core": True, "texts": {"zh-CN": "态度", "en": "Attitude"}}],
}
STAFF: dict[str, Any] = {
    "type": "staff",
    "version": "1",
    "members": [{"number": "A1", "name": "甲", "post": "窗口", "role": "clerk", "cards": ["04A1B2C3"]}],
}
ENROLMENT: dict[str, Any] = {
    "type": "enrolment",
    "device": DEVICE,
    "platform_key": base64.urlsafe_b64encode(PUBLIC).rstrip(b"=").decode(),
    "region": "taian",
    "issued_at": "2026-11-21T10:32:05.123+08:00",
    "window": {"hall": "大厅", "name": "3号窗口", "number": "A03", "service_number": None},
}
GOOD = {"policy": POLICY, "catalogue": CATALOGUE, "staff": STAFF}


def signed(document: dict[str, Any], key: Ed25519PrivateKey = KEY) -> bytes:
    return sign_document(document, lambda digest: suite.sign(key, digest))


def claim_for(public_key: bytes = PUBLIC, secret: bytes = b"s" * 16) -> str:
    """A claim as the platform prints it."""
    text = base64.b32encode(secret + hashlib.sha256(public_key).digest()[:16]).decode().rstrip("=")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


class Shelf:
    """Answers GET for documents with their tags, as a platform does; `lines` may be replaced at any time."""

    def __init__(self) -> None:
        self.lines = {kind: signed(document) for kind, document in GOOD.items()}

    def __call__(self, request: Received) -> Reply:
        line = self.lines[request.path.rpartition("/")[2]]
        tag = f'"{hashlib.sha256(line).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Reply(304, b"", {"ETag": tag})
        return Reply(200, line, {"ETag": tag, "Content-Type": "application/json"})
