"""The API's own messages: JSON text ↔ calls, answers and outcomes. What it reads is described in docs/local-api.md."""

import json
from collections.abc import Mapping
from typing import Any

from local_api.calls import MAX_WAIT_S, Answer, BadCall, Call, Method, Outcome

_ARGUMENTS: Mapping[Method, tuple[str, ...]] = {
    Method.WELCOME: ("staff",),
    Method.INVITE: ("ticket",),
    Method.CANCEL: ("invitation",),
    Method.OUTCOME: ("invitation",),
}
_METHODS = {method.value: method for method in Method}
_WORDS = 100


def read_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in a message. Raises BadCall."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadCall("bad_request") from None
    if not isinstance(value, dict):
        raise BadCall("bad_request")
    return value


class OwnDialect:
    """One connection's messages in the API's own words."""

    def read(self, text: str | bytes) -> Call:
        """The call in a message. Raises BadCall."""
        message = read_object(text)
        return read_call(message.get("method"), message)

    def answer(self, call: Call, answer: Answer) -> str:
        """The answer to a call."""
        return json.dumps({"id": call.id, **answer_fields(call, answer)})

    def bad(self, bad: BadCall) -> str:
        """The answer to what is no call."""
        return json.dumps({"id": bad.id, "ok": False, "error": bad.error})

    def outcome(self, outcome: Outcome) -> str | None:
        """The message that an invitation has ended; None: nobody is told on this connection."""
        return json.dumps({"event": "outcome", "invitation": outcome.invitation, "outcome": outcome.ended.value})


def read_call(method: Any, fields: Mapping[str, Any]) -> Call:
    """The call of a method with its fields. Raises BadCall."""
    known_as = fields.get("id")
    if not (known_as is None or type(known_as) is int or (isinstance(known_as, str) and len(known_as) <= _WORDS)):
        raise BadCall("bad_request")
    wanted = _METHODS.get(method) if isinstance(method, str) else None
    if wanted is None:
        raise BadCall("unknown_method", known_as)
    given = {name: fields.get(name) for name in _ARGUMENTS.get(wanted, ())}
    wait = fields.get("wait_s", 0)
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= MAX_WAIT_S:
        raise BadCall("bad_request", known_as)
    words = [value for name, value in given.items() if name != "ticket"]
    if not all(isinstance(value, str) and 0 < len(value) <= _WORDS for value in words):
        raise BadCall("bad_request", known_as)
    ticket = _ticket(given["ticket"], known_as) if "ticket" in given else b""
    return Call(wanted, known_as, ticket, given.get("staff") or "", given.get("invitation") or "", float(wait))


def _ticket(value: Any, known_as: str | int | None) -> bytes:
    """A ticket as text in any notation that a line or a code may have, or as an object."""
    if isinstance(value, dict):
        value = _written(value, known_as)
    if not isinstance(value, str):
        raise BadCall("bad_request", known_as)
    return value.encode("utf-8", "replace")


def _written(ticket: dict[str, Any], known_as: str | int | None) -> str:
    try:
        return json.dumps(ticket, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise BadCall("bad_request", known_as) from None


def answer_fields(call: Call, answer: Answer) -> dict[str, Any]:
    """An answer without the call's id."""
    if answer.error:
        return {"ok": False, "error": answer.error}
    fields: dict[str, Any] = {"ok": True}
    if answer.invitation is not None:
        fields["invitation"] = answer.invitation
    if answer.staff:
        fields["staff"] = {"number": answer.staff.number, "name": answer.staff.name, "post": answer.staff.post}
    if call.method is Method.OUTCOME:
        fields["outcome"] = answer.outcome.value if answer.outcome else None
    return fields
