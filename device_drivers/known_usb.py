"""USB vendors and products that are seen at windows, so that a device can be told apart in words.

Source: the list of linux-usb.org (usb.ids, 2026-06-10), but for some products: 0403:6015 and 067B:23A3 are named by Linux's own
drivers (ftdi_sio, pl2303), 1A86:55D3 and 1A86:55D4 by their maker's (ch343); of 0416:5011 usb.ids knows the serial port alone,
and users of python-escpos the printer.
"""

from typing import NamedTuple


class Known(NamedTuple):
    """What is behind an id in words, and the driver that serves it; `doubt`: why it may be another one, empty for none."""

    what: str
    driver: str
    doubt: str = ""


_ADAPTER = "case_ticket"
_TRY = "try what is plugged in: `rating-terminal devices test NAME` with each driver of docs/devices.md"


def _adapter(what: str) -> Known:
    """Whatever is plugged into it decides."""
    return Known(what, _ADAPTER, _TRY)


_PRODUCTS: dict[tuple[int, int], Known] = {
    (0x0403, 0x6001): _adapter("FTDI FT232 serial adapter"),
    (0x0403, 0x6010): _adapter("FTDI FT2232 serial adapter, two ports"),
    (0x0403, 0x6011): _adapter("FTDI FT4232H serial adapter, four ports"),
    (0x0403, 0x6014): _adapter("FTDI FT232H serial adapter"),
    (0x0403, 0x6015): _adapter("FTDI FT-X serial adapter"),
    (0x067B, 0x2303): _adapter("Prolific PL2303 serial adapter"),
    (0x067B, 0x23A3): _adapter("Prolific PL2303GC serial adapter"),
    (0x10C4, 0xEA60): _adapter("Silicon Labs CP210x serial adapter"),
    (0x10C4, 0xEA70): _adapter("Silicon Labs CP2105 serial adapter, two ports"),
    (0x1A86, 0x5523): _adapter("QinHeng CH341 serial adapter"),
    (0x1A86, 0x7523): _adapter("QinHeng CH340 serial adapter"),
    (0x1A86, 0x55D3): _adapter("QinHeng CH343 serial adapter"),
    (0x1A86, 0x55D4): _adapter("QinHeng CH9102 serial adapter"),
    (0x0416, 0x5011): Known("Winbond controller, as in small receipt printers", "receipt_printer"),
}
_SCANNERS: dict[int, str] = {
    0x0536: "Honeywell (Hand Held Products) scanner",
    0x05E0: "Zebra (Symbol) scanner",
    0x05F9: "Datalogic (PSC) scanner",
    0x0C2E: "Honeywell (Metrologic) scanner",
    0x1EAB: "Newland scanner",
}
_PRINTERS: dict[int, str] = {
    0x04B8: "Epson printer",
    0x1504: "Bixolon printer",
    0x154F: "SNBC printer",
}
UNKNOWN_PORT = _adapter("serial port of a kind that is not in the table")
_UNKNOWN_KEYBOARD = Known(
    "keyboard of a kind that is not in the table",
    "wedge_scanner",
    'a scanner in keyboard mode, or a keypad (driver = "keypad")? Leave it out if somebody types on it: it would be grabbed',
)
_UNKNOWN_PRINTER = Known("printer of a kind that is not in the table", "receipt_printer", "does it speak ESC/POS?")


def serial_port(vid: int | None, pid: int | None) -> Known:
    """What is known of a serial port's USB id; ports that are not on USB are unknown."""
    if vid is None or pid is None:
        return UNKNOWN_PORT
    if vid in _SCANNERS:
        return Known(_SCANNERS[vid], "barcode_scanner")
    return _PRODUCTS.get((vid, pid)) or _printer(vid) or UNKNOWN_PORT


def keyboard(vid: int | None, pid: int | None) -> Known:
    """What is known of a keyboard's USB id."""
    return Known(f"{_SCANNERS[vid]} in keyboard mode", "wedge_scanner") if vid in _SCANNERS else _UNKNOWN_KEYBOARD


def printer(vid: int | None, pid: int | None) -> Known:
    """What is known of a printer's USB id."""
    known = _PRODUCTS.get((vid or 0, pid or 0))
    return known if known and known.driver == "receipt_printer" else _printer(vid) or _UNKNOWN_PRINTER


def _printer(vid: int | None) -> Known | None:
    return Known(_PRINTERS[vid], "receipt_printer") if vid in _PRINTERS else None
