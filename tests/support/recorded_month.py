"""A small month in taian, recorded as it really is: terminals' signed entries, other channels, cases, steps, a finding.

Written out once, so that whoever reads a month from the platform can count by hand what there is.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import Connection
from support.docket import Docket, ms
from support.window import Chain, opened, uuid7

from central_platform import deliveries
from central_platform.deliveries import Deliveries
from central_platform.identity import load_identity
from central_platform.rules.recording import record_finding, record_step
from central_platform.rules.standing import FindingKind
from central_platform.schema import devices

MONTH = "2026-10"


class Counter:
    """A terminal whose entries reach the platform when they are made."""

    def __init__(self, docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
        self._database = docket.database
        self._monkeypatch = monkeypatch
        self._key = Ed25519PrivateKey.generate()
        self._chain = Chain(str(uuid.uuid4()), self._key)
        row = {"uuid": self._chain.head.device, "public_key": self._key.public_key().public_bytes_raw(), "enrolled_at": 0}
        window = {"hall": "政务服务中心", "name": "3号窗口", "number": "A03"}
        self._database.write(lambda connection: connection.execute(sa.insert(devices).values(**row, **window)))

    def rate(
        self, at: str, level: int, cases: Sequence[dict[str, Any]], grouping: str = "single", once: str = "per_service"
    ) -> str:
        """`at`: `2026-10-09 09:00` in China. The session."""
        session, wall = uuid7(ms(at)), f"{at.replace(' ', 'T')}:00.000+08:00"
        data = opened(cases[0]["number"])
        kinds = {"immediate": "on_the_spot", "committed": "in_visits"}
        data["ticket"] |= {"cases": list(cases), "grouping": grouping}
        data |= {
            "covered": [case["number"] for case in cases],
            "points": [{"number": case["number"], "situation": kinds[case["kind"]], "once": once} for case in cases],
            "follow_up": grouping == "follow_up",
        }
        star = {"level": level, "offset_ms": 900, "source": "touch"}
        written = [
            self._chain.write("session_opened", data, session, at=wall, entry_id=uuid7(ms(at))),
            self._chain.write("star_chosen", star, session, at=wall, entry_id=uuid7(ms(at))),
            self._chain.write(
                "session_closed", {"outcome": "rated", "submitted": False}, session, at=wall, entry_id=uuid7(ms(at))
            ),
        ]
        with self._monkeypatch.context() as patched:
            patched.setattr(deliveries, "now_ms", lambda: ms(at))
            answer = Deliveries(self._database, self._database.write(load_identity)).receive(
                self._key.public_key().public_bytes_raw(), [entry.line for entry in written]
            )
        assert [result.status for result in answer.results] == ["accepted"] * 3
        return session


def case(number: str, kind: str = "immediate", visit: str | None = None, finished: bool | None = None) -> dict[str, Any]:
    """A case on a ticket."""
    return {
        "number": number,
        "matter_code": "M1",
        "matter_name": "食品经营许可",
        "kind": kind,
        "visit": visit,
        "finished": finished,
    }


def record_month(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The month, told as it happened; the platform looked at it whenever something fell due. Ratings by name."""
    told = "2026-10-09"
    docket.cases(
        {
            "case": "TA-NOBODY",
            "as_of": told,
            "kind": "immediate",
            "received_at": f"{told} 09:00",
            "finished_at": f"{told} 10:00",
        },
        {
            "case": "TA-LATER",
            "as_of": told,
            "kind": "immediate",
            "received_at": f"{told} 09:00",
            "finished_at": f"{told} 10:00",
        },
        {"case": "TA-ONLINE", "as_of": "2026-10-12", "kind": "online", "visit": "1", "received_at": "2026-10-12 09:00"},
        {
            "case": "TA-ONLINE",
            "as_of": "2026-10-14",
            "visit": "2",
            "received_at": "2026-10-14 09:00",
            "finished_at": "2026-10-14 10:00",
        },
        {"case": "TA-VISITS", "as_of": "2026-10-12", "kind": "committed", "visit": "1", "received_at": "2026-10-12 09:00"},
        {"case": "TA-VISITS", "as_of": "2026-10-15", "visit": "2", "received_at": "2026-10-15 09:00"},
        *(
            {"case": number, "as_of": "2026-10-20", "kind": "committed", "visit": "1"}
            | {"received_at": "2026-10-13 09:00", "finished_at": "2026-10-20 09:00"}
            for number in ("TA-CHAIN-1", "TA-CHAIN-2")
        ),
        {"case": "TA-MISTAKEN", "as_of": "2026-10-22", "kind": "immediate"}
        | {"received_at": "2026-10-22 08:30", "finished_at": "2026-10-22 09:00"},
    )
    docket.settle("2026-10-11 00:05")
    counter = Counter(docket, monkeypatch)
    found: dict[str, str] = {}

    def elsewhere(name: str, channel: str, level: int, at: str, number: str | None, visit: str | None = None) -> None:
        row = {"id": name, "channel": channel, "level": level, "at": at, "case": number, "visit": visit}
        assert docket.ratings({key: value for key, value in row.items() if value is not None}, now=at) == ["accepted"]
        found[name] = name

    def note(step: str, name: str, at: str) -> None:
        docket.database.write(lambda connection: record_step(connection, found[name], step, ms(at), ms(at)))

    elsewhere("online-1", "sms", 5, "2026-10-12 11:00", "TA-ONLINE", "1")
    elsewhere("online-2", "app", 1, "2026-10-14 11:00", "TA-ONLINE", "2")
    found["visit"] = counter.rate("2026-10-12 09:30", 2, [case("TA-VISITS", "committed", "1", finished=False)])
    note("contact", "visit", "2026-10-12 15:00")
    note("rectification", "visit", "2026-10-14 15:00")
    found["batch"] = counter.rate(
        "2026-10-16 15:00", 4, [case(f"TA-BATCH-{n}", finished=True) for n in (1, 2, 3)], "batch", "per_case"
    )
    docket.settle("2026-10-17 00:05")
    found["follow-up"] = counter.rate("2026-10-19 09:30", 4, [case("TA-VISITS", "committed", "1", finished=False)], "follow_up")
    chained = [case(number, "committed", "1", finished=True) for number in ("TA-CHAIN-1", "TA-CHAIN-2")]
    found["chain"] = counter.rate("2026-10-20 10:00", 1, chained, "chain", "per_case")
    elsewhere("late", "sms", 5, "2026-10-20 12:00", "TA-LATER")
    elsewhere("unlinked", "hotline_12345", 1, "2026-10-21 20:00", None)
    elsewhere("mistaken", "sms", 1, "2026-10-22 12:00", "TA-MISTAKEN")

    def find(connection: Connection) -> None:
        record_finding(connection, found["mistaken"], FindingKind.MISTAKEN, "管理机构", ms("2026-10-25 09:00"))

    docket.database.write(find)
    docket.settle("2026-11-21 00:00")
    return found
