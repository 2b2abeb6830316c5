"""What supervised readers do beyond the contract: sockets, faults of a driver, raving devices, status.

Source: device protocols, “What goes wrong in the field” (one supervised reader per device; status derives from facts).
"""

import errno
import itertools
import termios
import threading
import time
from pathlib import Path

import pytest
import serial
from support.devices import STOP_S, Delivered, reading, wait_for

from device_drivers.framing import BadFrame, stx_etx_frame
from device_drivers.reader import BACKOFF_S, SupervisedReader
from device_drivers.registry import DRIVERS, configured
from device_drivers.simulators import CaseTicketSimulator, PtyDevice, ScannerSimulator, TcpDevice
from device_drivers.spec import DeviceFrame
from device_drivers.transport import Line, LineSettings, open_line

SCANNER = DRIVERS["barcode_scanner"]


def test_a_device_behind_a_socket_is_read_and_found_again() -> None:
    with TcpDevice("server") as device, reading("case_ticket", device.address) as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        CaseTicketSimulator(device).present(b"case=A-000001")
        wait_for(lambda: log.frames)
        device.unplug()
        wait_for(lambda: reader.status().state == "missing")
        device.replug()
        wait_for(lambda: reader.status().state == "connected")
        CaseTicketSimulator(device).present(b"case=A-000002")
        wait_for(lambda: len(log.frames) == 2)
        assert log.payloads == [b"case=A-000001", b"case=A-000002"]
        assert reader.status().reconnects >= 1


ERRORS = [OSError(errno.EIO, "gone"), OSError(errno.ENODEV, "gone"), OSError(errno.EBADF, "closed"), termios.error(5, "gone")]


class BreakingPort:
    """A port whose driver in the kernel fails in one way; pyserial's port otherwise."""

    def __init__(self, port: serial.SerialBase, error: Exception) -> None:
        self._port, self._error = port, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._port, name)

    def read(self, size: int) -> bytes:
        raise self._error


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_any_error_of_a_port_closes_it_and_it_is_opened_again(error: Exception) -> None:
    """Device protocols, “What goes wrong in the field”: the read loop dies after an unplug, and the status says connected."""
    broken: list[bool] = []

    def opening(address: str, settings: LineSettings) -> Line:
        line = open_line(address, settings)
        if not broken:
            broken.append(True)
            line._port = BreakingPort(line._port, error)  # type: ignore[attr-defined]
        return line

    with PtyDevice("line") as device, reading(SCANNER._replace(open=opening), device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("LOST-1")
        wait_for(lambda: log.states[:3] == ["connected", "missing", "connected"])
        assert reader.status().reconnects == 1
        ScannerSimulator(device).scan("A-000001")
        wait_for(lambda: b"A-000001" in log.payloads)
        assert log.errors == []


class Unclosable:
    """A line whose file says at its closing that the device is gone, as that of an unplugged keyboard may."""

    def __init__(self, line: Line) -> None:
        self.read, self.write, self._line = line.read, line.write, line

    def close(self) -> None:
        self._line.close()
        raise OSError(errno.ENODEV, "No such device")


def test_a_line_that_cannot_even_be_closed_is_opened_again() -> None:
    """The same: the read loop goes on."""

    def opening(address: str, settings: LineSettings) -> Line:
        return Unclosable(open_line(address, settings))

    with PtyDevice("line") as device, reading(SCANNER._replace(open=opening), device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        device.unplug()
        wait_for(lambda: reader.status().state == "missing")
        device.replug()
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("A-000001")
        wait_for(lambda: log.payloads == [b"A-000001"])
        assert (log.states, log.errors) == (["connected", "missing", "connected"], [])


def test_a_missing_device_is_looked_for_in_growing_pauses_and_never_in_a_spin(tmp_path: Path) -> None:
    """The same: the loop spins after an unplug. Capped back-off: 0.5, 1, 2, 5, 5 … s in the field, a tenth of it here."""
    tried: list[float] = []
    pauses = tuple(pause / 10 for pause in BACKOFF_S)

    def opening(address: str, settings: LineSettings) -> Line:
        tried.append(time.monotonic())
        return open_line(address, settings)

    reader = SupervisedReader(SCANNER._replace(open=opening), str(tmp_path / "none"), Delivered().frames.append, backoff=pauses)
    reader.start()
    wait_for(lambda: len(tried) == 6)
    assert reader.stop(STOP_S)
    waited = [later - sooner for sooner, later in itertools.pairwise(tried)]
    assert all(waits >= least for waits, least in zip(waited, (*pauses, pauses[-1]), strict=True)), waited
    assert BACKOFF_S == (0.5, 1.0, 2.0, 5.0)


def test_a_wrong_address_fails_with_a_remedy_and_is_tried_again() -> None:
    with reading("card_reader", "/dev/null") as (reader, log):
        wait_for(lambda: reader.status().state == "failed")
        assert "serial port" in reader.status().remedy
        assert log.states == ["failed"], "told once, not at every attempt"


def test_a_wrong_checksum_is_told_and_the_next_ticket_is_read() -> None:
    with PtyDevice("line") as device, reading("case_ticket", device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        simulator = CaseTicketSimulator(device)
        simulator.present(b"case=A-000001", corrupt="checksum")
        simulator.present(b"case=A-000002")
        wait_for(lambda: log.frames)
        assert log.bad == [BadFrame("bad_checksum", 16)]
        assert log.payloads == [b"case=A-000002"]
        assert (reader.status().frames, reader.status().bad_frames) == (1, 1)


def test_the_name_is_the_device_s_own() -> None:
    """Two scanners at one window: frames, status and threads are told apart."""
    log = Delivered()
    with PtyDevice("line") as device:
        reader = SupervisedReader(SCANNER, device.address, log.frames.append, name="scanner-left")
        reader.start()
        assert device.wait_until_open(STOP_S)
        assert "reader-scanner-left" in {thread.name for thread in threading.enumerate()}
        ScannerSimulator(device).scan("A-000001")
        wait_for(lambda: log.frames)
        assert log.frames[0].device == reader.status().name == "scanner-left"
        assert reader.stop(STOP_S)


def test_times_come_from_the_clock_that_was_handed_in() -> None:
    log = Delivered()
    with PtyDevice("line") as device:
        reader = SupervisedReader(SCANNER, device.address, log.frames.append, clock=lambda: 1234.5)
        reader.start()
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("A-000001")
        wait_for(lambda: log.frames)
        assert log.frames[0].received_mono_ns == 1_234_500_000_000
        assert reader.status().last_good_frame_mono_s == 1234.5
        assert reader.stop(STOP_S)


def test_a_mistake_in_a_driver_is_reported_and_does_not_end_the_reader() -> None:
    def trip(frame: bytes) -> bytes:
        if frame == b"trip":
            raise KeyError(frame)
        return frame

    with PtyDevice("line") as device, reading(SCANNER._replace(decode=trip), device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("trip")
        wait_for(lambda: log.errors)
        assert isinstance(log.errors[0], KeyError)
        wait_for(lambda: reader.status().reconnects == 1)
        assert log.states == ["connected", "failed", "connected"]
        device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("A-000001")
        wait_for(lambda: log.payloads == [b"A-000001"])


def test_what_was_not_written_when_a_line_was_lost_is_never_written_to_the_next_one(tmp_path: Path) -> None:
    """An acknowledgement of the session before, say."""
    evaluator, device = DRIVERS["framed_evaluator"], PtyDevice("line", tmp_path)
    with reading(evaluator, device.address) as (reader, _):
        wait_for(lambda: reader.status().state == "missing")
        reader._outgoing.put(b"old")  # as `write` does in the moment in which the line is lost
        with device:
            wait_for(lambda: reader.status().state == "connected")
            assert reader.write(b"new")
            wait_for(lambda: device.wait_until_open(0) and device.received)
            assert bytes(device.received) == b"new"


@pytest.mark.parametrize(("address", "warned"), [("/dev/ttyUSB99", True), ("/dev/serial/by-id/none", False)])
def test_an_address_by_the_order_of_plugging_in_is_warned_of(
    address: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Device protocols, “What goes wrong in the field”: `ttyUSB0` becomes `ttyUSB1`."""
    with reading(SCANNER, address) as (reader, _):
        wait_for(lambda: reader.status().state == "missing")
    assert (f"{address} may name another device after a restart" in caplog.text) is warned


def test_a_raving_device_is_held_back() -> None:
    """However fast frames come, the window gets at most 200 a second."""
    with PtyDevice("line") as device, reading("barcode_scanner", device.address) as (_, log):
        assert device.wait_until_open(STOP_S)
        device.write(b"A-000001\r" * 100)
        wait_for(lambda: len(log.frames) == 100)
        first, last = log.frames[0], log.frames[-1]
        assert first.payload == last.payload == b"A-000001"
        begin = time.monotonic()
        device.write(b"A-000001\r" * 40)
        wait_for(lambda: len(log.frames) == 140)
        assert time.monotonic() - begin >= 0.19


def test_bad_frames_are_all_counted_and_told_once_a_second() -> None:
    with PtyDevice("line") as device, reading("case_ticket", device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        broken = bytearray(stx_etx_frame(b"case=A-000001"))
        broken[-1] ^= 0x40
        begin = time.monotonic()
        device.write(bytes(broken) * 50)
        wait_for(lambda: reader.status().bad_frames == 50)
        assert 1 <= len(log.bad) <= 1 + (time.monotonic() - begin)


def test_a_callback_that_hangs_makes_stop_say_no_in_time() -> None:
    release = threading.Event()
    held = threading.Event()

    def hang(frame: DeviceFrame) -> None:
        held.set()
        release.wait(10)

    with PtyDevice("line") as device:
        reader = SupervisedReader(SCANNER, device.address, hang)
        reader.start()
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("A-000001")
        assert held.wait(STOP_S)
        assert not reader.stop(0.05)
        release.set()
        assert reader.stop(STOP_S)


def test_a_line_that_must_end_with_a_line_end_is_not_ended_by_silence() -> None:
    """Half a case number is another case's number: a scanner that is known to send CR is configured so."""
    with (
        PtyDevice("line") as device,
        reading(configured("barcode_scanner", {"ended_by": "line_end"}), device.address) as (_, log),
    ):
        assert device.wait_until_open(STOP_S)
        device.write(b"3709002026")
        wait_for(lambda: log.bad)
        device.write(b"A-000001\r")
        wait_for(lambda: log.frames)
        assert log.bad == [BadFrame("truncated", 10)]
        assert log.payloads == [b"A-000001"]


def test_a_scan_without_an_end_is_ended_by_silence() -> None:
    with PtyDevice("line") as device, reading("barcode_scanner", device.address) as (_, log):
        assert device.wait_until_open(STOP_S)
        ScannerSimulator(device).scan("A-000001", ending=b"", aim="]Q3")
        wait_for(lambda: log.frames)
        assert log.payloads == [b"]Q3A-000001"]
