"""Recordings as samples at 16 kHz: WAV, one channel, 16-bit PCM or IMA ADPCM (a quarter of the size). Pure; reads no file.

IMA ADPCM as in “Recommended Practices for Enhancing Digital Audio Compatibility in Multimedia Systems” (IMA, 1992) and
Microsoft's WAV form of it: each block begins with a sample and an index, then two samples per byte, the low nibble first.
"""

import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import Final

RATE: Final = 16_000
"""Samples a second, as they are played."""
LOWEST_RATE: Final = 8_000
_PCM, _IMA_ADPCM, _EXTENSIBLE = 1, 0x11, 0xFFFE
_PCM_BLOCK = 1024
_INDEX_STEP = (-1, -1, -1, -1, 2, 4, 6, 8)
_STEPS = (
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
    143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282,
    1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630,
    9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
)  # fmt: skip


class BadRecording(ValueError):
    """Not a recording that can be played; the message says what is wrong with it."""


def samples(recording: bytes) -> Iterator["array[int]"]:
    """The samples of a WAV file, some at a time, as signed 16-bit numbers. Raises BadRecording, before the first."""
    chunks = chunks_of(recording)
    form, channels, rate, align, bits = _format(chunks)
    if channels != 1 or not LOWEST_RATE <= rate <= RATE:
        raise BadRecording(f"{rate} Hz with {channels} channel(s), not {LOWEST_RATE} to {RATE} Hz with one")
    data = chunks.get(b"data", b"")
    if form == _PCM and bits == 16:
        return _at_rate(_pcm(data), rate)
    if form == _IMA_ADPCM and bits == 4 and align > 4:
        return _at_rate(_ima_adpcm(data, align), rate)
    raise BadRecording(f"format {form:#x} with {bits} bits, neither 16-bit PCM nor 4-bit IMA ADPCM")


def chunks_of(recording: bytes) -> Mapping[bytes, bytes]:
    """The chunks of a RIFF file of the kind WAVE by their names. Raises BadRecording."""
    if recording[:4] != b"RIFF" or recording[8:12] != b"WAVE":
        raise BadRecording("not a WAV file")
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(recording):
        size = int.from_bytes(recording[at + 4 : at + 8], "little")
        found.setdefault(recording[at : at + 4], recording[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return found


def _format(chunks: Mapping[bytes, bytes]) -> tuple[int, int, int, int, int]:
    """Form, channels, samples a second, bytes of a block, bits of a sample."""
    told = chunks.get(b"fmt ", b"")
    if len(told) < 16:
        raise BadRecording("says nothing of its format")
    form, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", told)
    if form == _EXTENSIBLE and len(told) >= 26:
        form = int.from_bytes(told[24:26], "little")
    return form, channels, rate, align, bits


def _pcm(data: bytes) -> Iterator["array[int]"]:
    for at in range(0, len(data) - 1, 2 * _PCM_BLOCK):
        block = array("h", data[at : at + 2 * _PCM_BLOCK][: (len(data) - at) // 2 * 2])
        if sys.byteorder == "big":
            block.byteswap()
        yield block


def _ima_adpcm(data: bytes, align: int) -> Iterator["array[int]"]:
    for at in range(0, len(data) - 4, align):
        yield _block(data[at : at + align])


def _block(block: bytes) -> "array[int]":
    """One block's samples. Written out for speed: it runs for each of 16,000 samples a second, beside the window."""
    value, index = struct.unpack_from("<hB", block)
    out = [value]
    row = _TABLE[min(index, len(_STEPS) - 1)]
    for byte in block[4:]:
        change, index = row[byte & 15]
        value += change
        if not -32769 < value < 32768:
            value = 32767 if value > 0 else -32768
        out.append(value)
        change, index = _TABLE[index][byte >> 4]
        value += change
        if not -32769 < value < 32768:
            value = 32767 if value > 0 else -32768
        out.append(value)
        row = _TABLE[index]
    return array("h", out)


def _at_rate(blocks: Iterator["array[int]"], rate: int) -> Iterator["array[int]"]:
    """The same sound at RATE, between two samples on a straight line; `rate` is not higher."""
    step, at, last = rate / RATE, 0.0, 0
    for block in blocks:
        if rate == RATE:
            yield block
            continue
        wave, out = [last, *block], []
        while at < len(block):
            before = int(at)
            out.append(wave[before] + int((wave[before + 1] - wave[before]) * (at - before)))
            at += step
        at, last = at - len(block), wave[-1]
        yield array("h", out)


def _change(step: int, nibble: int) -> int:
    size = step >> 3
    for bit, share in ((4, step), (2, step >> 1), (1, step >> 2)):
        size += share if nibble & bit else 0
    return -size if nibble & 8 else size


def _next(index: int, nibble: int) -> int:
    return max(0, min(len(_STEPS) - 1, index + _INDEX_STEP[nibble & 7]))


_TABLE: Final = tuple(
    tuple((_change(step, nibble), _next(index, nibble)) for nibble in range(16)) for index, step in enumerate(_STEPS)
)
"""By index and nibble: what is added, and the next index."""
