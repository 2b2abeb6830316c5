"""Recordings become samples: WAV as halls record it, and the smaller form of the shipped ones. Issue 5, point 3."""

import struct
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.hearing import write_wav

from ui.voice.wav import RATE, BadRecording, samples


def wav(
    form: int, data: bytes, *, channels: int = 1, rate: int = RATE, align: int = 2, bits: int = 16, extra: bytes = b""
) -> bytes:
    told = struct.pack("<HHIIHH", form, channels, rate, rate * align, align, bits) + extra
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"fmt " + struct.pack("<I", len(told)) + told
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def pcm(values: Sequence[int]) -> bytes:
    return array("h", values).tobytes()


def all_of(recording: bytes) -> list[int]:
    return [sample for block in samples(recording) for sample in block]


def test_pcm_is_played_as_it_is(tmp_path: Path) -> None:
    values = [(n * 37) % 65536 - 32768 for n in range(5_000)]
    assert all_of(wav(1, pcm(values))) == values
    assert all_of(wav(1, pcm(values) + b"\x01")) == values
    extensible = struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + bytes(14)
    assert all_of(wav(0xFFFE, pcm(values), extra=extensible)) == values
    write_wav(tmp_path / "one.wav", values)
    assert all_of((tmp_path / "one.wav").read_bytes()) == values


def test_ima_adpcm_is_unpacked_nibble_by_nibble() -> None:
    """By hand, after the IMA's recommendation: a nibble adds step/8 and its bits' shares of the step, then the index moves."""
    block = struct.pack("<hBB", 100, 0, 0) + bytes([0x17, 0xF8, 0x00])
    # step 7 → 7: +(0+7+3+1); index 8, step 16 → 1: +(2+4); index 7, step 14 → 8: -1; index 6, step 13 → F: -(1+13+6+3); …
    assert all_of(wav(0x11, block, align=7, bits=4)) == [100, 111, 117, 116, 93, 96, 99]


def test_ima_adpcm_stays_within_sixteen_bits() -> None:
    loud = struct.pack("<hBB", 32_000, 88, 0) + bytes([0x77] * 4)
    assert max(all_of(wav(0x11, loud, align=8, bits=4))) == 32_767
    low = struct.pack("<hBB", -32_000, 88, 0) + bytes([0xFF] * 4)
    assert min(all_of(wav(0x11, low, align=8, bits=4))) == -32_768


@pytest.mark.parametrize("rate", [8_000, 11_025, 12_000, 16_000])
def test_a_lower_rate_lasts_as_long_and_sounds_the_same(rate: int) -> None:
    ramp = list(range(0, 6_000, 2))
    played = all_of(wav(1, pcm(ramp), rate=rate))
    assert abs(len(played) - len(ramp) * RATE / rate) <= 2
    assert played == sorted(played)
    assert abs(played[len(played) // 2] - ramp[len(ramp) // 2]) <= 4


@pytest.mark.parametrize(
    ("recording", "problem"),
    [
        (b"", "not a WAV file"),
        (b"OggS" + bytes(40), "not a WAV file"),
        (b"RIFF\x04\0\0\0WAVE", "says nothing of its format"),
        (wav(1, b"", channels=2), "2 channel"),
        (wav(1, b"", rate=44_100), "44100 Hz"),
        (wav(1, b"", rate=4_000), "4000 Hz"),
        (wav(1, b"", bits=24), "24 bits"),
        (wav(3, b"", bits=32), "format 0x3"),
        (wav(0x11, b"", align=4, bits=4), "format 0x11"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(recording: bytes, problem: str) -> None:
    with pytest.raises(BadRecording, match=problem):
        samples(recording)


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_recording_that_was_cut_off_is_played_as_far_as_it_goes_or_refused(cut: int) -> None:
    whole = wav(1, pcm(range(20)))
    try:
        assert all_of(whole[:cut]) == list(range(20))[: len(all_of(whole[:cut]))]
    except BadRecording as refused:
        assert str(refused)
