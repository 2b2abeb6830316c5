"""Lines through pyserial as they are: ptys, sockets, loop. Source: device protocols, “What goes wrong in the field”."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from device_drivers.simulators import PtyDevice, TcpDevice
from device_drivers.transport import (
    LineError,
    LineSettings,
    StopSignal,
    is_address,
    is_stable_address,
    open_line,
    pick_usb,
)

DEFAULT = LineSettings()


def reason_of(address: str, settings: LineSettings = DEFAULT) -> str:
    with pytest.raises(LineError) as caught:
        open_line(address, settings)
    assert caught.value.address == address
    assert caught.value.remedy.endswith(".")
    return caught.value.reason


@pytest.fixture(params=["pty", "socket", "loop"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "loop":
        yield "loop://"
        return
    with (PtyDevice if request.param == "pty" else TcpDevice)("device") as device:
        yield device.address


def test_a_silent_line_is_read_until_its_time_is_up(address: str) -> None:
    with closing(open_line(address, DEFAULT)) as line:
        begin = time.monotonic()
        assert line.read(StopSignal(), 0.05) == b""
        assert 0.045 <= time.monotonic() - begin < 20


def test_a_stop_from_another_thread_ends_a_read_without_limit(address: str) -> None:
    stop = StopSignal()
    with closing(open_line(address, DEFAULT)) as line:
        timer = threading.Timer(0.05, stop.set)
        timer.start()
        assert line.read(stop, None) == b""
        assert line.read(stop, None) == b"", "and every read from then on"
        timer.join()


def test_loop_gives_back_what_was_written() -> None:
    with closing(open_line("loop://", DEFAULT)) as line:
        line.write(b"\x02A\x03\x42")
        assert line.read(StopSignal(), 1) == b"\x02A\x03\x42"


def test_bytes_pass_both_ways_over_a_pty_unchanged() -> None:
    """Raw mode: no echo, no line-end translation, no control characters."""
    every_byte = bytes(range(256))
    with PtyDevice("device") as device, closing(open_line(device.address, DEFAULT)) as line:
        assert device.wait_until_open(2)
        device.write(every_byte)
        line.write(every_byte)
        assert line.read(StopSignal(), 2) == every_byte
        device.wait_until_open(2)
        assert bytes(device.received) == every_byte
        assert line.read(StopSignal(), 0.02) == b""


def test_bytes_pass_over_a_socket() -> None:
    with TcpDevice("device") as device, closing(open_line(device.address, DEFAULT)) as line:
        device.write(b"\x02A\x03\x42")
        assert line.read(StopSignal(), 2) == b"\x02A\x03\x42"


@pytest.mark.parametrize("kind", [PtyDevice, TcpDevice])
def test_a_line_that_is_pulled_out_says_so(kind: type[PtyDevice] | type[TcpDevice]) -> None:
    with kind("device") as device, closing(open_line(device.address, DEFAULT)) as line:
        assert device.wait_until_open(2)
        device.unplug()
        with pytest.raises(LineError) as caught:
            line.read(StopSignal(), 2)
        assert caught.value.reason == "missing"


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    dangling = tmp_path / "usb-gone"
    dangling.symlink_to("/dev/pts/nothing")
    with TcpDevice("device") as device:
        refused = device.address
    for address in (str(tmp_path / "nothing"), str(dangling), refused, "FFFF:FFFE", "FFFF:FFFE:NO-SUCH"):
        assert reason_of(address) == "missing", address


def test_a_port_opens_once() -> None:
    with PtyDevice("device") as device:
        with closing(open_line(device.address, DEFAULT)):
            assert reason_of(device.address) == "busy"
        open_line(device.address, DEFAULT).close()


def test_a_port_held_by_another_process_is_busy() -> None:
    hold = "import sys, serial; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); sys.stdin.read()"
    with PtyDevice("device") as device:
        command = [sys.executable, "-c", hold, device.address]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            assert reason_of(device.address) == "busy"
            holder.kill()
        open_line(device.address, DEFAULT).close()


def test_a_port_without_permission_is_denied() -> None:
    with PtyDevice("device") as device:
        port = os.path.realpath(device.address)
        os.chmod(port, 0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            reason = reason_of(port)
        finally:
            if user == 0:
                os.seteuid(user)
    assert reason == "denied"


@pytest.mark.parametrize(
    "address",
    [
        "/dev/null",
        "/etc/hostname",
        "/dev",
        "COM3",
        "ttyUSB0",
        "",
        "socket://",
        "socket://host",
        "rfc2217://h:1",
        "loop://x",
        "1a86:75",
    ],
)
def test_what_is_no_serial_port_fails_with_a_remedy(address: str) -> None:
    assert reason_of(address) == "failed"


@pytest.mark.parametrize(
    "address",
    [
        "/dev/serial/by-id/usb-FTDI-if00-port0",
        "0C2E:0b61",
        "0403:6001:A5:02 85",
        "socket://10.0.0.9:4001",
        "socket://[::1]:4001",
        "loop://",
    ],
)
def test_every_kind_of_address_is_known(address: str) -> None:
    assert is_address(address)


STABILITY = {
    "/dev/ttyUSB0": False,
    "/dev/ttyACM12": False,
    "/dev/rfcomm0": False,
    "/dev/pts/4": False,
    "/dev/input/event5": False,
    "/dev/input/by-id/usb-Honeywell-event-kbd": True,
    "/dev/usb/lp0": False,
    "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0": True,
    "/dev/ttyS0": True,  # a port on the board: its number is part of the board
    "0403:6001": True,
    "socket://10.0.0.9:4001": True,
}


@pytest.mark.parametrize(("address", "stable"), STABILITY.items())
def test_names_by_order_of_plugging_in_are_not_stable(address: str, stable: bool) -> None:
    assert is_stable_address(address) is stable


def port(path: str, vid: int | None = None, pid: int | None = None, number: str | None = None) -> ListPortInfo:
    info = ListPortInfo(path)
    info.vid, info.pid, info.serial_number = vid, pid, number
    return info


PORTS = [
    port("/dev/ttyS0"),
    port("/dev/ttyUSB0", 0x0403, 0x6001, "A50285BI"),
    port("/dev/ttyUSB1", 0x0403, 0x6001, "A5:02"),
    port("/dev/ttyACM0", 0x0C2E, 0x0B61),
]


@pytest.mark.parametrize(
    ("address", "path"),
    [("0403:6001:A50285BI", "/dev/ttyUSB0"), ("0403:6001:A5:02", "/dev/ttyUSB1"), ("0c2e:0B61", "/dev/ttyACM0")],
)
def test_a_usb_device_is_found_by_its_ids(address: str, path: str) -> None:
    assert pick_usb(address, PORTS) == path


@pytest.mark.parametrize(
    ("address", "reason"),
    [("0403:6001", "failed"), ("0403:6001:NONE", "missing"), ("1A86:7523", "missing"), ("0c2e:0B61:SERIAL", "missing")],
)
def test_a_usb_device_is_never_guessed(address: str, reason: str) -> None:
    """Two devices of one kind: whichever comes first would be addressing by enumeration order."""
    with pytest.raises(LineError) as caught:
        pick_usb(address, PORTS)
    assert caught.value.reason == reason
    if reason == "failed":
        assert "VID:PID:SERIAL" in caught.value.remedy


@pytest.mark.parametrize(
    ("key", "value"),
    [("baud", 0), ("baud", "9600"), ("baud", True), ("data_bits", 9), ("parity", "X"), ("stop_bits", 3), ("flow", "yes")],
)
def test_impossible_settings_name_their_key(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        LineSettings(**{key: value})  # type: ignore[arg-type]


def test_settings_reach_the_port() -> None:
    """Read back with stty; a pty keeps speed, parity and stop bits though it does not use them."""
    settings = LineSettings(baud=19200, data_bits=7, parity="E", stop_bits=2, flow="xonxoff")
    with PtyDevice("device") as device, closing(open_line(device.address, settings)):
        shown = subprocess.run(["stty", "-a", "-F", device.address], capture_output=True, text=True, check=True).stdout
    words = set(shown.replace(";", " ").split())
    assert "speed 19200 baud" in shown
    assert {"cstopb", "ixon", "ixoff", "-icanon", "-echo", "-crtscts", "-parodd"} <= words


def test_starting_does_not_load_what_is_rarely_needed() -> None:
    """Start time: pyserial comes with the first port, its list of ports only for VID:PID, Qt and SQLite never."""
    program = "import sys, device_drivers.reader, device_drivers.registry; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "device_drivers.transport" in loaded
    assert loaded.isdisjoint({"serial", "PySide6", "sqlite3", "terminal_app", "asyncio", "requests"})


def test_a_port_that_goes_away_while_it_is_looked_at_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Device protocols, “What goes wrong in the field”: unplugged at any moment; pyserial breaks off in this one."""

    def comports() -> list[ListPortInfo]:
        raise TypeError("int() can't convert non-string with explicit base")

    monkeypatch.setattr("serial.tools.list_ports.comports", comports)
    with pytest.raises(LineError, match="missing"):
        open_line("0403:6001", LineSettings())


def test_a_serial_server_that_lost_its_power_is_noticed() -> None:
    """Device protocols, “What goes wrong in the field”: the status still says connected. Looked at after 10 s, then thrice."""
    with TcpDevice("server") as device, closing(open_line(device.address, DEFAULT)) as line:
        with socket.socket(fileno=os.dup(line._port.fileno())) as same:  # type: ignore[attr-defined]
            assert same.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            looks = [
                same.getsockopt(socket.IPPROTO_TCP, it)
                for it in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            ]
        assert looks == [10, 5, 3]
