"""What the platform is told of the devices on a terminal's lines, from the terminal's board to the viewer (docs/wire.md).

Source: issue 6, point 8: status in the heartbeat. Real terminal store, real HTTP, real platform; time of the board is chosen.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from support.platform import RunningPlatform
from support.sending import Chosen
from support.store_kit import IDS

from central_platform import attached
from central_platform.cli import main as central_platform
from central_platform.devices import list_devices, set_revoked
from central_platform.messages import AttachedDevice
from central_platform.times import now_ms
from sync.client import PlatformClient
from sync.downloads import Downloads
from sync.enrolment import enroll
from sync.heartbeat import EVERY_MS, Heartbeat
from sync.wire import ATTACHED_TOLD
from sync.worker import SyncWorker
from terminal_app.ports import DeviceReport
from terminal_app.store.opening import Store, open_store
from terminal_app.system_clock import SystemClock

SECRETS = ("3号窗口的扫码枪", "/dev/serial/by-id/usb-Maker_SN0823", "<STX>AAAA.A99", "Connect the device")


def report(state: str = "connected", role: str = "barcode_scanner", driver: str = "wedge_scanner") -> DeviceReport:
    """A device that has been in this state for two minutes and was heard one minute ago."""
    now = SystemClock().mono_ms()
    name, address, seen, remedy = SECRETS
    return DeviceReport(name, role, driver, address, state, remedy, now - 120_500, now - 60_500, 7, 2, "garbage", seen)


@dataclass
class Board:
    """Devices as a test sets them."""

    now: Sequence[DeviceReport]

    def reports(self) -> Sequence[DeviceReport]:
        return self.now


class ShiftedClock(SystemClock):
    """The real clock, put forward."""

    ahead_ms = 0

    def mono_ms(self) -> int:
        return super().mono_ms() + self.ahead_ms


@dataclass
class Terminal:
    """An enrolled terminal's sender, driven by hand."""

    store: Store
    board: Board
    clock: ShiftedClock
    worker: SyncWorker
    somebody: bool = False


@pytest.fixture
def terminal(platform: RunningPlatform, tmp_path: Path) -> Iterator[Terminal]:
    store = open_store(tmp_path / "data", SystemClock(), IDS, app_version="0.1.0")
    with closing(PlatformClient(platform.url, store.key.private)) as client:
        enroll(client, platform.claim(), store.documents)
        store.begin()
        board, clock = Board([report(), report("missing", "card_reader", "card_reader")]), ShiftedClock()
        assert store.enrolment is not None
        made = Terminal(
            store,
            board,
            clock,
            SyncWorker(
                store.outbox,
                client,
                clock,
                heads=client,
                board=board,
                downloads=Downloads(client, store.documents, store.enrolment.platform_key),
                chance=Chosen(1),
                attended=lambda: made.somebody,
                pause_s=0,
            ),
        )
        yield made
    store.stop()


def seen(platform: RunningPlatform) -> list[dict]:
    """What a viewer gets."""
    headers = {"Authorization": f"Bearer {platform.viewer_token}"}
    answer = requests.get(f"{platform.url}/v1/attached", headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()["items"]


def states(platform: RunningPlatform, store: Store) -> list[tuple[str, str]]:
    assert store.enrolment is not None
    return [(one["role"], one["state"]) for one in seen(platform) if one["device"] == store.enrolment.device]


def test_the_first_contact_tells_kinds_and_states_and_nothing_else(platform: RunningPlatform, terminal: Terminal) -> None:
    before = now_ms()
    assert terminal.worker.run_pass().trouble is None
    assert states(platform, terminal.store) == [("barcode_scanner", "connected"), ("card_reader", "missing")]
    scanner = seen(platform)[-2]
    assert (scanner["driver"], scanner["window"]["name"], scanner["away"]) == ("wedge_scanner", "3号窗口", False)
    (told,) = [one for one in platform.database.read(attached.list_told)[-2:] if one.state == "connected"]
    assert abs(told.since - (before - 120_000)) < 10_000
    assert told.last_good is not None and abs(told.last_good - (before - 60_000)) < 10_000
    assert [word for word in SECRETS if word in json.dumps(seen(platform), ensure_ascii=False)] == []


def test_a_change_is_told_within_a_minute_and_not_before(platform: RunningPlatform, terminal: Terminal) -> None:
    """A device that flaps must not become a flood: once a minute at most."""
    terminal.worker.run_pass()
    terminal.board.now = [report("missing")]
    rest = terminal.worker.run_pass().rest
    assert states(platform, terminal.store)[0] == ("barcode_scanner", "connected")
    assert rest.until_ms is not None and rest.until_ms - terminal.clock.mono_ms() <= EVERY_MS
    terminal.clock.ahead_ms += EVERY_MS
    terminal.worker.run_pass()
    assert states(platform, terminal.store) == [("barcode_scanner", "missing")]


def test_nobody_who_rates_waits_for_it(platform: RunningPlatform, terminal: Terminal) -> None:
    terminal.worker.run_pass()
    terminal.board.now, terminal.somebody = [report("missing")], True
    terminal.clock.ahead_ms += EVERY_MS
    rest = terminal.worker.run_pass().rest
    assert states(platform, terminal.store)[0] == ("barcode_scanner", "connected")
    assert rest.until_ms is None or rest.until_ms > terminal.clock.mono_ms(), "the sender does not run round in circles"
    terminal.somebody = False
    terminal.worker.run_pass()
    assert states(platform, terminal.store) == [("barcode_scanner", "missing")]


def test_a_change_that_did_not_arrive_is_told_again() -> None:
    board = Board([report()])
    heartbeat = Heartbeat(board)
    assert (heartbeat.due_ms(), Heartbeat(None).tell(0), Heartbeat(None).due_ms()) == (None, None, None)
    assert len(heartbeat.tell(5_000) or []) == 1
    assert heartbeat.due_ms() is None
    heartbeat.failed()
    assert heartbeat.due_ms() == 5_000 + EVERY_MS


AWAY: dict[str, tuple[str, int, bool]] = {
    "missing for ten minutes": ("missing", attached.AWAY_MS, True),
    "missing for less": ("missing", attached.AWAY_MS - 2_000, False),
    "failed": ("failed", attached.AWAY_MS, True),
    "never opened": ("connecting", attached.AWAY_MS, True),
    "a word of a newer terminal": ("jammed", attached.AWAY_MS, True),
    "connected and silent for a week": ("connected", 7 * 86_400_000, False),
}


@pytest.mark.parametrize("what", AWAY)
def test_who_is_away(platform: RunningPlatform, terminal: Terminal, what: str) -> None:
    state, for_ms, away = AWAY[what]
    key = terminal.store.key.private.public_key().public_bytes_raw()
    told = [AttachedDevice("card_reader", "card_reader", state, for_ms // 1000, None)]
    now = now_ms()
    platform.database.write(lambda connection: attached.keep_told(connection, key, told, now))
    found = platform.database.read(lambda connection: attached.list_away(connection, now))
    mine = [one.state for one in found if terminal.store.enrolment and one.terminal == terminal.store.enrolment.device]
    assert mine == ([state] if away else [])


def test_operators_are_told(platform: RunningPlatform, terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    now = SystemClock().mono_ms()
    terminal.board.now = [replace(report("missing", "card_reader"), since_ms=now - attached.AWAY_MS - 1_000)]
    terminal.worker.run_pass()
    assert central_platform(["device", "list", "--db", platform.db_url]) == 0
    assert "AWAY  card_reader missing since " in capsys.readouterr().out
    metrics = requests.get(f"{platform.url}/metrics", timeout=10).text
    (away,) = [line.split()[-1] for line in metrics.splitlines() if line.startswith("platform_attached_devices_away ")]
    assert float(away) >= 1


def test_a_revoked_terminal_s_devices_are_nobody_s_worry(platform: RunningPlatform, terminal: Terminal) -> None:
    terminal.worker.run_pass()
    assert terminal.store.enrolment is not None
    device = terminal.store.enrolment.device
    assert device in {one.uuid for one in platform.database.read(list_devices)}
    platform.database.write(lambda connection: set_revoked(connection, device, now_ms()))
    assert states(platform, terminal.store) == []


SAID: dict[str, tuple[Callable[[], object], int, list[str]]] = {
    "nothing said": (lambda: None, 200, ["missing"]),
    "no devices": (list, 200, []),
    "too many": (lambda: [told()] * (ATTACHED_TOLD + 1), 400, ["missing"]),
    "not a number": (lambda: [told() | {"for_s": "long"}], 400, ["missing"]),
    "in the future": (lambda: [told() | {"for_s": -1}], 400, ["missing"]),
    "more than is known": (lambda: [told() | {"firmware": "1"}], 200, ["busy"]),
}


def told() -> dict[str, object]:
    return {"role": "card_reader", "driver": "card_reader", "state": "busy", "for_s": 3, "quiet_s": None}


@pytest.mark.parametrize("what", SAID)
def test_what_a_terminal_may_say(platform: RunningPlatform, terminal: Terminal, what: str) -> None:
    """Replaces what was told before; nothing said, or nothing understood, changes nothing."""
    terminal.board.now = [report("missing")]
    terminal.worker.run_pass()
    say, status, then = SAID[what]
    with closing(PlatformClient(platform.url, terminal.store.key.private)) as client:
        body = json.dumps({"entries": [], "attached": say()}).encode()
        answer = client._request("POST", "/v1/entries", body)
        assert getattr(answer, "status", None) == status
    assert [state for _, state in states(platform, terminal.store)] == then


def test_viewers_alone_may_ask(platform: RunningPlatform) -> None:
    assert requests.get(f"{platform.url}/v1/attached", timeout=10).status_code == 401
