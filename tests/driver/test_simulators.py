"""The simulated devices behave like real ones, so that what the demo and the tests show is true of hardware."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from support.devices import STOP_S, reading, wait_for

from device_drivers.card_reader import CardFormat
from device_drivers.framing import stx_etx_frame
from device_drivers.registry import configured
from device_drivers.simulators import (
    CardReaderSimulator,
    CaseTicketSimulator,
    PtyDevice,
    ScannerSimulator,
    TcpDevice,
    Unplugged,
    ticket_payload,
)
from device_drivers.transport import LineSettings, StopSignal, open_line

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
            assert Path(address).resolve() not in (first, Path(other.address))
    assert list(tmp_path.iterdir()) == []


def test_a_socket_keeps_its_address_over_replugging() -> None:
    with TcpDevice("server") as device:
        address = device.address
        device.unplug()
        device.replug()
        assert device.address == address


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
        assert time.monotonic() - begin < 2
