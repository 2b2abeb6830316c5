"""Linux input events → text of a scan, or single keys. Pure and incremental, in bounded memory; opens nothing.

A record is `struct input_event` of 64-bit Linux: 24 bytes, time in two longs, type, code, value (linux/input.h). Text is worked
out from key codes, so that neither the system's layout nor an input method has a say; the layout is the one that the scanner
is set to. Whatever is not plainly a record or a character makes its scan a bad frame.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from device_drivers.framing import BadFrame, BadReason

RECORD = struct.Struct("=qqHHi")

EV_SYN, EV_KEY, EV_MSC = 0x00, 0x01, 0x04
SYN_DROPPED = 3
_TYPES = frozenset((EV_SYN, EV_KEY, 0x02, 0x03, EV_MSC, 0x05, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17))
_HIGHEST_KEY = 0x2FF
_LOST_AT_MOST = 128 * RECORD.size

ENTER, KP_ENTER, LEFT_SHIFT, RIGHT_SHIFT = 28, 96, 42, 54
LEFT_CTRL, RIGHT_CTRL, LEFT_ALT, RIGHT_ALT, CAPS_LOCK = 29, 97, 56, 100, 58
_SHIFT, _CTRL = frozenset((LEFT_SHIFT, RIGHT_SHIFT)), frozenset((LEFT_CTRL, RIGHT_CTRL))
_HELD = _SHIFT | _CTRL | {LEFT_ALT, RIGHT_ALT}
_SILENT = frozenset((69, 70, 125, 126))
"""Num lock, scroll lock and the two system keys: they say nothing."""

_ROWS = (*range(2, 14), *range(16, 28), *range(30, 42), 43, *range(44, 54), 86)
PAD_DIGITS: Mapping[int, int] = {82: 0, 79: 1, 80: 2, 81: 3, 75: 4, 76: 5, 77: 6, 71: 7, 72: 8, 73: 9}
_EVERYWHERE: Mapping[int, str] = {
    **{code: str(digit) for code, digit in PAD_DIGITS.items()},
    15: "\t", 57: " ", 55: "*", 74: "-", 78: "+", 83: ".", 98: "/",
}  # fmt: skip


class Layout(NamedTuple):
    """Characters by key code: plain, with shift, with the right Alt key."""

    plain: Mapping[int, str]
    shift: Mapping[int, str]
    alt: Mapping[int, str]


def _layout(plain: str, shift: str, alt: Mapping[str, str] | None = None) -> Layout:
    keys = dict(zip(_ROWS, plain, strict=True))
    by_plain = {character: code for code, character in keys.items()}
    third = {by_plain[key]: character for key, character in (alt or {}).items()}
    return Layout({**_EVERYWHERE, **keys}, {**_EVERYWHERE, **dict(zip(_ROWS, shift, strict=True))}, third)


LAYOUTS: Mapping[str, Layout] = {
    "us": _layout(
        "1234567890-=" "qwertyuiop[]" "asdfghjkl;'`" "\\" "zxcvbnm,./" "<",
        "!@#$%^&*()_+" "QWERTYUIOP{}" 'ASDFGHJKL:"~' "|" "ZXCVBNM<>?" ">",
    ),
    "de": _layout(
        "1234567890ß´" "qwertzuiopü+" "asdfghjklöä^" "#" "yxcvbnm,.-" "<",
        '!"§$%&/()=?`' "QWERTZUIOPÜ*" "ASDFGHJKLÖÄ°" "'" "YXCVBNM;:_" ">",
        {"7": "{", "8": "[", "9": "]", "0": "}", "ß": "\\", "q": "@", "+": "~", "<": "|", "e": "€"},
    ),
    "fr": _layout(
        "&é\"'(-è_çà)=" "azertyuiop^$" "qsdfghjklmù²" "*" "wxcvbn,;:!" "<",
        "1234567890°+" "AZERTYUIOP¨£" "QSDFGHJKLM%³" "µ" "WXCVBN?./§" ">",
        {"é": "~", '"': "#", "'": "{", "(": "[", "-": "|", "è": "`", "_": "\\", "ç": "^", "à": "@", ")": "]", "=": "}"},
    ),
}  # fmt: skip
"""What a scanner's manual calls “keyboard country”; Chinese keyboards are `us`."""

KEYPAD_KEYS: Mapping[int, bytes] = {
    **{code: b"%d" % digit for code, digit in PAD_DIGITS.items()},
    **{code: b"%d" % ((code - 1) % 10) for code in range(2, 12)},
    ENTER: b"enter", KP_ENTER: b"enter", 1: b"back", 14: b"back", 83: b"back",
    103: b"up", 105: b"left", 106: b"right", 108: b"down",
}  # fmt: skip
"""The keys of a numeric keypad that mean something; its digits are the same with num lock on and off."""


class Event(NamedTuple):
    """One record: `value` of a key is 0 released, 1 pressed, 2 repeated while held."""

    type: int
    code: int
    value: int


class _Records:
    """Bytes → records. After bytes that cannot be one nothing is taken until a silence: what follows may be misaligned."""

    def __init__(self) -> None:
        self._rest = b""
        self._lost = 0
        self._astray = False

    @property
    def pending(self) -> bool:
        return bool(self._rest) or self._astray

    def feed(self, data: bytes) -> Iterator[Event]:
        data = self._rest + data
        whole = len(data) - len(data) % RECORD.size
        for start in range(0, whole, RECORD.size):
            event = Event(*RECORD.unpack_from(data, start)[2:])
            if self._astray or not _is_possible(event):
                self._astray = True
                self._lost += RECORD.size
            else:
                yield event
        self._rest = data[whole:]

    def overdue(self) -> Iterator[BadFrame]:
        """What is told of a line that raves without a pause."""
        while self._lost >= _LOST_AT_MOST:
            self._lost -= _LOST_AT_MOST
            yield BadFrame("garbage", _LOST_AT_MOST)

    def gap(self) -> int:
        """How many bytes were no record, as far as nobody was told; the next byte starts afresh."""
        lost = self._lost + len(self._rest)
        self._rest, self._lost, self._astray = b"", 0, False
        return lost


def _is_possible(event: Event) -> bool:
    key = event.type != EV_KEY or (event.code <= _HIGHEST_KEY and event.value in (0, 1, 2))
    return event.type in _TYPES and key


class KeyTextFramer:
    """Input events of a scanner in keyboard mode → one frame per scan: its text in UTF-8.

    A scan ends with Enter (or Ctrl+J, Ctrl+M), or with a silence unless `gap_ends` is false. Ctrl with a letter or one of
    [ \\ ] ^ _ is the control character of that name, so that Ctrl+] is GS; the left Alt key held over
    digits of the numeric pad is the character of that number. Caps lock counts from the beginning of a scan.
    """

    def __init__(self, max_size: int, layout: Layout, gap_ends: bool = True) -> None:
        self._max_size = max_size
        self._layout = layout
        self._gap_ends = gap_ends
        self._records = _Records()
        self._held: set[int] = set()
        self._text: list[str] = []
        self._size = 0
        self._caps = False
        self._number = ""
        self._bad: BadReason | None = None

    @property
    def pending(self) -> bool:
        return self._records.pending or self._size > 0 or self._bad is not None

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        for event in self._records.feed(data):
            if event.type == EV_KEY:
                self._key(event, out)
            elif event.type == EV_SYN and event.code == SYN_DROPPED:
                self._bad = "truncated"
        return out + list(self._records.overdue())

    def gap(self) -> list[bytes | BadFrame]:
        out: list[bytes | BadFrame] = []
        if lost := self._records.gap():
            self._size += lost
            self._bad = "garbage"
        if not self._gap_ends and self._size and self._bad is None:
            self._bad = "truncated"
        self._end(out)
        self._held.clear()
        return out

    def _key(self, event: Event, out: list[bytes | BadFrame]) -> None:
        code = event.code
        if event.value == 0:
            self._held.discard(code)
            if code == LEFT_ALT and self._number:
                self._add(_numbered(self._number))
                self._number = ""
        elif event.value == 2 or code in _SILENT:
            return
        elif code in _HELD:
            self._held.add(code)
        elif code == CAPS_LOCK:
            self._caps = not self._caps
        elif code in (ENTER, KP_ENTER):
            self._end(out)
        elif LEFT_ALT in self._held and code in PAD_DIGITS:
            self._number = (self._number + str(PAD_DIGITS[code]))[:6]
        else:
            self._character(code, out)

    def _character(self, code: int, out: list[bytes | BadFrame]) -> None:
        shifted = bool(_SHIFT & self._held)
        character = (self._layout.shift if shifted else self._layout.plain).get(code)
        if RIGHT_ALT in self._held:
            character = self._layout.alt.get(code)
        elif character and self._caps and character.isalpha():
            character = character.swapcase()
        if character and _CTRL & self._held:
            character = chr(ord(character.upper()) & 0x1F) if "@" <= character.upper() <= "_" else None
        if character in ("\n", "\r"):
            self._end(out)
        else:
            self._add(character)

    def _add(self, character: str | None) -> None:
        """A character of the scan; None: a key that says none, which spoils it."""
        self._size += len(character.encode("utf-8")) if character else 1
        if character is None:
            self._bad = self._bad or "garbage"
        elif self._size > self._max_size:
            self._bad = "too_long"
        if self._bad:
            self._text.clear()
        elif character:
            self._text.append(character)

    def _end(self, out: list[bytes | BadFrame]) -> None:
        if self._bad:
            out.append(BadFrame(self._bad, max(1, self._size)))
        elif self._text:
            out.append("".join(self._text).encode("utf-8"))
        self._text.clear()
        self._size, self._caps, self._number, self._bad = 0, False, "", None


def _numbered(digits: str) -> str | None:
    """The character that Alt and a number mean: ASCII, or beyond 255 Unicode; between them systems do not agree."""
    number = int(digits)
    return chr(number) if number < 0x80 or (0x100 <= number < 0x110000 and not 0xD800 <= number < 0xE000) else None


class KeyPressFramer:
    """Input events of a keypad → one frame per key that is pressed: its name; a key held down is one press."""

    def __init__(self) -> None:
        self._records = _Records()

    @property
    def pending(self) -> bool:
        return self._records.pending

    def feed(self, data: bytes) -> list[bytes | BadFrame]:
        pressed = [event.code for event in self._records.feed(data) if event.type == EV_KEY and event.value == 1]
        return [*(KEYPAD_KEYS[code] for code in pressed if code in KEYPAD_KEYS), *self._records.overdue()]

    def gap(self) -> list[bytes | BadFrame]:
        lost = self._records.gap()
        return [BadFrame("garbage", lost)] if lost else []


def pressed_and_released(code: int) -> bytes:
    """What a keyboard sends for one key, without its time."""
    reports = (((EV_MSC, 4, code), (EV_KEY, code, value), (EV_SYN, 0, 0)) for value in (1, 0))
    return b"".join(RECORD.pack(0, 0, *event) for report in reports for event in report)


def typed(text: str, layout: str = "us", enter: bool = True) -> bytes:
    """What a scanner in keyboard mode sends for a text. Raises KeyError for a character that its layout does not have."""
    plain, shift, alt = LAYOUTS[layout]
    held: dict[str, tuple[int, int | None]] = {
        **{character: (code, RIGHT_ALT) for code, character in alt.items()},
        **{character: (code, LEFT_SHIFT) for code, character in shift.items()},
        **{character: (code, None) for code, character in plain.items() if code not in PAD_DIGITS},
    }
    return b"".join(_stroke(*held[character]) for character in text) + (pressed_and_released(ENTER) if enter else b"")


def _stroke(code: int, with_key: int | None) -> bytes:
    if with_key is None:
        return pressed_and_released(code)
    down, up = (RECORD.pack(0, 0, EV_KEY, with_key, value) for value in (1, 0))
    return down + pressed_and_released(code) + up
