"""Evaluators that write the code of a key as a line of text: a number, or an object of JSON. They take nothing but that.

Source: device protocols, “Level codes differ from device to device”, which knows these families by their codes; how a device
frames them is its maker's affair, and a line of text is what they have in common when set to plain output. A line has to say
where it ends: one digit that was cut off looks like another.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial

from device_drivers.framing import BadFrame, LineEndFramer
from device_drivers.levels import (
    ACTIVEX_LEVELS,
    FIVE_KEY_LEVELS,
    GWQ_LEVELS,
    PAD_FIVE_IS_BEST_LEVELS,
    PAD_ZERO_IS_BEST_LEVELS,
    stars,
)
from device_drivers.spec import DriverSpec, Role
from device_drivers.transport import LineSettings

MAX_CODE_BYTES = 16
MAX_JSON_BYTES = 256
TIMED_OUT = 0
_CODE = re.compile(rb"\s*([0-9]{1,3})\s*")


def code_decoder(levels: Mapping[int, int], timed_out: int | None = None) -> Callable[[bytes], bytes | BadFrame]:
    """The function from a line with one number to `stars=N`; `timed_out` is the family's code for “nothing chosen”."""

    def decode(line: bytes) -> bytes | BadFrame:
        found = _CODE.fullmatch(line)
        if not found:
            return BadFrame("garbage", len(line))
        code = int(found[1])
        return b"outcome=timed out" if code == timed_out else stars(levels, code, len(line))

    return decode


def json_decoder(levels: Mapping[int, int]) -> Callable[[bytes], bytes | BadFrame]:
    """The function from a line such as `{"level": 3}` to `stars=N`."""

    def decode(line: bytes) -> bytes | BadFrame:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return BadFrame("garbage", len(line))
        code = said.get("level") if isinstance(said, dict) else None
        if type(code) is not int:
            return BadFrame("garbage", len(line))
        return stars(levels, code, len(line))

    return decode


def _evaluator(name: str, max_size: int, levels: Mapping[int, int], decode: Callable[[bytes], bytes | BadFrame]) -> DriverSpec:
    return DriverSpec(
        name=name,
        role=Role.BUTTON_EVALUATOR,
        line=LineSettings(),
        silence_s=0.2,
        framer=partial(LineEndFramer, max_size, gap_ends=False),
        decode=decode,
        levels=levels,
    )


FIVE_KEY = _evaluator("five_key_evaluator", MAX_CODE_BYTES, FIVE_KEY_LEVELS, code_decoder(FIVE_KEY_LEVELS, TIMED_OUT))
GWQ = _evaluator("gwq_evaluator", MAX_CODE_BYTES, GWQ_LEVELS, code_decoder(GWQ_LEVELS))
ACTIVEX = _evaluator("activex_evaluator", MAX_CODE_BYTES, ACTIVEX_LEVELS, code_decoder(ACTIVEX_LEVELS))
PAD_FIVE_IS_BEST = _evaluator(
    "pad_five_is_best", MAX_JSON_BYTES, PAD_FIVE_IS_BEST_LEVELS, json_decoder(PAD_FIVE_IS_BEST_LEVELS)
)
PAD_ZERO_IS_BEST = _evaluator(
    "pad_zero_is_best", MAX_JSON_BYTES, PAD_ZERO_IS_BEST_LEVELS, json_decoder(PAD_ZERO_IS_BEST_LEVELS)
)
