"""ESC/POS bytes for a receipt: Chinese text in GB18030, a QR symbol as a raster image, status queries. Opens nothing.

A builder of our own: python-escpos encodes text by code pages, which have no Chinese, and brings an imaging library along. The
symbol is drawn here and not by the printer, because not every printer knows QR commands. Commands: ESC/POS reference of Epson.
"""

import re
from collections.abc import Sequence

STATUS_QUERY = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
"""DLE EOT 1, 2 and 4: printer, cause of being offline, roll paper; each is answered with one byte, also while offline."""

PAPER_DOTS = 384
"""Printable width of 58 mm paper at 203 dpi; wider paper has room left."""

_INIT = b"\x1b@"
_CHINESE = b"\x1c&"
_LEFT, _CENTRED = b"\x1ba\x00", b"\x1ba\x01"
_NORMAL, _LARGE = b"\x1d!\x00", b"\x1d!\x11"
_FEED_AND_CUT = b"\x1bd\x03\x1dVB\x00"
_QUIET_MODULES = 4
_MODULE_DOTS_AT_MOST = 8
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def receipt(title: str, lines: Sequence[str], address: str, explanation: Sequence[str]) -> bytes:
    """A whole receipt: title, lines, the QR symbol of `address`, and what it is for. Raises ValueError for an address that
    does not fit on the paper."""
    return b"".join(
        (
            _INIT + _CHINESE,
            _CENTRED + _LARGE + _text(title) + _NORMAL + _LEFT,
            *(_text(line) for line in lines),
            _CENTRED + _raster(_matrix(address)),
            *(_text(line) for line in explanation),
            _LEFT + _FEED_AND_CUT,
        )
    )


def sheet(title: str, lines: Sequence[str]) -> bytes:
    """A sheet of text without a symbol."""
    head = _INIT + _CHINESE + _CENTRED + _LARGE + _text(title) + _NORMAL + _LEFT
    return head + b"".join(map(_text, lines)) + _FEED_AND_CUT


def _text(line: str) -> bytes:
    """One line. What a ticket says is text and never a command: control characters become blanks."""
    return _CONTROL.sub(" ", line).encode("gb18030", "replace") + b"\n"


def _matrix(address: str) -> list[list[bool]]:
    from qrcode.constants import ERROR_CORRECT_M  # comes with the first receipt
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_MODULES)
    code.add_data(address)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        raise ValueError(f"{len(address)} characters do not fit into one symbol; shorten the address") from None
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _raster(matrix: Sequence[Sequence[bool]]) -> bytes:
    """GS v 0: an image by rows, eight dots a byte, the leftmost highest."""
    dots = min(_MODULE_DOTS_AT_MOST, PAPER_DOTS // len(matrix))
    width = -(-len(matrix) * dots // 8)
    rows = b"".join(_row(row, dots, width) * dots for row in matrix)
    return b"\x1dv0\x00" + width.to_bytes(2, "little") + (len(matrix) * dots).to_bytes(2, "little") + rows


def _row(modules: Sequence[bool], dots: int, width: int) -> bytes:
    bits = "".join(("1" if module else "0") * dots for module in modules).ljust(width * 8, "0")
    return int(bits, 2).to_bytes(width)
