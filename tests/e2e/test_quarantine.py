"""Refused by the real platform → quarantined and shown → mended there → requeued → accepted (issue 3, Build 5)."""

import json
from typing import Any

import sqlalchemy as sa
from PySide6.QtWidgets import QApplication
from support.counter import Counter, command, kiosk_at, wait_until
from support.platform import RunningPlatform

from terminal_app.store.reading import Counts

STRANGER = "018f3c1e-0000-7000-8000-0000000000ff"


def rename_device(platform: RunningPlatform, old: str, new: str) -> None:
    """What a list of devices that was restored from the wrong backup does: a known key under another device's id."""
    query = sa.text("UPDATE devices SET uuid = :new WHERE uuid = :old")
    platform.database.write(lambda connection: connection.execute(query, {"new": new, "old": old}))


def held(platform: RunningPlatform, device: str) -> list[bytes]:
    query = sa.text("SELECT line FROM entries e JOIN devices d ON d.id = e.device_id WHERE d.uuid = :device ORDER BY e.seq")
    return platform.database.read(lambda connection: [bytes(row[0]) for row in connection.execute(query, {"device": device})])


def told(*words: object, code: int) -> Any:
    done = command(*words, "--json")
    assert done.code == code, done.err
    return json.loads(done.out)


def test_what_the_platform_refuses_is_kept_shown_requeued_and_accepted(
    at: Counter, platform: RunningPlatform, qapp: QApplication
) -> None:
    device = at.entries()[0].device
    rename_device(platform, device, STRANGER)
    with kiosk_at(at) as kiosk:
        at.wait_until_open()
        kiosk.rate(4)
        wait_until(lambda: at.counts().pending == 0, "everything is offered")
        wait_until(lambda: "quarantined" in kiosk.problems.values(), "staff are told")
    lines = [entry.line for entry in at.entries()]
    refused = at.counts().quarantined
    assert at.counts() == Counts(len(lines), 0, refused)
    assert (refused, held(platform, STRANGER)) == (len(lines), [])

    listed = told("outbox", "list", "--config", at.config, code=0)
    assert {(row["state"], row["reason"]) for row in listed["entries"]} == {("quarantined", "wrong_device")}
    assert "wrong_device: the platform knows this terminal's key under another device" in (
        command("outbox", "list", "--config", at.config).out
    )
    store = next(row for row in told("doctor", "--config", at.config, code=1)["findings"] if row["name"] == "store")
    assert (store["state"], f"{refused} quarantined" in store["message"]) == ("warn", True)

    rename_device(platform, STRANGER, device)
    assert told("outbox", "requeue", "--config", at.config, code=0) == {"requeued": refused}
    with kiosk_at(at) as kiosk:
        wait_until(lambda: at.counts().pending == 0 and at.counts().quarantined == 0, "everything is accepted")
        wait_until(lambda: "quarantined" not in kiosk.problems.values(), "staff are no longer told")
    assert held(platform, device)[: len(lines)] == lines, "the bytes of before"
