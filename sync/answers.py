"""A platform's results for a batch → verdicts on the entries that were sent. Pure; trusts no field of an answer."""

from collections.abc import Sequence
from typing import Any

from sync.wire import RefusalCode, Status
from terminal_app.ports import OutboxItem, Verdict

MISSING = "missing"
CONTRADICTORY = "contradictory"

_STATUSES = frozenset(str(status) for status in Status)
_UNREADABLE = (Status.REFUSED, RefusalCode.UNREADABLE)
_BAD_SIGNATURE = (Status.REFUSED, RefusalCode.BAD_SIGNATURE)


def verdicts(items: Sequence[OutboxItem], results: Sequence[Any]) -> list[Verdict]:
    """One verdict per item, in the items' order.

    A result counts when its index and its id both name the item. Only a refusal of what could not be read has no id, and an
    altered line may name another. What is missing, unknown or answered in two ways is to be offered again.
    """
    found: list[Verdict | None] = [None] * len(items)
    for result in results:
        at = _index(items, result)
        if at is None:
            continue
        verdict = _verdict(items[at].number, result)
        if found[at] is not None and found[at] != verdict:
            verdict = Verdict(items[at].number, Status.RETRY_LATER, CONTRADICTORY)
        found[at] = verdict
    return [verdict or Verdict(item.number, Status.RETRY_LATER, MISSING) for item, verdict in zip(items, found, strict=True)]


def _index(items: Sequence[OutboxItem], result: Any) -> int | None:
    if not isinstance(result, dict):
        return None
    at = result.get("index")
    if type(at) is not int or not 0 <= at < len(items):
        return None
    said, named = (result.get("status"), result.get("code")), result.get("id")
    altered = (said == _UNREADABLE and named is None) or (said == _BAD_SIGNATURE and isinstance(named, str))
    return at if altered or named == items[at].entry_id else None


def _verdict(number: int, result: dict[str, Any]) -> Verdict | None:
    """None: the status is none of the protocol's, as if the entry were missing."""
    status, code, marks = result.get("status"), result.get("code"), result.get("marks")
    if not isinstance(status, str) or status not in _STATUSES:
        return None
    return Verdict(
        number,
        status,
        code if isinstance(code, str) else None,
        tuple(mark for mark in marks if isinstance(mark, str)) if isinstance(marks, list) else (),
    )
