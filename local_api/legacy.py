"""The messages that older business systems exchange with a terminal over a WebSocket on their own PC, without the stars.

Source: device protocols, “Local integration APIs seen in the field”: RateQuest, RateOperate, HeartBeat, RateSubmit, the codes.
In systems in use RateSubmit carries the level. Here it does not: a clerk who learns the star can ask for another.
"""

import json
from typing import Any

from local_api.calls import Answer, BadCall, Call, Ended, Method, Outcome
from local_api.dialect import read_object

OK, UNKNOWN_METHOD, NOT_LOGGED_IN, FAILED = 0, 999, 1000, 1003
_TICKET_FIELDS = {"rateId": "case", "item": "name", "transactor": "staff_name", "date": "time"}
_OPERATIONS = {"Pause": Method.PAUSE, "Resume": Method.RESUME}
_METHOD_NAMES = {Method.INVITE: "RateQuest", Method.PAUSE: "RateOperate", Method.RESUME: "RateOperate"}
_CLOSED = ("not_enrolled", "locked")


class LegacyDialect:
    """One connection's messages in the legacy dialect. Remembers which invitation belongs to which `rateId`."""

    def __init__(self) -> None:
        self._rate_ids: dict[str, str] = {}

    def read(self, text: str | bytes) -> Call:
        """The call in a message. Raises BadCall."""
        message = read_object(text)
        fields = message.get("params", message)
        if not isinstance(fields, dict):
            raise BadCall("bad_request")
        match message.get("method"):
            case "HeartBeat":
                return Call(Method.HEARTBEAT)
            case "RateQuest":
                return _invitation(fields)
            case "RateOperate" if isinstance(operation := fields.get("operate"), str) and operation in _OPERATIONS:
                return Call(_OPERATIONS[operation])
        raise BadCall("unknown_method")

    def answer(self, call: Call, answer: Answer) -> str:
        """The answer to a call."""
        told = {"method": _METHOD_NAMES.get(call.method, "HeartBeat"), "code": _code(answer.error), "msg": answer.error}
        if call.method is Method.INVITE:
            told["rateId"] = call.id
        if answer.invitation:
            self._rate_ids[answer.invitation] = str(call.id)
        return json.dumps(told)

    def bad(self, bad: BadCall) -> str:
        """The answer to what is no call."""
        return json.dumps({"method": None, "code": _code(bad.error), "msg": bad.error})

    def outcome(self, outcome: Outcome) -> str | None:
        """RateSubmit without a level; None for an invitation of another connection."""
        rate_id = self._rate_ids.pop(outcome.invitation, None)
        if rate_id is None:
            return None
        code = OK if outcome.ended is Ended.RATED else FAILED
        return json.dumps({"method": "RateSubmit", "rateId": rate_id, "code": code, "msg": outcome.ended.value})


def _invitation(fields: dict[str, Any]) -> Call:
    said = {ours: fields[theirs] for theirs, ours in _TICKET_FIELDS.items() if isinstance(fields.get(theirs), str)}
    rate_id = said.get("case", "")
    if not 0 < len(rate_id) <= 50:
        raise BadCall("bad_request")
    ticket = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    return Call(Method.INVITE, rate_id, ticket)


def _code(error: str) -> int:
    if error == "unknown_method":
        return UNKNOWN_METHOD
    if error in _CLOSED:
        return NOT_LOGGED_IN
    return FAILED if error else OK
