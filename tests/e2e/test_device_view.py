"""The live view of a running terminal's devices, as an administrator at a shell sees it (issue 6, point 8)."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from support.counter import CARD, DEADLINE_S, Counter, Done, OpenKiosk, command, fresh_case, wait_until

from terminal_app.device_view import _name


def status(at: Counter) -> dict[str, dict]:
    done = command("devices", "status", "--json", "--config", at.config)
    return {device["name"]: device for device in json.loads(done.out)["devices"]}


@pytest.fixture
def seen(kiosk: OpenKiosk) -> OpenKiosk:
    """The kiosk once its view answers, which it does some time after it listens on every line."""
    wait_until(lambda: command("devices", "status", "--config", kiosk.counter.config).code != 3, "the view answers")
    return kiosk


def test_every_device_with_its_last_frame_masked(seen: OpenKiosk) -> None:
    at, case = seen.counter, fresh_case()
    seen.present(case)
    at.cards.lay(CARD)
    wait_until(lambda: status(at)["card-reader"]["frames"] == 1, "the card was read")
    line, scanner, cards = (status(at)[name] for name in ("ticket-line", "scanner", "card-reader"))
    assert (line["state"], line["driver"], line["frames"], line["bad_frames"]) == ("connected", "case_ticket", 1, 0)
    assert 0 <= line["quiet_s"] <= line["for_s"] + 1 < DEADLINE_S + 60
    assert line["last_bytes"].startswith("<STX>AAAA.AA99999999")
    assert (scanner["quiet_s"], scanner["last_bytes"]) == (None, "")
    assert cards["last_bytes"].endswith("<CR><LF>")
    everything = json.dumps(status(at), ensure_ascii=False)
    assert [secret for secret in (case, CARD, "王") if secret in everything] == []
    done = command("devices", "status", "--config", at.config)
    assert done.code == 0
    assert f"ticket-line  case_ticket at {at.line.device.address}\n  connected for " in done.out
    assert "no good frame yet; 0 good, 0 bad" in done.out


def test_what_does_not_work_is_said_with_its_remedy(seen: OpenKiosk) -> None:
    at = seen.counter
    at.line.present({"case": fresh_case()}, corrupt="checksum")
    at.scanner.device.unplug()
    wait_until(lambda: status(at)["scanner"]["state"] == "missing" and status(at)["ticket-line"]["bad_frames"], "both are told")
    done = command("devices", "status", "--config", at.config)
    assert done.code == 1
    assert re.search(r"  missing for \d+ s; no good frame yet", done.out)
    assert "Connect the device" in done.out
    assert "1 bad (last: bad_checksum)" in done.out


def test_one_device_is_looked_on_at(seen: OpenKiosk) -> None:
    at, ended = seen.counter, []

    def watch() -> None:
        ended.append(command("devices", "watch", "scanner", "--seconds", "3", "--config", at.config))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    at.scanner.scan(fresh_case())
    wait_until(lambda: not watcher.is_alive(), "the watch is over")
    (done,) = ended
    assert done.code == 0
    assert "1 good, 0 bad  AA99999999" in done.out
    assert done.out.count("\n") <= 2, "a line for a change, not for every look"


@pytest.fixture
def stopped(bare_counter: Counter) -> Iterator[Counter]:
    bare_counter.configure("http://127.0.0.1:9")
    bare_counter.data.mkdir()
    yield bare_counter


def test_a_terminal_that_does_not_run_is_told(stopped: Counter) -> None:
    done = command("devices", "status", "--config", stopped.config)
    assert (done.code, "no terminal runs on this data folder" in done.err) == (3, True)
    assert "rating-terminal devices test NAME" in done.err


def test_a_device_that_the_terminal_does_not_have(seen: OpenKiosk) -> None:
    done: Done = command("devices", "watch", "scaner", "--config", seen.counter.config)
    assert (done.code, "'scaner'; the running terminal has: ticket-line, scanner" in done.err) == (2, True)


ASK = (
    "import os,socket,sys; s=socket.socket(socket.AF_UNIX); os.setuid(int(sys.argv[2]));"
    "s.connect(bytes.fromhex(sys.argv[1])); print(s.recv(9) or 'nothing')"
)
ME, NOBODY = os.getuid(), 65534
USERS = {ME: "{"} | ({NOBODY: "nothing"} if ME == 0 else {})
"""Only root can be somebody else."""


@pytest.mark.parametrize("user", USERS)
def test_the_view_answers_its_own_user_alone(seen: OpenKiosk, user: int) -> None:
    """Neither kinds nor addresses are for others on this machine."""
    words = [sys.executable, "-c", ASK, _name(seen.counter.data).encode().hex(), str(user)]
    asked = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert USERS[user] in asked.stdout
