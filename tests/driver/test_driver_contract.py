"""What every registered driver promises, over real ptys. A driver gets these tests by being listed in the registry.

Source: device protocols, “What goes wrong in the field”; the issue's “Bad input”: port missing, busy, unplugged mid-frame;
garbage, over-long, truncated frames.
"""

import itertools
import logging
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.devices import SPECS, STOP_S, VOICES, Delivered, reading, wait_for

from device_drivers.framing import BadFrame
from device_drivers.reader import SupervisedReader
from device_drivers.registry import DRIVERS
from device_drivers.simulators import PtyDevice, Unplugged
from device_drivers.spec import DeviceFrame, DriverSpec

CHUNK = 4096
every_driver = pytest.mark.parametrize("name", SPECS)


def deliver(name: str, pieces: list[bytes]) -> list[bytes | BadFrame]:
    """The driver's own framer and decoder, without a line."""
    spec = SPECS[name]
    framer = spec.framer()
    frames = [frame for piece in pieces for frame in framer.feed(piece)] + framer.gap()
    return [frame if isinstance(frame, BadFrame) else spec.decode(frame) for frame in frames]


def patient(name: str) -> DriverSpec:
    """The driver with a silence so long that a busy test machine is not taken for one."""
    return SPECS[name]._replace(silence_s=5.0)


def test_every_driver_has_a_voice_and_its_own_name() -> None:
    assert VOICES.keys() == SPECS.keys()
    assert {name: spec.name for name, spec in DRIVERS.items()} == {name: name for name in DRIVERS}


@every_driver
@given(data=st.data())
def test_any_chunking_gives_the_same_payloads(name: str, data: st.DataObject) -> None:
    voice = VOICES[name]
    noise = data.draw(st.binary(max_size=60))
    line = data.draw(st.permutations([voice.first, voice.second, noise]).map(b"".join))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(line)), max_size=12)) | {0, len(line)})
    pieces = [line[start:end] for start, end in itertools.pairwise(cuts)]
    assert deliver(name, pieces) == deliver(name, [line])


@every_driver
@given(line=st.binary(max_size=300))
def test_no_bytes_whatsoever_raise(name: str, line: bytes) -> None:
    assert sum(1 for _ in deliver(name, [line])) <= len(line) + 1


UNENDING = {
    "noise": lambda voice: b"x",
    "a frame's first byte": lambda voice: voice.first[:1],
    "frames without their end": lambda voice: voice.first[:-1],
}


@every_driver
@pytest.mark.parametrize("what", UNENDING)
def test_memory_is_bounded_however_much_comes_without_an_end(name: str, what: str) -> None:
    """What is held after 100,000 bytes fits into the longest frame a few times over."""
    unit = UNENDING[what](VOICES[name])
    chunk = (unit * (CHUNK // len(unit) + 1))[:CHUNK]
    framer = SPECS[name].framer()
    tracemalloc.start()
    try:
        for _ in range(25):
            framer.feed(chunk)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 8 * CHUNK


@every_driver
def test_good_frames_are_delivered_with_their_device_role_and_time(name: str, tmp_path: Path) -> None:
    voice = VOICES[name]
    with PtyDevice("port", tmp_path) as device, reading(name, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        before = time.monotonic_ns()
        device.write(voice.first + voice.second)
        wait_for(lambda: len(log.frames) == 2)
        spec = SPECS[name]
        assert [(f.device, f.role, f.payload) for f in log.frames] == [
            (spec.name, spec.role, voice.first_payload),
            (spec.name, spec.role, voice.second_payload),
        ]
        assert before <= log.frames[0].received_mono_ns <= time.monotonic_ns()
        status = reader.status()
        assert (status.state, status.frames, status.bad_frames, status.remedy) == ("connected", 2, 0, "")
        assert status.last_good_frame_mono_s == pytest.approx(log.frames[-1].received_mono_ns / 1e9)


@every_driver
def test_a_line_that_is_slow_byte_by_byte(name: str) -> None:
    voice = VOICES[name]
    with PtyDevice("port") as device, reading(patient(name), device.address) as (_, log):
        assert device.wait_until_open(STOP_S)
        for byte in voice.first:
            device.write(bytes((byte,)))
            time.sleep(0.001)  # the pace of 9600 8N1
        wait_for(lambda: log.frames)
        assert log.payloads == [voice.first_payload]


@every_driver
@pytest.mark.parametrize("seed", range(3))
def test_garbage_before_between_and_after(name: str, seed: int) -> None:
    """After garbage and a silence the next frame is whole, and the window is told once."""
    voice = VOICES[name]
    with PtyDevice("port") as device, reading(name, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        for frame, payload in ((voice.first, voice.first_payload), (voice.second, voice.second_payload)):
            seen = reader.status().bad_frames
            device.write(b"\x00\x01\xfe\xff" + bytes((0x60 + seed,)) * 9)
            wait_for(lambda seen=seen: reader.status().bad_frames > seen)
            device.write(frame)
            wait_for(lambda payload=payload: payload in log.payloads)
        device.write(b"\x00\x00\x00")
        wait_for(lambda: reader.status().bad_frames >= 3)
        assert log.payloads == [voice.first_payload, voice.second_payload]
        assert log.bad
        assert reader.status().state == "connected"


@every_driver
def test_truncated_then_good(name: str) -> None:
    """Half a frame and a silence never become part of the next one."""
    voice = VOICES[name]
    with PtyDevice("port") as device, reading(name, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        device.write(voice.first[: min(6, len(voice.first) // 2)])
        wait_for(lambda: reader.status().bad_frames + reader.status().frames)
        device.write(voice.second)
        wait_for(lambda: voice.second_payload in log.payloads)
        assert log.payloads[-1] == voice.second_payload
        assert voice.first_payload not in log.payloads


@every_driver
def test_unplugged_in_the_middle_of_a_frame_and_plugged_in_again(name: str, tmp_path: Path) -> None:
    voice = VOICES[name]
    half = len(voice.first) // 2
    with PtyDevice("port", tmp_path) as device, reading(patient(name), device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        device.write(voice.first[:half])
        device.unplug()
        wait_for(lambda: reader.status().state == "missing")
        assert "cable" in reader.status().remedy
        device.replug()
        assert device.wait_until_open(STOP_S)
        device.write(voice.second)
        wait_for(lambda: voice.second_payload in log.payloads)
        assert log.payloads == [voice.second_payload]
        assert log.states == ["connected", "missing", "connected"]
        assert (reader.status().state, reader.status().reconnects) == ("connected", 1)


@every_driver
def test_a_port_that_another_program_holds_is_busy_until_it_lets_go(name: str) -> None:
    with (
        PtyDevice("port") as device,
        reading(name, device.address) as (holder, _),
        reading(name, device.address) as (second, _),
    ):
        wait_for(lambda: {holder.status().state, second.status().state} == {"connected", "busy"})
        waiting = second if second.status().state == "busy" else holder
        assert "Another program" in waiting.status().remedy
        (holder if waiting is second else second).stop(STOP_S)
        wait_for(lambda: waiting.status().state == "connected")


@every_driver
def test_missing_at_first_and_there_later(name: str, tmp_path: Path) -> None:
    voice = VOICES[name]
    device = PtyDevice("port", tmp_path)
    with reading(name, device.address) as (reader, log):
        wait_for(lambda: reader.status().state == "missing")
        with device:
            assert device.wait_until_open(STOP_S)
            device.write(voice.first)
            wait_for(lambda: log.frames)
            assert (log.payloads, reader.status().reconnects) == ([voice.first_payload], 0)


@every_driver
def test_stops_within_its_deadline_while_idle_and_while_missing(name: str, tmp_path: Path) -> None:
    """However long it would wait before it looks for a missing device again."""
    with PtyDevice("port") as device:
        for address in (device.address, str(tmp_path / "nothing")):
            reader = SupervisedReader(SPECS[name], address, on_frame=lambda frame: None, backoff=(60.0,))
            reader.start()
            wait_for(lambda reader=reader: reader.status().state in ("connected", "missing"))
            assert reader.stop(STOP_S)
            assert reader.status().state == "connecting"


@every_driver
@pytest.mark.parametrize("flood", ["unending", "frames"])
def test_stops_while_flooded(name: str, flood: str) -> None:
    """Two megabytes without an end, or as many good frames as the line takes; bad bytes are read as fast as they come."""
    voice = VOICES[name]
    enough = 0 if flood == "frames" else 2_000_000
    sent = 0
    done = threading.Event()

    def rave() -> None:
        nonlocal sent
        chunk = voice.first * 40 if flood == "frames" else b"x" * 4000
        try:
            while not done.is_set():
                device.write(chunk)
                sent += len(chunk)
        except Unplugged:
            pass

    with PtyDevice("port", patience_s=0.3) as device, reading(name, device.address) as (reader, log):
        assert device.wait_until_open(STOP_S)
        thread = threading.Thread(target=rave)
        thread.start()
        try:
            wait_for(lambda: sent >= enough and (log.frames or log.bad))
            assert reader.stop(STOP_S)
            delivered = len(log.frames)
        finally:
            done.set()
            thread.join()
        assert len(log.frames) == delivered, "nothing is delivered after the stop"


@every_driver
def test_a_callback_that_fails_is_reported_and_reading_goes_on(name: str) -> None:
    voice = VOICES[name]
    seen: list[bytes] = []

    def explode(frame: DeviceFrame) -> None:
        seen.append(frame.payload)
        raise LookupError("in the callback")

    with PtyDevice("port") as device, reading(name, device.address, explode) as (reader, log):
        assert device.wait_until_open(STOP_S)
        device.write(voice.first)
        device.write(voice.second)
        wait_for(lambda: len(seen) == 2)
        wait_for(lambda: len(log.errors) == 2)
        assert all(isinstance(error, LookupError) for error in log.errors)
        assert reader.status().state == "connected"


@every_driver
def test_nothing_that_was_read_is_logged(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Frames may hold personal data: the log says sizes, reasons and states."""
    voice = VOICES[name]

    def explode(frame: DeviceFrame) -> None:
        raise LookupError(repr(frame.payload))

    with (
        caplog.at_level(logging.DEBUG),
        PtyDevice("port") as device,
        reading(name, device.address, explode) as (reader, log),
    ):
        assert device.wait_until_open(STOP_S)
        device.write(voice.first)
        wait_for(lambda: log.errors)
        device.write(b"\x00SECRETSECRET\x00")
        wait_for(lambda: reader.status().bad_frames)
        wait_for(lambda: log.bad)
    assert "refused" in caplog.text
    assert "LookupError" in caplog.text
    secret = voice.first_payload.decode("utf-8", "replace")
    assert not any(word in caplog.text for word in (secret[:8], secret[-8:], "SECRET", repr(voice.first_payload)[2:10]))


def test_a_reader_that_was_never_started_stops() -> None:
    reader = SupervisedReader(DRIVERS["card_reader"], "loop://", Delivered().frames.append)
    assert reader.status().state == "connecting"
    assert reader.stop(STOP_S)
    assert reader.stop(STOP_S)
