"""Builds every part of the terminal and wires them: start and stop in order, with deadlines.

Start: Qt, data folder, state, first frame; then devices and delivery, whose imports must not delay the window.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from device_drivers.transport import WINDOW
from terminal_app import __version__
from terminal_app.application.case_receipt import Place
from terminal_app.application.controller import Controller
from terminal_app.application.documents import Identity, load_identity
from terminal_app.application.inside import Inside
from terminal_app.application.roster import Roster
from terminal_app.config import TerminalConfig
from terminal_app.devices import Devices
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import ClockQuality, Kind, Moment
from terminal_app.domain.turn import current_session
from terminal_app.domain.window_address import window_url
from terminal_app.domain.words_pass import make_pass
from terminal_app.housekeeping import Housekeeping
from terminal_app.ids import Uuid7Ids
from terminal_app.log_export import RecentLog
from terminal_app.office import Office
from terminal_app.pin_gate import PinGate
from terminal_app.ports import Link, SyncStatus, View
from terminal_app.store.opening import Store, open_store
from terminal_app.system_clock import SystemClock
from ui.bridge import Bridge
from ui.look import has_chinese_font
from ui.main_window import KioskWindow
from ui.posters import find_photos, read_posters
from ui.settings import DisplaySettings
from ui.views import Facts, Problem
from ui.wording import languages

if TYPE_CHECKING:
    from local_api.server import LocalApi
    from local_api.settings import ApiSettings
    from sync.worker import SyncWorker
    from terminal_app.config_voice import VoiceConfig
    from terminal_app.device_view import DeviceView
    from ui.voice.player import Player

STOP_S = 3.0
PICTURE_MS = 50
"""So long after an entry another screen is surely painted."""
FONT_MS = 1_000
"""So long after the first picture the window has a few milliseconds to ask which scripts its fonts can write."""
AGAIN_S = 2.0
"""A part that could not be started is tried again after this time, before the window has recovered."""
DELIVERY_PROBLEMS = {"wrong_certificate": Problem("certificate"), "not_authorised": Problem("key")}
"""What stops delivery until somebody acts; everything else heals by itself."""
NO_PLACE = Facts(hall="", window="", window_number="")

log = logging.getLogger(__name__)


class _Shown:
    """All that the state is shown to, the window first. Implements ports.View."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views

    def show(self, state: s.Terminal) -> None:
        for view in self._views:
            view.show(state)


class Kiosk:
    """Everything of one terminal, built and wired. `begin` starts what must not delay the first frame."""

    def __init__(self, config: TerminalConfig) -> None:
        self.config = config
        self.bridge = Bridge()
        self.recent_log = RecentLog()
        logging.getLogger().addHandler(self.recent_log)
        self.clock = SystemClock()
        self.ids = Uuid7Ids()
        self.store: Store = open_store(config.data_dir, self.clock, self.ids, app_version=__version__)
        self.identity: Identity | None = load_identity(self.store.documents)
        self.roster = Roster(self.identity.documents.staff if self.identity else None)
        self.controller = self._controller()
        self.facts = self._facts()
        self.window = KioskWindow(self.controller.handle, self.facts, _display(config), self.clock)
        self.devices = Devices(
            config.devices,
            self.controller,
            self.clock,
            self.bridge.post,
            self._device_told,
            self.crashed,
            self.window.keypad_pressed,
            self.bridge,
            _place(self.facts),
            config.log_out_on_removal,
        )
        self.office = self._office()
        self.controller.attend(self.office)
        self.controller.show_on(_Shown((self.window, self.devices, self.office)))
        self.store.start(self.bridge.post, self._appended, self.crashed)
        self.sync: SyncWorker | None = None
        self.local_api: LocalApi | None = None
        self.device_view: DeviceView | None = None
        self.player: Player | None = None
        self.housekeeping = Housekeeping(self.store, self._damage_found, self.crashed)
        self._beginning: threading.Thread | None = None
        self._stopping = threading.Event()
        self._revoked = False
        self._problems: dict[str, Problem] = {}

    def _controller(self) -> Controller:
        ports = (self.clock, self.ids, self.store.executor, self.roster, self.bridge)
        tickets = self.config.tickets
        if tickets is None:
            return Controller(*ports, self._first_state(), words_pass=self._words_pass)
        from terminal_app.application.ticket_check import TicketCheck

        check = TicketCheck(tickets.secret, tickets.window_s)
        return Controller(*ports, self._first_state(), check, words_pass=self._words_pass)

    def _words_pass(self, session: str) -> str | None:
        return make_pass(self.identity.record.device, session, self.store.key.sign) if self.identity else None

    def _first_state(self) -> s.Terminal:
        """Close whatever a stop left open, then stand where the window stood."""
        if self.identity is None:
            return initial(None, self.config.timing, default_language=self.config.display.language)
        found = self.store.recovered
        assert found is not None
        since = _elapsed_since(found.paused_since, self.clock) if found.paused_since else None
        return initial(
            self.identity.documents.rules,
            self.config.timing,
            self.roster.find(found.on_duty),
            since,
            default_language=self.config.display.language,
        )

    def _facts(self) -> Facts:
        if self.identity is None:
            return replace(NO_PLACE, **_looks(self.config))
        window, base = self.identity.record.window, self.config.platform_url.rstrip("/")
        return Facts(
            hall=window.hall,
            window=window.name,
            window_number=window.number,
            service_number=window.service_number,
            rating_url=self.config.rating_url or window_url(base, self.identity.record.device),
            receipt_base=base,
            **_looks(self.config),
        )

    def _office(self) -> Office:
        record = self.identity.record if self.identity else None
        begun = Inside(
            now_ms=self.clock.mono_ms(),
            wall=self.clock.local_time(),
            quality=ClockQuality.UNSYNCHRONISED,
            version=__version__,
            device=record.device if record else "",
            region=record.region if record else "",
            platform_url=self.config.platform_url,
            data_dir=str(self.config.data_dir),
            free_mib=0,
            stick=str(self.config.log_stick or ""),
        )
        return Office(
            begun,
            (self.facts.hall, f"{self.facts.window} {self.facts.window_number}"),
            self.devices,
            PinGate(self.store.pin_failures, self.clock, self.bridge.post, self.crashed),
            self.roster.pin_of,
            self.store.try_writing,
            self.devices.print_sheet,
            self.recent_log,
            lambda inside: self._tell_window(replace(self.facts, inside=inside)),
            self.clock,
            self.bridge,
            self.bridge.post,
            self.crashed,
        )

    # --- after the first frame ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start delivery and devices, once. Beside the window, which takes input meanwhile: their imports take a while."""
        if self._beginning is None:
            self._beginning = threading.Thread(target=self._begin_parts, name="begin", daemon=True)
            self._beginning.start()
            if self.store.salvaged:
                self._problem("damage", Problem("damage", str(self.store.salvaged.set_aside)))
            self._begin_typing()
            self.bridge.call_later(FONT_MS, self._look_for_font)

    def _begin_parts(self) -> None:
        parts = [self.devices.begin, self._begin_device_view]
        if self.identity is not None:
            parts.append(partial(self._begin_delivery, self.identity))
        if self.config.local_api is not None:
            parts.append(partial(self._begin_local_api, self.config.local_api))
        for part in (*parts, self.housekeeping.start):
            while not self._has_begun(part) and not self._stopping.wait(AGAIN_S):
                pass
        if self.config.voice is not None:
            self._begin_voice(self.config.voice)

    def _begin_typing(self) -> None:
        """Only where a scanner is configured to type at the window, and only scanners are."""
        if keys := self.devices.window_keys:
            from ui.typed_keys import TypedKeys

            alone = any(device.driver.exclusive for device in self.config.devices if device.address == WINDOW)
            TypedKeys(self.window.widget, keys, alone=alone)

    def _has_begun(self, begin: Callable[[], None]) -> bool:
        """Without one of its parts the window would be half dead: it stays out of order until the part is there."""
        try:
            begin()
        except Exception as error:  # noqa: BLE001 - a bug, or a machine without threads or memory; it takes the crash path
            self.crashed(error)
            return False
        return True

    def _begin_device_view(self) -> None:
        from terminal_app.device_view import DeviceView

        self.device_view = DeviceView(self.devices, self.config.data_dir, self.crashed)
        self.device_view.start()

    def _begin_delivery(self, identity: Identity) -> None:
        from sync.client import PlatformClient
        from sync.downloads import Downloads
        from sync.worker import SyncWorker

        ca_file = str(self.config.ca_file) if self.config.ca_file else None
        client = PlatformClient(self.config.platform_url, self.store.key.private, ca_file=ca_file)
        self.sync = SyncWorker(
            self.store.outbox,
            client,
            self.clock,
            heads=client,
            board=self.devices,
            downloads=Downloads(client, self.store.documents, identity.record.platform_key),
            on_status=lambda status: self.bridge.post(partial(self._delivery_changed, status)),
            on_documents=lambda _: self.bridge.post(self._documents_changed),
            kept_deadline=self.store.deadline,
            attended=lambda: current_session(self.controller.state.phase) is not None,
        )
        self.sync.start()

    def _begin_local_api(self, settings: "ApiSettings") -> None:
        from local_api.server import LocalApi, PortTaken

        api = LocalApi(settings, self.controller, self.bridge.post, self.crashed)
        self.bridge.post(partial(self.controller.tell, api.invitations))
        try:
            api.start()
        except PortTaken as taken:
            log.error("the local API does not listen at %d: %s. Free the port, or configure another", taken.port, taken)
            self.bridge.post(partial(self._problem, "local_api", Problem("local_api", str(taken.port))))
        self.local_api = api

    def _begin_voice(self, settings: "VoiceConfig") -> None:
        """Last of all, and not held against the window: it rates as well without a voice."""
        try:
            from ui.voice.player import Player, system_player
            from ui.voice.recordings import Recordings

            command = settings.player or system_player()
            told = partial(self._voice_told, command[0])
            self.player = Player(command, settings.volume / 100, Recordings(settings.recordings), told)
            self.player.start()
            self.bridge.post(partial(self._speak, self.player, private=settings.mode == "earphone"))
        except Exception as error:  # noqa: BLE001 - logged, and staff is told
            log.error("the voice cannot begin: %s", type(error).__name__)
            self._voice_told("", "failed")

    def _speak(self, player: "Player", *, private: bool) -> None:
        from ui.voice.voice import Voice

        self.window.speak_with(Voice(player, private, self.window.widget, self.clock.mono_ms))

    def _look_for_font(self) -> None:
        if not has_chinese_font():
            log.error("no font with Chinese characters: apt-get install fonts-noto-cjk")
            self._problem("font", Problem("font"))
            self.office.font_missing()

    def _appended(self, kind: Kind) -> None:
        """On the store's thread, after every durable entry. What opens a session waits until the stars are painted: somebody
        looks at the window, and delivery would take the interpreter from it."""
        if kind is Kind.SESSION_OPENED:
            self.bridge.post(partial(self.bridge.call_later, PICTURE_MS, self._wake_delivery))
        else:
            self._wake_delivery()

    def _wake_delivery(self) -> None:
        if self.sync:
            self.sync.wake()

    # --- what other threads tell --------------------------------------------------------------------------------

    def _device_told(self, name: str, state: str) -> None:
        self._problem(f"device {name}", Problem(f"device_{state}", name) if state else None)
        self._wake_delivery()

    def _voice_told(self, player: str, problem: str) -> None:
        """On the voice's thread."""
        found = Problem(f"voice_{problem}", player) if problem else None
        self.bridge.post(partial(self._problem, "voice", found))

    def _problem(self, part: str, problem: Problem | None) -> None:
        """Tell staff of a part that does not work, or None once it does."""
        self._problems.pop(part, None)
        if problem:
            self._problems[part] = problem
        self._tell_window(replace(self.facts, problems=tuple(self._problems.values())))

    def _delivery_changed(self, status: SyncStatus) -> None:
        self._tell_window(replace(self.facts, online=status.link is Link.ONLINE, backlog=status.pending))
        self.office.delivery_changed(status)
        self._problem("platform", DELIVERY_PROBLEMS.get(status.detail))
        self._problem("quarantine", Problem("quarantined", str(status.quarantined)) if status.quarantined else None)
        if status.link is Link.REVOKED and not self._revoked:
            self._revoked = True
            self.controller.handle(s.Revoked("revoked"))
        elif status.link is Link.ONLINE and self._revoked:
            self._revoked = False
            self.controller.handle(s.Reinstated())

    def _documents_changed(self) -> None:
        identity = load_identity(self.store.documents)
        if identity is not None:
            self.identity = identity
            self.roster.current = identity.documents.staff
            self.controller.handle(s.RulesChanged(identity.documents.rules))

    def _tell_window(self, facts: Facts) -> None:
        if facts != self.facts:
            self.facts = facts
            self.window.update_facts(facts)

    def _damage_found(self) -> None:
        self.bridge.post(partial(self._problem, "damage", Problem("suspect")))

    def crashed(self, error: BaseException) -> None:
        """An error nobody expected, on any thread: the window goes out of order and comes back by itself."""
        where = "".join(traceback.format_tb(error.__traceback__))
        log.critical("unexpected %s at\n%s", type(error).__name__, where)
        self.bridge.post(partial(self.controller.handle, s.FaultRaised("internal")))

    # --- the end ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop in order: no new input, what is being written, delivery. Every part has a deadline."""
        self._stopping.set()
        if self._beginning:
            self._beginning.join(STOP_S)
        if self.local_api and not self.local_api.stop(STOP_S):
            log.warning("the local API did not stop in time")
        if self.device_view:
            self.device_view.stop(STOP_S)
        if self.player and not self.player.stop(STOP_S):
            log.warning("the voice did not stop in time")
        self.devices.stop(STOP_S)
        if self.sync and not self.sync.stop(STOP_S):
            log.info("delivery still waited for the network; the next start goes on with it")
        self.housekeeping.stop(STOP_S)
        self.store.stop(STOP_S)
        self.bridge.close()
        self.window.close()
        logging.getLogger().removeHandler(self.recent_log)


def _place(facts: Facts) -> Place | None:
    """What a printed receipt says of this window; None without an address for its QR."""
    if not facts.rating_url:
        return None
    return Place(facts.hall, facts.window, facts.window_number, facts.service_number or "", facts.rating_url)


def _display(config: TerminalConfig) -> DisplaySettings:
    display = config.display
    return DisplaySettings(
        canvas=display.canvas,
        fullscreen=display.fullscreen,
        touch_device=display.touch_devices or None,
        allow_mouse=display.allow_mouse,
        min_contact_ms=display.min_contact_ms,
        hide_cursor=not display.allow_mouse,
        allow_close=not display.fullscreen,
    )


def _looks(config: TerminalConfig) -> dict[str, Any]:
    """What a window shows beside its place, as it is set up."""
    display = config.display
    return {
        "language": display.language,
        "languages": languages(),
        "high_contrast": display.high_contrast,
        "dark_idle": display.dark_idle,
        "posters": read_posters(display.posters),
        "photos": find_photos(display.photos),
        "speaks": config.voice.unasked if config.voice else None,
    }


def _elapsed_since(then: Moment, clock: SystemClock) -> int:
    """The monotonic time of `then`, worked out from wall time where the machine was restarted in between."""
    now = clock.moment()
    if then.boot == now.boot:
        return then.mono_ms
    elapsed = datetime.fromisoformat(now.wall) - datetime.fromisoformat(then.wall)
    return now.mono_ms - max(0, elapsed // timedelta(milliseconds=1))
