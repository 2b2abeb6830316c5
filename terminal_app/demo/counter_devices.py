"""Every kind of device at a demonstration's counter, each told what to do in the words of `rating-terminal simulate`.

What stands beside line, scanner and card reader, so that each driver is there once, and each transport that needs no hardware.
It decides nothing: who comes, and with what, is in walk.py and interactive.py.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from device_drivers.scripting import Bench, perform
from device_drivers.simulators import PtyDevice, SimulatedDevice, TcpDevice


class Kind(NamedTuple):
    """A device: its driver, its options as lines of terminal.toml, and whether it stands behind a serial server."""

    driver: str
    options: str = ""
    network: bool = False


FURTHER: Mapping[str, Kind] = {
    "bare-line": Kind("case_ticket_line", 'ended_by = "line_end"'),
    "network-line": Kind("case_ticket", network=True),
    "decimal-reader": Kind("card_reader", 'uid_format = "decimal"\nreversed = true'),
    "wiegand-reader": Kind("card_reader", 'uid_format = "wiegand"'),
    "frame-reader": Kind("card_reader", 'uid_format = "frame"'),
    "short-reader": Kind("card_reader", 'zeros_dropped = true\nended_by = "line_end"'),
    "pcsc-reader": Kind("pcsc_reader"),
    "five-key": Kind("five_key_evaluator"),
    "gwq": Kind("gwq_evaluator"),
    "activex": Kind("activex_evaluator"),
    "pad-five": Kind("pad_five_is_best"),
    "pad-zero": Kind("pad_zero_is_best"),
}


class CounterDevices:
    """All devices of a counter by name; `printed` is what the receipt printer was sent."""

    def __init__(self, drivers: Mapping[str, str], devices: Mapping[str, SimulatedDevice]) -> None:
        self._drivers = drivers
        self._benches = {name: Bench(device) for name, device in devices.items()}
        self._printer = next((self._benches[name] for name, driver in drivers.items() if driver == "receipt_printer"), None)

    @property
    def drivers(self) -> Mapping[str, str]:
        """What each of them speaks."""
        return self._drivers

    @property
    def devices(self) -> Iterator[SimulatedDevice]:
        return (bench.device for bench in self._benches.values())

    @property
    def printed(self) -> bytearray:
        return self._printer.printed if self._printer else bytearray()

    def tell(self, name: str, line: str) -> None:
        """Have a device do what one line of a script says. Raises ScriptError and Unplugged."""
        perform(self._drivers[name], self._benches[name], line)

    def look(self) -> None:
        """Let the printer answer. To be called now and then."""
        if self._printer:
            self._printer.look()


@contextlib.contextmanager
def further_devices(folder: Path) -> Iterator[Mapping[str, SimulatedDevice]]:
    """Those of FURTHER, plugged in."""
    with contextlib.ExitStack() as stack:
        made: dict[str, SimulatedDevice] = {}
        for name, kind in FURTHER.items():
            device: TcpDevice | PtyDevice = TcpDevice(name) if kind.network else PtyDevice(name, folder)
            stack.enter_context(device)
            made[name] = device
        yield made


def further_tables(devices: Mapping[str, SimulatedDevice]) -> str:
    """Their tables of terminal.toml."""
    return "".join(_table(name, FURTHER[name], device.address) for name, device in devices.items())


def _table(name: str, kind: Kind, address: str) -> str:
    return f'[[devices]]\nname = "{name}"\ndriver = "{kind.driver}"\naddress = "{address}"\n{kind.options}\n'
