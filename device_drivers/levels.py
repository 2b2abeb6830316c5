"""What the codes of each device family mean, in stars: one explicit table per family, and no other way from code to stars.

Source: device protocols, “Level codes differ from device to device”. A code that a table does not have is never a rating; nor
are time-outs, which some families send as a code.
"""

from collections.abc import Mapping

from device_drivers.framing import BadFrame

FRAMED_LEVELS: Mapping[int, int] = {3: 5, 2: 4, 1: 3, 0: 2}
GWQ_LEVELS: Mapping[int, int] = {1: 5, 2: 4, 3: 3, 4: 1}
ACTIVEX_LEVELS: Mapping[int, int] = {4: 5, 1: 4, 2: 3, 3: 2}
FIVE_KEY_LEVELS: Mapping[int, int] = {5: 5, 4: 4, 3: 3, 2: 2, 1: 1}
PAD_FIVE_IS_BEST_LEVELS: Mapping[int, int] = {5: 5, 4: 4, 3: 3, 2: 2, 1: 1}
PAD_ZERO_IS_BEST_LEVELS: Mapping[int, int] = {0: 5, 1: 4, 2: 3, 3: 2, 4: 1}

LEVEL_TABLES: Mapping[str, Mapping[int, int]] = {
    "framed": FRAMED_LEVELS,
    "gwq": GWQ_LEVELS,
    "activex": ACTIVEX_LEVELS,
    "five_key": FIVE_KEY_LEVELS,
    "pad_five_is_best": PAD_FIVE_IS_BEST_LEVELS,
    "pad_zero_is_best": PAD_ZERO_IS_BEST_LEVELS,
}
"""Every family, by the word that the option `levels` uses."""


def stars(levels: Mapping[int, int], code: int, size: int) -> bytes | BadFrame:
    """`stars=N` for a code of the table; for any other a refusal that holds it as bytes. `size`: bytes of its frame."""
    if code not in levels:
        return BadFrame(
            "unknown_code", size, code.to_bytes(code.bit_length() // 8 + 1, signed=True).removeprefix(b"\0") or b"\0"
        )
    return b"stars=%d" % levels[code]
