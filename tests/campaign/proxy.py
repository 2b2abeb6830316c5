"""A TCP proxy between kiosk and platform, with weather: it delays, throttles, cuts, resets, swallows and refuses."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to bytes. `cut_…`: after so many bytes of a request or an answer the connection is closed, or reset.

    `delay_s`: each piece comes later. `bytes_per_s`: no faster than that. `black_hole`: bytes are taken and go nowhere.
    `refuses`: a connection is closed as soon as it is made.
    """

    delay_s: float = 0.0
    bytes_per_s: int | None = None
    cut_request_after: int | None = None
    cut_answer_after: int | None = None
    resets: bool = False
    black_hole: bool = False
    refuses: bool = False


FAIR = Weather()


class _Cut(Exception):
    """The connection ends here."""


class Proxy:
    """Listens at `url`, forwards to `upstream` (a port on loopback). `weather` may be changed at any time.

    `harm` is called with a word for every fault that really met bytes. `on_answer`: called once, on the connection's thread,
    with the first piece of an answer to an upload in hand, before anything of it goes on: the platform has stored what it
    answers for. `on_upload`: called once, after an upload's first piece went on to the platform.
    """

    def __init__(self, harm: Callable[[str], None]) -> None:
        self._harm = harm
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._weather = FAIR
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._doomed: set[socket.socket] = set()
        self.upstream = 0
        self.on_answer: Callable[[], None] | None = None
        self.on_upload: Callable[[], None] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def weather(self) -> Weather:
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        """Connections that lost bytes in a black hole end with it."""
        self._weather = weather
        with self._guard:
            doomed, self._doomed = (set(), self._doomed) if weather.black_hole else (self._doomed, set())
        for end in doomed:
            _shut(end)

    def close(self) -> None:
        """Take no more connections, and end all."""
        _shut(self._listener)
        self._listener.close()
        with self._guard:
            for end in self._open:
                _shut(end)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, self._known(client):
            if self._weather.refuses:
                self._harm("connection refused")
                _reset(client)
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream), timeout=5)
            except OSError:
                _reset(client)
                return
            server.settimeout(None)
            with server, self._known(server):
                uploading = threading.Event()
                answers = threading.Thread(target=self._pump, args=(server, client, False, uploading), daemon=True)
                answers.start()
                self._pump(client, server, True, uploading)
                answers.join()

    @contextlib.contextmanager
    def _known(self, end: socket.socket) -> Iterator[None]:
        with self._guard:
            self._open.add(end)
        try:
            yield
        finally:
            with self._guard:
                self._open.discard(end)
                self._doomed.discard(end)

    def _pump(self, source: socket.socket, target: socket.socket, is_request: bool, uploading: threading.Event) -> None:
        """Until one side ends. `uploading`: whether the connection's last request is an upload."""
        try:
            while data := source.recv(_CHUNK):
                begins = is_request and data.startswith((b"POST ", b"GET "))
                if begins:
                    (uploading.set if data.startswith(b"POST /v1/entries") else uploading.clear)()
                if not is_request and uploading.is_set():
                    self._answered()
                self._forward(data, source, target, is_request)
                if begins and uploading.is_set():
                    self._uploaded()
        except (OSError, _Cut):
            pass
        _shut(source)
        _shut(target)

    def _answered(self) -> None:
        if self.on_answer is not None:
            act, self.on_answer = self.on_answer, None
            act()

    def _uploaded(self) -> None:
        if self.on_upload is not None:
            act, self.on_upload = self.on_upload, None
            act()

    def _forward(self, data: bytes, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        weather = self._weather
        if weather.black_hole:
            self._harm("bytes swallowed")
            with self._guard:
                self._doomed |= {source, target}
            return
        if weather.delay_s:
            self._harm("bytes delayed")
            time.sleep(weather.delay_s)
        cut = weather.cut_request_after if is_request else weather.cut_answer_after
        self._send(data if cut is None else data[:cut], target, weather.bytes_per_s)
        if cut is not None:
            what = "request" if is_request else "answer"
            self._harm(f"{what} reset" if weather.resets else f"{what} cut")
            if weather.resets:
                _reset(source)
                _reset(target)
            raise _Cut

    def _send(self, data: bytes, target: socket.socket, bytes_per_s: int | None) -> None:
        if bytes_per_s is None:
            target.sendall(data)
            return
        self._harm("bytes throttled")
        step = max(1, bytes_per_s // 50)
        for start in range(0, len(data), step):
            target.sendall(data[start : start + step])
            time.sleep(step / bytes_per_s)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def _reset(end: socket.socket) -> None:
    """RST instead of FIN, now."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
