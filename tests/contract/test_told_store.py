"""What a terminal may say of its store beside a batch (docs/wire.md), and what the platform's alarms make of it."""

import json

import pytest
from support.platform import RunningPlatform
from support.window import Window

from central_platform.alarms import LOST, QUARANTINED, published
from central_platform.times import now_ms
from sync import wire

SAID: dict[str, tuple[str, int, set[str]]] = {
    "all is well": ('{"quarantined": 0, "lost_at": null}', 200, set()),
    "no word of what was lost": ('{"quarantined": 0}', 200, set()),
    "null": ("null", 200, {QUARANTINED}),
    "some, and lost today": ('{"quarantined": 7, "lost_at": NOW}', 200, {QUARANTINED, LOST}),
    "spelled as floats": ('{"quarantined": 7.0, "lost_at": NOW.0}', 200, {QUARANTINED, LOST}),
    "in powers of ten": ('{"quarantined": 1e1}', 200, {QUARANTINED}),
    "a part of one": ('{"quarantined": 1.5}', 400, {QUARANTINED}),
    "less than none": ('{"quarantined": -1}', 400, {QUARANTINED}),
    "more than anybody has": ('{"quarantined": 1000000000001}', 400, {QUARANTINED}),
    "in words": ('{"quarantined": "7"}', 400, {QUARANTINED}),
    "true": ('{"quarantined": true}', 400, {QUARANTINED}),
    "the last moment that has a date": ('{"quarantined": 0, "lost_at": 253402300799999}', 200, {LOST}),
    "lost when no date is left": ('{"quarantined": 0, "lost_at": 253402300800000}', 400, {QUARANTINED}),
    "not how many": ('{"lost_at": NOW}', 400, {QUARANTINED}),
}


@pytest.mark.parametrize("what", SAID)
def test_what_a_terminal_may_say_of_its_store(platform: RunningPlatform, what: str) -> None:
    """Replaces what was told before; nothing said, or nothing understood, changes nothing."""
    said, status, alarms = SAID[what]
    window = Window(platform.url).enroll(platform.claim())
    window.post(wire.ENTRIES, json.dumps({"entries": [], "store": {"quarantined": 1}}).encode())
    body = f'{{"entries": [], "store": {said.replace("NOW", str(now_ms()))}}}'.encode()
    assert window.post(wire.ENTRIES, body).status_code == status
    assert {alarm.what for alarm in platform.database.read(published)} == alarms
