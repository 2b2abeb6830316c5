"""The docket's part of the API's description: bodies, answers and keys of its routes."""

from typing import Any

from central_platform.problems import ProblemBody
from central_platform.rules.desk import MAX_EVENT, Acknowledged, StatementAnswer
from central_platform.rules.pages import DefaultItem, DutyItem, EventItem, OtherItem, StandingItem
from central_platform.rules.routes import ACKNOWLEDGED, CASES, CHANNEL_RATINGS, DEFAULTS, DUTIES, EVENTS, OTHERS, STANDINGS
from central_platform.rules.statements import MAX_STATEMENTS, CaseStatement, ChannelRating
from sync import wire

SHAPES: list[type[Any]] = [
    *(Acknowledged, StatementAnswer, CaseStatement, ChannelRating),
    *(StandingItem, DefaultItem, OtherItem, DutyItem, EventItem),
]
INTEGRATION_SCHEME = {"integrationToken": {"type": "http", "scheme": "bearer"}}
_INTEGRATION: list[dict[str, list[str]]] = [{"integrationToken": []}]
_VIEWER: list[dict[str, list[str]]] = [{"viewerToken": []}, {"viewerCookie": []}]
_ACKNOWLEDGEMENT = {
    "type": "object",
    "required": ["ids"],
    "properties": {
        "ids": {"type": "array", "maxItems": MAX_STATEMENTS, "items": {"type": "integer", "minimum": 1, "maximum": MAX_EVENT}}
    },
}


def describe_rules(paths: dict[str, Any]) -> None:
    """Complete the operations of the docket."""
    for path, name, shape in ((CASES, "cases", CaseStatement), (CHANNEL_RATINGS, "ratings", ChannelRating)):
        operation = paths[path]["post"]
        _set(operation, _ref(StatementAnswer), _INTEGRATION, (400, 401, 413, 503))
        operation["requestBody"] = _body(_statements(name, shape))
    acknowledged = paths[ACKNOWLEDGED]["post"]
    _set(acknowledged, _ref(Acknowledged), _INTEGRATION, (400, 401, 413, 503))
    acknowledged["requestBody"] = _body(_ACKNOWLEDGEMENT)
    _set(paths[EVENTS]["get"], _page(EventItem), _INTEGRATION, (400, 401, 503))
    for path, item in ((STANDINGS, StandingItem), (DEFAULTS, DefaultItem), (OTHERS, OtherItem), (DUTIES, DutyItem)):
        _set(paths[path]["get"], _page(item), _VIEWER, (400, 401, 503))


def _statements(name: str, shape: type[Any]) -> dict[str, Any]:
    told = f"Each as {shape.__name__}. Whatever else stands here gets a refusal of its own."
    rows = {"type": "array", "maxItems": MAX_STATEMENTS, "description": told, "items": {}}
    return {"type": "object", "required": [name], "properties": {name: rows}}


def _page(item: type[Any]) -> dict[str, Any]:
    properties = {"items": {"type": "array", "items": _ref(item)}, "next": {"type": "integer"}}
    return {"type": "object", "required": ["items", "next"], "properties": properties}


def _ref(shape: type[Any]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {wire.SIGNED_JSON: {"schema": schema}}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": _json(schema)}


def _set(
    operation: dict[str, Any], schema: dict[str, Any], security: list[dict[str, list[str]]], problems: tuple[int, ...]
) -> None:
    problem = {wire.PROBLEM_JSON: {"schema": _ref(ProblemBody)}}
    operation["responses"] = {"200": {"description": "Done", "content": _json(schema)}} | {
        str(status): {"description": "Problem (RFC 9457)", "content": problem} for status in problems
    }
    operation["security"] = security
