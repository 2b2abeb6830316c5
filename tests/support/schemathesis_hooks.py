"""What `schemathesis run` needs to know beyond the description: how a terminal signs and which token a viewer has.

The key and the token come in by environment variables. A request gets a placeholder for its signature first and the real
one once it is complete; a check that takes the placeholder away thereby sends an unsigned request.
"""

import os
from typing import Any

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.window import SignedAs, key_id

KEY = "TEST_DEVICE_KEY"
TOKEN = "TEST_VIEWER_TOKEN"
INTEGRATION = "TEST_INTEGRATION_TOKEN"
CLAIM = "TEST_CLAIM"
_TO_BE_SIGNED = "to be signed"


class _Complete(requests.auth.AuthBase):
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._sign = SignedAs(key)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if request.headers.get("Signature") != _TO_BE_SIGNED:
            return request
        for name in ("Signature", "Signature-Input", "Content-Digest"):
            request.headers.pop(name, None)
        return self._sign(request)


@schemathesis.auth()
class Keys:
    """A device's signature for what terminals ask, the token that the description names for the rest."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> dict[str, str]:
        schemes = {name for way in case.operation.definition.raw.get("security", ()) for name in way}
        if "integrationToken" in schemes:
            return {"Authorization": f"Bearer {os.environ[INTEGRATION]}"}
        if "viewerToken" in schemes:
            return {"Authorization": f"Bearer {os.environ[TOKEN]}"}
        return {"Signature": _TO_BE_SIGNED}

    def set(self, case: schemathesis.Case, data: dict[str, str], context: schemathesis.AuthContext) -> None:
        case.headers.update(data)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Let requests sign what is about to be sent; some enrolments that are well-formed are real ones."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(os.environ[KEY]))
    kwargs["auth"] = _Complete(key)
    if case.operation.path == "/v1/enrolments" and case.meta is not None and case.meta.generation.mode.is_positive:
        assert isinstance(case.body, dict)
        case.body["public_key"] = key_id(key)
        if len(case.body["claim"]) % 2:
            case.body["claim"] = os.environ[CLAIM]
