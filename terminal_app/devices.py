"""The devices of one terminal: their readers, what becomes of their frames, and who is told how they are.

Each role's frames go to one place: tickets, cards and stars to the controller, keys to the window. It decides nothing.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from device_drivers.transport import WINDOW
from terminal_app.application.case_receipt import CaseReceipt, Place, ReceiptPrinter
from terminal_app.application.controller import Controller
from terminal_app.application.evaluator import Evaluator
from terminal_app.config import DeviceConfig
from terminal_app.domain import session as s
from terminal_app.domain.counter_command import read_command
from terminal_app.domain.rating import Level
from terminal_app.domain.ticket import Refusal
from terminal_app.ports import Clock, DeviceReport, Scheduler, View

if TYPE_CHECKING:
    from device_drivers.framing import BadFrame
    from device_drivers.reader import DeviceStatus, SupervisedReader
    from device_drivers.spec import DeviceFrame, DriverSpec
    from device_drivers.window_keys import WindowKeys

log = logging.getLogger(__name__)


class Devices:
    """All devices. `post` carries to the main thread; `told` gets (device, state) there, empty once it works;
    `key` the keys of a keypad. `place` None: no receipts are printed. `log_out_on_removal`: whoever takes their card from a
    reader that tells so goes off duty. `window_keys` takes what is typed at the window; None where nobody listens.

    Main thread, but for `begin` and `reports`. Implements ports.View: devices that are told something see every state; and
    ports.DeviceBoard.
    """

    def __init__(
        self,
        configured: Sequence[DeviceConfig],
        controller: Controller,
        clock: Clock,
        post: Callable[[Callable[[], None]], None],
        told: Callable[[str, str], None],
        crashed: Callable[[BaseException], None],
        key: Callable[[str], None],
        scheduler: Scheduler,
        place: Place | None,
        log_out_on_removal: bool = False,
    ) -> None:
        self._configured = configured
        self._controller = controller
        self._post = post
        self._told = told
        self._crashed = crashed
        self._key = key
        self._logs_out = log_out_on_removal
        self._cards: dict[str, str] = {}
        self._role = {device.name: device.driver.role for device in configured}
        self.readers: dict[str, SupervisedReader] = {}
        self.window_keys = _window_keys(configured)
        self._evaluators = {
            device.name: Evaluator(
                device.name,
                len(device.driver.levels),
                device.driver.prompts,
                clock,
                controller.handle,
                partial(self._write, device.name),
            )
            for device in configured
            if device.driver.role == "button_evaluator"
        }
        self._printers = {
            device.name: ReceiptPrinter(
                place,
                clock,
                scheduler,
                _render,
                device.driver.prompts.ask,
                partial(self._write, device.name),
                partial(told, device.name),
            )
            for device in configured
            if place and device.driver.role == "receipt_printer"
        }

    def begin(self) -> None:
        """Start a reader for each; on any thread. Once, but after an error again: what has begun goes on."""
        from device_drivers.reader import SupervisedReader

        for device in self._configured:
            if device.name in self.readers:
                continue
            self.readers[device.name] = SupervisedReader(
                self._driver(device),
                device.address,
                lambda frame: self._post(partial(self._frame, frame)),
                name=device.name,
                on_error=self._crashed,
                on_bad_frame=lambda name, bad: self._post(partial(self._bad_frame, name, bad)),
                on_status=lambda status: self._post(partial(self._changed, status)),
            )
            self.readers[device.name].start()

    def _driver(self, device: DeviceConfig) -> "DriverSpec":
        """What is typed at the window comes from there."""
        at_window = device.address == WINDOW and self.window_keys
        return device.driver._replace(open=at_window.open) if at_window else device.driver

    def stop(self, deadline_s: float) -> None:
        """End every reader; each has the deadline in seconds."""
        for name, reader in self.readers.items():
            if not reader.stop(deadline_s):
                log.warning("%s did not stop in time", name)

    def reports(self) -> Sequence[DeviceReport]:
        """How each device is, now."""
        readers = self.readers
        return tuple(
            _report(device, readers[device.name].status(), self._remedy(device.name))
            for device in self._configured
            if device.name in readers
        )

    def _remedy(self, name: str) -> str:
        """What to do about a device whose line is open."""
        return self._printers[name].remedy if name in self._printers else ""

    def print_sheet(self, title: str, lines: Sequence[str]) -> int:
        """Have every printer that listens print this; how many do."""
        from device_drivers import escpos

        printers = [device.name for device in self._configured if device.driver.role == "receipt_printer"]
        return sum(self._write(name, escpos.sheet(title, lines)) for name in printers)

    def show(self, state: s.Terminal) -> None:
        views: list[View] = [*self._evaluators.values(), *self._printers.values()]
        for view in views:
            view.show(state)

    def _write(self, name: str, data: bytes) -> bool:
        reader = self.readers.get(name)
        return reader is not None and reader.write(data)

    def _frame(self, frame: "DeviceFrame") -> None:
        match frame.role:
            case "card_reader":
                self._card_reader_said(frame.device, frame.payload.decode("ascii"))
            case "button_evaluator":
                self._evaluator_said(frame)
            case "keypad":
                self._key(frame.payload.decode("ascii").removeprefix("key="))
            case "receipt_printer" if frame.device in self._printers:
                self._printers[frame.device].said(frame.payload.decode("ascii").removeprefix("status="))
            case "barcode_scanner":
                self._controller.ticket_read(frame.payload, "scanner", frame.device)
            case "case_ticket":
                self._ticket_line_said(frame)

    def _card_reader_said(self, device: str, said: str) -> None:
        if said != "removed":
            self._cards[device] = said
            self._controller.card_read(said)
            return
        uid = self._cards.pop(device, None)
        if self._logs_out:
            self._controller.card_removed(uid)

    def _ticket_line_said(self, frame: "DeviceFrame") -> None:
        command = read_command(frame.payload)
        if command:
            self._controller.command(command)
        else:
            self._controller.ticket_read(frame.payload, "serial", frame.device)

    def _evaluator_said(self, frame: "DeviceFrame") -> None:
        what, _, value = frame.payload.decode("ascii").partition("=")
        if what == "stars":
            self._evaluators[frame.device].pressed(Level(int(value)), frame.answer)
        else:
            self._write(frame.device, frame.answer)

    def _bad_frame(self, name: str, bad: "BadFrame") -> None:
        role = self._role[name]
        if role == "card_reader":
            self._controller.handle(s.CardLaid(None))
        elif role in ("barcode_scanner", "case_ticket") and bad.reason != "garbage":
            self._controller.handle(s.TicketUnreadable(Refusal.MALFORMED))

    def _changed(self, status: "DeviceStatus") -> None:
        if status.state in ("connected", "connecting"):
            self._told(status.name, "")
        else:
            log.warning("%s: %s. %s", status.name, status.state, status.remedy)
            self._told(status.name, status.state)
        if status.state == "connected" and status.name in self._evaluators:
            self._evaluators[status.name].connected()
        if printer := self._printers.get(status.name):
            printer.connected() if status.state == "connected" else printer.lost()


def _window_keys(configured: Sequence[DeviceConfig]) -> "WindowKeys | None":
    """Where the window puts what is typed at it; None where no scanner is configured to type there."""
    if not any(device.address == WINDOW for device in configured):
        return None
    from device_drivers.window_keys import WindowKeys

    return WindowKeys()


def _report(device: DeviceConfig, status: "DeviceStatus", remedy: str) -> DeviceReport:
    last_good_s = status.last_good_frame_mono_s
    return DeviceReport(
        name=device.name,
        role=device.driver.role,
        driver=device.driver.name,
        address=device.address,
        state=status.state,
        remedy=status.remedy or remedy,
        since_ms=round(status.since_mono_s * 1000),
        last_good_ms=None if last_good_s is None else round(last_good_s * 1000),
        frames=status.frames,
        bad_frames=status.bad_frames,
        last_bad=status.last_bad,
        last_bytes=status.last_bytes,
    )


def _render(receipt: CaseReceipt) -> bytes:
    from device_drivers import escpos

    return escpos.receipt(receipt.title, receipt.lines, receipt.address, receipt.explanation)
