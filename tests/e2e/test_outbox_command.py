"""`rating-terminal outbox list|requeue` (issue 2, point 8): what was refused is shown and offered again."""

import pytest
from PySide6.QtWidgets import QApplication
from support.commands import answered, quarantine, ran
from support.counter import Counter, OpenKiosk, command, kiosk_at, wait_until
from support.platform import RunningPlatform

pytestmark = pytest.mark.usefixtures("english")


def test_the_outbox_shows_what_was_refused_and_offers_it_again(at: Counter, qapp: QApplication) -> None:
    entry = quarantine(at)
    told = answered(command("outbox", "list", "--config", at.config, "--json"))
    (row,) = told["entries"]
    assert (row["id"], row["state"], row["reason"], row["kind"]) == (entry, "quarantined", "bad_signature", "chain_started")
    assert (told["total"], told["pending"], told["quarantined"]) == (1, 0, 1)
    assert entry in ran(command("outbox", "list", "--config", at.config)).out
    assert answered(command("outbox", "requeue", entry, "--config", at.config, "--json")) == {"requeued": 1}
    (row,) = answered(command("outbox", "list", "--config", at.config, "--json"))["entries"]
    assert row["state"] == "pending"


def test_requeue_takes_all_or_those_that_are_named(at: Counter, qapp: QApplication) -> None:
    entry, stranger = quarantine(at), "018f3c1e-0000-7000-8000-000000000001"
    done = command("outbox", "requeue", stranger, "--config", at.config, "--json")
    assert answered(done, 1) == {"requeued": 0}
    assert answered(command("outbox", "requeue", entry.upper(), stranger, "--config", at.config, "--json"), 1) == {
        "requeued": 1
    }
    assert answered(command("outbox", "requeue", "--config", at.config, "--json")) == {"requeued": 0}


def test_requeue_while_the_kiosk_runs_is_refused(kiosk: OpenKiosk) -> None:
    assert "stop the kiosk first" in ran(command("outbox", "requeue", "--config", kiosk.counter.config), 3).err


def test_the_outbox_of_a_delivered_journal_is_empty(rated: Counter, platform: RunningPlatform, qapp: QApplication) -> None:
    with kiosk_at(rated):
        wait_until(lambda: rated.counts().pending == 0, "all is delivered")
    told = answered(command("outbox", "list", "--config", rated.config, "--json"))
    assert (told["entries"], told["total"]) == ([], len(rated.entries()))
