"""Readers behind PC/SC (issue 6, point 4): the real library without its service, and cards at a stand-in for its calls.

The stand-in keeps the library's contract (winscard.h): state flags, time-outs and codes. No service was run; docs say so.
"""

import ctypes
import threading
from dataclasses import dataclass, field

import pytest
from support.devices import STOP_S, reading, wait_for

from device_drivers import pcsc
from device_drivers.pcsc import NO_READERS, NO_SERVICE, PRESENT, PcscError, open_pcsc
from device_drivers.registry import DRIVERS
from device_drivers.simulators import PtyDevice
from device_drivers.transport import LineError, LineSettings, is_address

CHANGED, EMPTY, COUNT = 0x02, 0x10, 0x10000
NAME = "ACS ACR122U PICC Interface 00 00"


@dataclass
class Reader:
    """A service with readers and a card on the first one: implements device_drivers.pcsc.Pcsc."""

    names: list[str] = field(default_factory=lambda: [NAME])
    card: bytes | None = None
    events: int = 0
    closed: int = 0
    taken_in: int | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def lay(self, uid: bytes | None) -> None:
        with self.changed:
            self.card, self.events = uid, self.events + 1
            self.changed.notify_all()

    def pull(self) -> None:
        with self.changed:
            self.names.clear()
            self.changed.notify_all()

    def plug_in(self) -> None:
        self.taken_in = None
        self.names.append(NAME)

    def state(self) -> int:
        return self.events * COUNT | CHANGED | (EMPTY if self.card is None else PRESENT)

    def readers(self) -> list[str]:
        return list(self.names)

    def is_taken_in(self) -> bool:
        """Whether whoever asks knows the state of now, and has told what it made of it: it waits for the next one."""
        return self.taken_in == self.state()

    def wait(self, reader: str, known: int, timeout_ms: int) -> int:
        with self.changed:
            self.taken_in = known
            self.changed.wait_for(lambda: not self.names or self.state() != known, timeout_ms / 1000)
            if not self.names:
                raise PcscError(NO_READERS)
            return self.state()

    def ask(self, reader: str, command: bytes) -> bytes:
        assert command == bytes.fromhex("FFCA000000")
        if self.card is None:
            raise PcscError(0x8010000C)
        return self.card + b"\x90\x00" if self.card else b"\x6a\x81"

    def close(self) -> None:
        self.closed += 1


def spec_at(service: Reader):
    return DRIVERS["pcsc_reader"]._replace(open=lambda address, settings: open_pcsc(address, settings, lambda: service))


def test_cards_that_are_laid_and_taken_away() -> None:
    service = Reader()
    with reading(spec_at(service), f"pcsc://{NAME}") as (_, log):
        wait_for(service.is_taken_in)
        for number, uid in enumerate(("04A1B2C3", "04112233445566", "04112233445566778899"), 1):
            service.lay(bytes.fromhex(uid))
            wait_for(lambda number=number: len(log.frames) == 2 * number - 1)
            service.lay(None)
            wait_for(lambda number=number: len(log.frames) == 2 * number)
            assert log.payloads[-2:] == [uid.encode(), b"removed"]
    assert service.closed == 1


def test_a_card_that_lies_there_already_is_no_news_and_its_removal_is() -> None:
    """A terminal that restarts must not take the card in its slot for one that is laid: that would open the menu."""
    service = Reader(card=bytes.fromhex("04A1B2C3"), events=7)
    with reading(spec_at(service), "pcsc://") as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        wait_for(service.is_taken_in)
        assert log.payloads == []
        service.lay(None)
        wait_for(lambda: log.payloads == [b"removed"])


BAD_CARDS = {"random": (bytes.fromhex("08112233"), "random_uid"), "silent": (b"", "garbage"), "odd": (b"\x04\x05", "garbage")}


@pytest.mark.parametrize("what", BAD_CARDS)
def test_cards_that_identify_nobody(what: str) -> None:
    """Device protocols, “What goes wrong in the field”: random UIDs are refused."""
    card, reason = BAD_CARDS[what]
    service = Reader()
    with reading(spec_at(service), "pcsc://") as (reader, log):
        wait_for(service.is_taken_in)
        service.lay(card)
        wait_for(lambda: reader.status().bad_frames == 1)
        assert (reader.status().last_bad, log.frames) == (reason, [])


def test_a_reader_that_is_pulled_out_is_missing_until_it_is_back() -> None:
    service = Reader()
    with reading(spec_at(service), "pcsc://") as (reader, log):
        wait_for(lambda: reader.status().state == "connected")
        service.pull()
        wait_for(lambda: reader.status().state == "missing")
        assert "pcsc_scan" in reader.status().remedy
        service.plug_in()
        wait_for(service.is_taken_in)
        service.lay(bytes.fromhex("04A1B2C3"))
        wait_for(lambda: log.payloads == [b"04A1B2C3"])


PICKED: dict[str, tuple[list[str], str, str, str]] = {
    "none there": ([], "pcsc://", "missing", "Connect the reader"),
    "another one there": (["Other"], f"pcsc://{NAME}", "missing", "Connect the reader"),
    "two there": (["A", "B"], "pcsc://", "failed", "2 readers are there. Name one: pcsc://A"),
}


@pytest.mark.parametrize("what", PICKED)
def test_which_reader(what: str) -> None:
    names, address, reason, words = PICKED[what]
    service = Reader(names)
    with pytest.raises(LineError) as told:
        open_pcsc(address, LineSettings(), lambda: service)
    assert (told.value.reason, words in told.value.remedy, service.closed) == (reason, True, 1)


def test_the_service_s_absence_is_told_with_its_remedy() -> None:
    """The real library, where it is installed; it answers for itself that no service runs."""
    try:
        ctypes.CDLL("libpcsclite.so.1")
        remedy = "systemctl enable --now pcscd.socket"
    except OSError:
        remedy = "apt-get install pcscd libpcsclite1"
    try:
        pcsc.connect_to_service().close()
    except (PcscError, OSError):
        with pytest.raises(LineError) as told:
            open_pcsc("pcsc://", LineSettings())
        assert (told.value.reason, remedy in told.value.remedy) == ("failed", True)


def test_codes_are_told_apart() -> None:
    def fails(code: int):
        def connect() -> pcsc.Pcsc:
            raise PcscError(code)

        return connect

    for code, reason in ((NO_SERVICE, "failed"), (NO_READERS, "missing")):
        with pytest.raises(LineError) as told:
            open_pcsc("pcsc://", LineSettings(), fails(code))
        assert told.value.reason == reason


def test_addresses() -> None:
    assert is_address("pcsc://") and is_address(f"pcsc://{NAME}")
    with PtyDevice("port") as device, reading("pcsc_reader", device.address) as (_, log):
        assert device.wait_until_open(STOP_S)
        device.write(b"04A1B2C3\nremoved\n")
        wait_for(lambda: log.payloads == [b"04A1B2C3", b"removed"])
