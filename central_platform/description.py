"""The API's own description at /openapi.json: bodies, answers and keys of every route, from the types in `messages`."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from central_platform.messages import (
    AlarmItem,
    AttachedDevice,
    AttachedItem,
    BatchAnswer,
    EnrolmentRequest,
    RatingItem,
    SignedLine,
    StoreTold,
)
from central_platform.phone.words import WordsItem
from central_platform.problems import ProblemBody
from central_platform.rules.described import INTEGRATION_SCHEME, SHAPES, describe_rules
from sync import wire
from terminal_app.domain.receipt import PATH

_REF = "#/components/schemas/{name}"
_REF_ATTACHED = {"$ref": _REF.format(name="AttachedDevice")}
_SIGNED: list[dict[str, list[str]]] = [{"deviceSignature": []}]
_VIEWER: list[dict[str, list[str]]] = [{"viewerToken": []}, {"viewerCookie": []}]
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_TEXT = {"text/plain": {"schema": {"type": "string"}}}

_SECURITY_SCHEMES = {
    "deviceSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": 'RFC 9421, label "sig1", ed25519, keyid = base64url of the raw public key, over "@method" "@target-uri" '
        'and, with a body, "content-digest". The age of a signature does not matter.',
    },
    "viewerToken": {"type": "http", "scheme": "bearer"},
    "viewerCookie": {"type": "apiKey", "in": "cookie", "name": "viewer"},
    **INTEGRATION_SCHEME,
}

_BATCH = {
    "type": "object",
    "required": ["entries"],
    "properties": {
        "entries": {
            "type": "array",
            "maxItems": wire.BATCH_ENTRIES,
            "description": "Signed lines, their bytes untouched. Whatever else stands here gets a refusal of its own.",
            "items": {},
        },
        "chains": {
            "type": "array",
            "maxItems": wire.CHAINS_ASKED,
            "description": "Chains of this device whose heads are asked for, besides those of the entries.",
            "items": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        },
        "attached": {
            "type": ["array", "null"],
            "maxItems": wire.ATTACHED_TOLD,
            "description": "The devices attached to the terminal, in the order of its configuration; null: nothing is told.",
            "items": _REF_ATTACHED,
        },
        "store": {
            "anyOf": [{"$ref": _REF.format(name="StoreTold")}, {"type": "null"}],
            "description": "How the terminal's store is; null: nothing is told.",
        },
    },
}
_SHAPES = (
    *(AlarmItem, AttachedDevice, AttachedItem, BatchAnswer, EnrolmentRequest, ProblemBody, RatingItem, SignedLine),
    *(StoreTold, WordsItem),
)
_ALARMS_PAGE = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": _REF.format(name="AlarmItem")}}},
}
_ATTACHED_PAGE = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": _REF.format(name="AttachedItem")}}},
}
_RATINGS_PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "allOf": [
                    {"$ref": _REF.format(name="RatingItem")},
                    {
                        "type": "object",
                        "required": ["revision", "channel", "default"],
                        "properties": {
                            "revision": {"type": "integer"},
                            "channel": {"const": "terminal"},
                            "default": {"const": False},
                        },
                    },
                ]
            },
        },
        "next": {"type": "integer"},
    },
}
_WORDS_PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {"items": {"type": "array", "items": {"$ref": _REF.format(name="WordsItem")}}, "next": {"type": "integer"}},
}
_HEALTH = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}}


def describe(app: FastAPI) -> None:
    """Make the application publish the description."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _description(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
    _, components = msgspec.json.schema_components(
        [*_SHAPES, *SHAPES],
        ref_template=_REF,
    )
    schema["components"] = {"schemas": components, "securitySchemes": _SECURITY_SCHEMES}
    paths = schema["paths"]
    _set(paths[wire.ENROLMENTS]["post"], _json(_ref("SignedLine")), (400, 401, 404, 409, 410, 413, 503), _SIGNED)
    paths[wire.ENROLMENTS]["post"]["requestBody"] = _body(_ref("EnrolmentRequest"))
    _set(paths[wire.ENTRIES]["post"], _json(_ref("BatchAnswer")), (400, 401, 413, 503), _SIGNED)
    paths[wire.ENTRIES]["post"]["requestBody"] = _body(_BATCH)
    for path in (wire.POLICY, wire.CATALOGUE, wire.STAFF):
        operation = paths[path]["get"]
        _set(operation, _json(_ref("SignedLine")), (401, 403, 404, 503), _SIGNED)
        operation["parameters"] = [{"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}]
        operation["responses"]["304"] = {"description": "Still the one with this entity tag"}
    _set(paths[f"{wire.API}/ratings"]["get"], _json(_RATINGS_PAGE), (400, 401, 503), _VIEWER)
    _set(paths[f"{wire.API}/attached"]["get"], _json(_ATTACHED_PAGE), (401, 503), _VIEWER)
    _set(paths[f"{wire.API}/alarms"]["get"], _json(_ALARMS_PAGE), (401, 503), _VIEWER)
    _set(paths[f"{wire.API}/words"]["get"], _json(_WORDS_PAGE), (400, 401, 503), _VIEWER)
    describe_rules(paths)
    _set(paths[PATH + "/{receipt}"]["get"], _PAGE, (503,), [])
    _set(paths["/healthz"]["get"], _json(_HEALTH), (503,), [])
    _set(paths["/metrics"]["get"], _TEXT, (), [])
    return schema


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REF.format(name=name)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {wire.SIGNED_JSON: {"schema": schema}}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": _json(schema)}


def _set(
    operation: dict[str, Any], content: dict[str, Any], problems: tuple[int, ...], security: list[dict[str, list[str]]]
) -> None:
    """Answers and keys of one operation. A 503 carries Retry-After and means that nothing was stored."""
    problem = {wire.PROBLEM_JSON: {"schema": _ref("ProblemBody")}}
    operation["responses"] = {"200": {"description": "Done", "content": content}} | {
        str(status): {"description": "Problem (RFC 9457)", "content": problem} for status in problems
    }
    operation["security"] = security
