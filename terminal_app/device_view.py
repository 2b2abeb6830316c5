"""How the devices of a running terminal are, for commands on the same machine: one JSON object per connection, read-only.

A local socket without a file (Linux, abstract namespace), named after the data folder. It answers the service user and root
alone, hears nothing of what it is sent, and says nothing that a device read but masked (ports.DeviceReport).
"""

import hashlib
import json
import logging
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from device_drivers.transport import StopSignal
from terminal_app.ports import DeviceBoard

log = logging.getLogger(__name__)

_PATIENCE_S = 2.0
_CREDENTIALS = struct.Struct("3i")
_CHUNK = 1 << 16


class NotRunning(Exception):
    """No terminal answers for this data folder."""


def _name(data_dir: Path) -> str:
    digest = hashlib.sha256(os.fsencode(os.path.realpath(data_dir))).hexdigest()
    return f"\0rating-terminal-devices-{digest[:32]}"


def _user_at_the_other_end(connection: socket.socket) -> int:
    sent = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(sent)[1])


class DeviceView:
    """Answers for one terminal, on a thread of its own; `crashed` gets an error that nobody expected there."""

    def __init__(self, board: DeviceBoard, data_dir: Path, crashed: Callable[[BaseException], None]) -> None:
        self._board = board
        self._crashed = crashed
        self._name = _name(data_dir)
        self._stop = StopSignal()
        self._thread = threading.Thread(target=self._run, name="device-view", daemon=True)

    def start(self) -> None:
        """Begin to answer. Where that is not possible the terminal goes on without it, and the log says so."""
        self._thread.start()

    def stop(self, deadline_s: float) -> bool:
        """End the thread; False when it did not within `deadline_s` seconds."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(self._name)
                listener.listen(4)
                self._serve(listener)
        except OSError as error:
            log.warning("devices cannot be watched from other programs: %s", error.strerror)
        except Exception as error:  # noqa: BLE001 - a bug; it takes the crash path
            self._crashed(error)

    def _serve(self, listener: socket.socket) -> None:
        while not self._stop.is_set():
            if listener.fileno() in select.select([listener.fileno(), self._stop.fileno()], [], [])[0]:
                connection, _ = listener.accept()
                with connection:
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE_S)
        try:
            if _user_at_the_other_end(connection) in (0, os.getuid()):
                connection.sendall(self._text())
        except OSError as error:
            log.info("whoever asked for the devices went away: %s", error.strerror or "no patience")

    def _text(self) -> bytes:
        now_ms = time.monotonic_ns() // 1_000_000
        devices = []
        for report in self._board.reports():
            values = asdict(report)
            since_ms, last_good_ms = values.pop("since_ms"), values.pop("last_good_ms")
            values["for_s"] = _seconds(now_ms - since_ms)
            values["quiet_s"] = None if last_good_ms is None else _seconds(now_ms - last_good_ms)
            devices.append(values)
        return json.dumps({"devices": devices}, ensure_ascii=False).encode()


def _seconds(milliseconds: int) -> float:
    return max(0, milliseconds) / 1000


def read_view(data_dir: Path) -> list[dict[str, Any]]:
    """What the terminal of this data folder says of its devices: the fields of DeviceReport, with `for_s` and `quiet_s`
    (seconds, None: no good frame yet) in place of its times. Raises NotRunning."""
    parts = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE_S)
        try:
            connection.connect(_name(data_dir))
            if _user_at_the_other_end(connection) not in (os.stat(data_dir).st_uid, os.getuid()):
                raise NotRunning
            while part := connection.recv(_CHUNK):
                parts.append(part)
        except OSError as error:
            raise NotRunning from error
    if not parts:
        raise NotRunning
    found: list[dict[str, Any]] = json.loads(b"".join(parts))["devices"]
    return found
