"""USB vendors and products that are seen at windows, so that a port can be told apart in words. Source: the USB ID registry."""

from typing import NamedTuple


class Known(NamedTuple):
    """What is behind an id in words, and the driver that serves it; `adapter`: whatever is plugged into it decides."""

    what: str
    driver: str
    adapter: bool = False


_ADAPTER = "case_ticket"

_PRODUCTS: dict[tuple[int, int], Known] = {
    (0x0403, 0x6001): Known("FTDI FT232R serial adapter", _ADAPTER, True),
    (0x0403, 0x6010): Known("FTDI FT2232 serial adapter, two ports", _ADAPTER, True),
    (0x0403, 0x6011): Known("FTDI FT4232 serial adapter, four ports", _ADAPTER, True),
    (0x0403, 0x6014): Known("FTDI FT232H serial adapter", _ADAPTER, True),
    (0x0403, 0x6015): Known("FTDI FT-X serial adapter", _ADAPTER, True),
    (0x067B, 0x2303): Known("Prolific PL2303 serial adapter", _ADAPTER, True),
    (0x067B, 0x23A3): Known("Prolific PL2303GC serial adapter", _ADAPTER, True),
    (0x10C4, 0xEA60): Known("Silicon Labs CP210x serial adapter", _ADAPTER, True),
    (0x10C4, 0xEA70): Known("Silicon Labs CP2105 serial adapter, two ports", _ADAPTER, True),
    (0x1A86, 0x5523): Known("QinHeng CH341 serial adapter", _ADAPTER, True),
    (0x1A86, 0x7523): Known("QinHeng CH340 serial adapter", _ADAPTER, True),
    (0x1A86, 0x55D3): Known("QinHeng CH343 serial adapter", _ADAPTER, True),
    (0x1A86, 0x55D4): Known("QinHeng CH9102 serial adapter", _ADAPTER, True),
    (0x0416, 0x5011): Known("receipt printer with a Winbond controller", "receipt_printer"),
}
_VENDORS: dict[int, Known] = {
    0x0536: Known("Honeywell (Hand Held Products) scanner", "barcode_scanner"),
    0x05E0: Known("Zebra (Symbol) scanner", "barcode_scanner"),
    0x05F9: Known("Datalogic (PSC) scanner", "barcode_scanner"),
    0x0C2E: Known("Honeywell (Metrologic) scanner", "barcode_scanner"),
    0x1EAB: Known("Newland scanner", "barcode_scanner"),
    0x04B8: Known("Epson printer", "receipt_printer"),
    0x0519: Known("Star printer", "receipt_printer"),
}
UNKNOWN = Known("serial port of a kind that is not in the table", _ADAPTER, True)


def look_up(vid: int | None, pid: int | None) -> Known:
    """What is known of a USB id; ports that are not on USB are unknown."""
    if vid is None or pid is None:
        return UNKNOWN
    return _PRODUCTS.get((vid, pid)) or _VENDORS.get(vid) or UNKNOWN
