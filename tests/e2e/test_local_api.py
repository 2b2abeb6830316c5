"""A business system on the counter's PC and the real kiosk: it invites, a citizen taps, it is told so, and never which star."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from support.business_system import TOKEN, Ports, ask, free_ports, heard
from support.counter import DISPLAY, NUMBER, Counter, OpenKiosk, command, fields, fresh_case, kiosk_at, wait_until
from support.platform import RunningPlatform

from terminal_app.domain.journal import Kind
from terminal_app.domain.ticket_mac import ticket_mac

SECRET = "ticket-secret-0123456789-abcdefghijk"


@pytest.fixture
def ports() -> Ports:
    return Ports(*free_ports(2))


@pytest.fixture
def kiosk(at: Counter, platform: RunningPlatform, ports: Ports, qapp: QApplication) -> Iterator[OpenKiosk]:
    """The running kiosk, listening for business systems."""
    at.configure(platform.url, display=DISPLAY + ports.table(legacy=True, tickets=SECRET))
    at.config.chmod(0o600)
    with kiosk_at(at) as opened:
        wait_until(lambda: opened.kiosk.local_api is not None, "the local API listens")
        yield opened


class Aside:
    """Runs something that waits for the window beside it, and lets the window run meanwhile."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self._result: list[Any] = []
        self._error: list[Exception] = []
        self._act = act
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result.append(self._act())
        except Exception as error:  # noqa: BLE001 - raised again by `result`
            self._error.append(error)

    @property
    def result(self) -> Any:
        wait_until(lambda: not self._thread.is_alive(), "an answer")
        if self._error:
            raise self._error[0]
        return self._result[0]


def aside(act: Callable[[], Any]) -> Any:
    return Aside(act).result


def test_invite_tap_outcome(kiosk: OpenKiosk, ports: Ports) -> None:
    case = fresh_case()
    client = aside(ports.open)
    invited = aside(lambda: ask(client, "invite", id=7, ticket=fields(case)))
    assert invited == {"id": 7, "ok": True, "invitation": invited["invitation"]}
    kiosk.wait_for("rate")
    kiosk.tap("star-2")
    assert aside(lambda: heard(client)) == {"event": "outcome", "invitation": invited["invitation"], "outcome": "rated"}
    opened, star = [entry for entry in kiosk.counter.entries() if entry.session == invited["invitation"]]
    assert (opened.kind, star.kind) == (Kind.SESSION_OPENED, Kind.STAR_CHOSEN)
    assert (opened.data["source"], opened.data["device"]) == ("api", "hall-system")
    client.close()


def test_over_plain_http(kiosk: OpenKiosk, ports: Ports) -> None:
    status, invited = aside(lambda: ports.post("invite", {"ticket": fresh_case()}))
    assert status == 200
    kiosk.wait_for("rate")
    asked = Aside(lambda: ports.post("outcome", {"invitation": invited["invitation"], "wait_s": 20}))
    kiosk.tap("star-5")
    assert asked.result == (200, {"ok": True, "invitation": invited["invitation"], "outcome": "rated"})


def test_the_bytes_are_alike_for_every_level(kiosk: OpenKiosk, ports: Ports) -> None:
    """Issue 6, point 7: alike in form for every level, and never which star."""
    client = aside(ports.open)
    told = set()
    for level in range(1, 6):
        invitation = aside(lambda: ask(client, "invite", ticket=fresh_case()))["invitation"]
        wait_until(lambda: kiosk.shown == "rate", "stars")
        kiosk.tap(f"star-{level}")
        message = aside(lambda: client.recv(timeout=10))
        assert invitation in message
        told.add(message.replace(invitation, "ID"))
        wait_until(lambda: kiosk.shown in ("reasons", "thanks"), "the next screen")
    assert told == {'{"event": "outcome", "invitation": "ID", "outcome": "rated"}'}
    client.close()


def test_cancelled_before_the_first_tap(kiosk: OpenKiosk, ports: Ports) -> None:
    client = aside(ports.open)
    invitation = aside(lambda: ask(client, "invite", ticket=fresh_case()))["invitation"]
    client.send(json.dumps({"method": "cancel", "invitation": invitation}))
    assert aside(lambda: heard(client))["ok"]
    assert aside(lambda: heard(client))["outcome"] == "not_rated"
    assert aside(lambda: ask(client, "cancel", invitation=invitation))["error"] == "ended"
    client.close()


def test_pause_resume_and_staff(kiosk: OpenKiosk, ports: Ports) -> None:
    assert aside(lambda: ports.post("pause"))[1] == {"ok": True}
    kiosk.wait_for("paused")
    assert aside(lambda: ports.post("invite", {"ticket": fresh_case()})) == (409, {"ok": False, "error": "paused"})
    assert aside(lambda: ports.post("resume"))[1] == {"ok": True}
    welcomed = aside(lambda: ports.post("welcome", {"staff": NUMBER}))
    assert welcomed[1]["staff"] == {"number": NUMBER, "name": "王慧敏", "post": "综合受理岗"}
    assert aside(lambda: ports.post("welcome", {"staff": "9999"}))[1]["error"] == "unknown_staff"


def test_a_signed_ticket_is_signed_in_the_journal_once(kiosk: OpenKiosk, ports: Ports) -> None:
    said = f"case={fresh_case()}|mac=K7f3aa01.{int(time.time())}"
    ticket = f"{said}.{ticket_mac(SECRET.encode(), said.encode())}"
    for expected in ("signed", "unverified"):
        invited = aside(lambda: ports.post("invite", {"ticket": ticket}))[1]["invitation"]
        kiosk.wait_for("rate")
        (opened,) = [entry for entry in kiosk.counter.entries() if entry.session == invited]
        assert opened.data["ticket"]["verification"] == expected
        aside(partial(ports.post, "cancel", {"invitation": invited}))
        kiosk.wait_for("nobody")


def test_a_lost_connection_takes_nothing_back(kiosk: OpenKiosk, ports: Ports) -> None:
    """No rating depends on the business system once its ticket was taken; the outcome can be asked for later."""
    client = aside(ports.open)
    invitation = aside(lambda: ask(client, "invite", ticket=fresh_case()))["invitation"]
    client.socket.close()
    kiosk.wait_for("rate")
    kiosk.tap("star-4")
    kiosk.wait_for("thanks")
    again = aside(ports.open)
    assert aside(lambda: ask(again, "outcome", invitation=invitation))["outcome"] == "rated"
    again.close()


def test_a_business_system_that_says_nothing_cannot_hold_up_the_end(
    at: Counter, platform: RunningPlatform, ports: Ports, qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    at.configure(platform.url, display=DISPLAY + ports.table())
    at.config.chmod(0o600)
    with kiosk_at(at) as opened:
        wait_until(lambda: opened.kiosk.local_api is not None, "the local API listens")
        client = aside(ports.open)
        client.pong = lambda *_: None  # type: ignore[method-assign]
    assert "did not stop in time" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("which", ["socket", "http"])
def test_a_taken_port_is_told_to_staff(
    at: Counter, platform: RunningPlatform, ports: Ports, qapp: QApplication, which: str
) -> None:
    taken = getattr(ports, which)
    at.configure(platform.url, display=DISPLAY + ports.table())
    at.config.chmod(0o600)
    with socket.create_server(("127.0.0.1", taken)), kiosk_at(at) as opened:
        wait_until(lambda: opened.problems == {str(taken): "local_api"}, "staff is told of the port")
        opened.rate(3)


def test_nothing_listens_where_nothing_is_configured(at: Counter, qapp: QApplication) -> None:
    with kiosk_at(at) as opened:
        wait_until(lambda: opened.kiosk.sync is not None, "all parts began")
        assert opened.kiosk.local_api is None


def test_doctor_tells_of_the_ports(kiosk: OpenKiosk, ports: Ports) -> None:
    def said() -> str:
        return command("doctor", "--config", kiosk.counter.config).out

    served = aside(said)
    assert f"ok    local API 127.0.0.1:{ports.socket}: the terminal listens there for hall-system" in served
    assert f"ok    local API 127.0.0.1:{ports.http}: the terminal listens there" in served


def test_doctor_tells_of_free_and_taken_ports(at: Counter, platform: RunningPlatform, ports: Ports) -> None:
    at.configure(platform.url, display=DISPLAY + ports.table())
    at.config.chmod(0o600)
    assert f"local API 127.0.0.1:{ports.socket}: free" in command("doctor", "--config", at.config).out
    with socket.create_server(("127.0.0.1", ports.http)) as other:
        other.listen()
        assert f"fail  local API 127.0.0.1:{ports.http}: " in command("doctor", "--config", at.config).out
