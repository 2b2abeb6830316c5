"""The simulated devices behave like real ones, so that what the demo and the tests show is true of hardware."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from support.devices import STOP_S, reading, wait_for

from device_drivers.card_reader import CardFormat
from device_drivers.framing import stx_etx_frame
from device_drivers.registry import DRIVERS, configured
from device_drivers.simulators import (
    CardReaderSimulator,
    CaseTicketSimulator,
    PtyDevice,
    ScannerSimulator,
    TcpDevice,
    Unplugged,
    ticket_payload,
)
from device_drivers.spec import DriverSpec
from device_drivers.transport import Line, LineSettings, StopSignal, open_line

ROOT = Path(__file__).parents[2]
HOLD = """
import pathlib, sys
from device_drivers.simulators import PtyDevice
device = PtyDevice("left", pathlib.Path(sys.argv[1]))
device.replug()
print("there", flush=True)
sys.stdin.read()
"""
FIELDS = {"case": "370900202611210001", "name": "王家庄户口迁移"}


def written_by(act: object) -> bytes:
    """What a simulator writes, read through pyserial."""
    with PtyDevice("device") as device, closing(open_line(device.address, LineSettings())) as line:
        act(device)  # type: ignore[operator]
        return line.read(StopSignal(), 2)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_ticket_as_the_business_system_sends_it(encoding: str) -> None:
    text = "case=370900202611210001|name=王家庄户口迁移"
    sent = written_by(lambda device: CaseTicketSimulator(device).present(FIELDS, encoding=encoding))  # type: ignore[arg-type]
    assert sent == stx_etx_frame(text.encode(encoding))


@pytest.mark.parametrize("fields", [{"a|b": "c"}, {"a": "b|c"}, {"a=b": "c"}])
def test_fields_that_hold_separators_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="separate fields"):
        ticket_payload(fields)


@pytest.mark.parametrize(
    ("corrupt", "reasons"),
    [("checksum", {"bad_checksum"}), ("truncated", {"truncated"}), ("too_long", {"too_long"}), ("no_start", {"garbage"})],
)
def test_a_corrupted_ticket_is_refused_for_its_own_reason_and_a_good_one_follows(corrupt: str, reasons: set[str]) -> None:
    quick = configured("case_ticket", {"silence_ms": 30})
    with PtyDevice("line") as device, reading(quick, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        CaseTicketSimulator(device).present(FIELDS, corrupt=corrupt)  # type: ignore[arg-type]
        wait_for(lambda: reader.status().bad_frames)
        CaseTicketSimulator(device).present(FIELDS)
        wait_for(lambda: log.frames)
        assert {bad.reason for bad in log.bad} == reasons
        assert log.payloads == [ticket_payload(FIELDS)]


def test_a_ticket_as_a_bare_line() -> None:
    assert (
        written_by(lambda device: CaseTicketSimulator(device).present_line("370900202611210001")) == b"370900202611210001\r\n"
    )


def test_a_scan_with_its_prefix_and_ending() -> None:
    assert written_by(lambda device: ScannerSimulator(device).scan("A-000001", ending=b"\r", aim="]C0")) == b"]C0A-000001\r"


def test_a_card_on_readers_of_different_kinds() -> None:
    decimal = CardFormat(uid_format="decimal", reversed=True)
    assert written_by(lambda device: CardReaderSimulator(device).lay("04A1B2C3")) == b"04A1B2C3\r\n"
    assert written_by(lambda device: CardReaderSimulator(device, decimal).lay("04A1B2C3")) == b"3283263748\r\n"


def test_garbage_is_the_same_for_the_same_seed() -> None:
    first, again, other = (written_by(lambda device, s=seed: ScannerSimulator(device).garbage(64, s)) for seed in (1, 1, 2))
    assert len(first) == 64
    assert first == again != other


@pytest.mark.parametrize("kind", [PtyDevice, TcpDevice])
def test_it_tells_whether_somebody_has_the_line_open(kind: type[PtyDevice] | type[TcpDevice]) -> None:
    with kind("device") as device:
        assert not device.wait_until_open(0.02)
        with closing(open_line(device.address, LineSettings())):
            assert device.wait_until_open(STOP_S)
        assert not device.wait_until_open(0.02)
        with closing(open_line(device.address, LineSettings())):
            assert device.wait_until_open(STOP_S)


def test_a_stable_address_leads_to_a_new_port_after_replugging(tmp_path: Path) -> None:
    with PtyDevice("by-id", tmp_path) as device:
        address = device.address
        first = Path(address).resolve()
        device.unplug()
        assert not Path(address).is_symlink()
        with PtyDevice("takes the number") as other:
            device.replug()
            assert device.address == address
            assert Path(address).resolve() not in (first, Path(other.address).resolve())
    assert list(tmp_path.iterdir()) == []


def test_a_reader_whose_line_is_gone_takes_nobody_else_s() -> None:
    """The kernel gives a pty's number to the next one: a kiosk that looked for its lost line held the line of another."""
    looking, looks = watched()
    with PtyDevice("gone") as device, reading(looking, device.address) as (reader, log):
        number = Path(device.address).resolve()
        assert device.wait_until_open(STOP_S)
        device.unplug()
        wait_for(lambda: reader.status().state == "missing")
        with taker_of(number) as taker, reading("barcode_scanner", taker.address) as (_, theirs):
            wait_for_looks(looks, 2)
            assert taker.wait_until_open(STOP_S)
            ScannerSimulator(taker).scan("A-000001")
            wait_for(lambda: theirs.payloads == [b"A-000001"])
            assert (theirs.states, log.states) == (["connected"], ["connected", "missing"])


def test_the_link_of_a_killed_simulator_leads_to_nobody_s_line(tmp_path: Path) -> None:
    """Killed, it cannot take its link away; a kiosk that outlives it goes on looking there."""
    looking, looks = watched()
    left = tmp_path / "left"
    command = [sys.executable, "-c", HOLD, tmp_path]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"there\n"
        number = left.resolve()
        with reading(looking, str(left)) as (reader, log):
            wait_for(lambda: reader.status().state == "connected")
            holder.kill()
            wait_for(lambda: reader.status().state == "missing")
            assert left.is_symlink()
            with taker_of(number) as taker:
                wait_for_looks(looks, 2)
                assert not taker.wait_until_open(0)
            assert log.states == ["connected", "missing"]


def watched() -> tuple[DriverSpec, list[str]]:
    """A scanner's driver, and where it has looked for its line so far."""
    looks: list[str] = []

    def opening(address: str, settings: LineSettings) -> Line:
        looks.append(address)
        return open_line(address, settings)

    return DRIVERS["barcode_scanner"]._replace(open=opening), looks


def wait_for_looks(looks: list[str], more: int) -> None:
    enough = len(looks) + more
    wait_for(lambda: len(looks) >= enough)


@contextmanager
def taker_of(number: Path) -> Iterator[PtyDevice]:
    """A fresh pty with this number; with another one where somebody else on this machine was faster."""
    with ExitStack() as stack:
        for attempt in range(20):
            taker = stack.enter_context(PtyDevice(f"taker-{attempt}"))
            if Path(taker.address).resolve() == number:
                break
        yield taker


def test_a_socket_keeps_its_address_over_replugging() -> None:
    with TcpDevice("server") as device:
        address = device.address
        device.unplug()
        device.replug()
        assert device.address == address


def test_whoever_says_something_and_leaves_does_not_keep_a_socket() -> None:
    """A terminal that asked a printer behind a serial server, and was stopped before the answer."""
    with TcpDevice("server") as device:
        for said in (b"first", b"second"):
            with closing(open_line(device.address, LineSettings())) as line:
                line.write(said)
                wait_for(lambda said=said: device.wait_until_open(0) and device.received.endswith(said))
                device.write(b"answer")
                assert line.read(StopSignal(), 10) == b"answer"
                line.write(b"unread")
        assert device.received.startswith(b"first")


@pytest.mark.parametrize("kind", [PtyDevice, TcpDevice])
def test_an_unplugged_device_says_so(kind: type[PtyDevice] | type[TcpDevice]) -> None:
    device = kind("device")
    for act in (lambda: device.write(b"x"), lambda: device.wait_until_open(0)):
        with pytest.raises(Unplugged):
            act()


def test_a_line_that_nobody_reads_is_given_up() -> None:
    with PtyDevice("device", patience_s=0.05) as device:
        begin = time.monotonic()
        with pytest.raises(Unplugged):
            device.write(b"x" * 1_000_000)
        assert time.monotonic() - begin < 20
