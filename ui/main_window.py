"""The kiosk window: shows the state of the terminal, and turns one finger into events.

Main thread only. It decides nothing about ratings: every event goes to `send`, every picture comes from `derive_view`.
Keeping the screen from blanking and restarting the process are the system's (see the sample unit in docs).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from terminal_app.domain.session import Event, ScreenTouched, StarTapped, Terminal, VoiceChosen
from terminal_app.ports import Clock
from ui import theme
from ui.bridge import Once
from ui.contact import BLANK, ContactGate
from ui.layout import cut_bottom, cut_top
from ui.look import Look
from ui.screens.base import Screen
from ui.settings import DisplaySettings
from ui.surface import Surface
from ui.view_state import derive_view
from ui.views import ButtonView, Facts, ViewState
from ui.widgets.banner import Banner
from ui.widgets.control import Control
from ui.widgets.footer import Footer
from ui.widgets.header import Header
from ui.widgets.veil import Veil
from ui.wording import wording

DEFAULT_CANVAS = (1280, 800)
_MINUTE_MS = 60_000
_ARROWS = {"left": -1, "up": -1, "right": 1, "down": 1}
_NUMBERED = ("star-", "reason-", "scope-", "case-")
_DIGITS = {str(digit): digit for digit in range(1, 6)}


class Spoken(Protocol):
    """Whoever says what is on the screen."""

    def show(self, state: Terminal, view: ViewState) -> None:
        """Another picture is on the screen."""
        ...

    def focus(self, button: ButtonView) -> None:
        """The keypad's mark stands on this control."""
        ...

    def repeat(self) -> None:
        """Somebody asks where they are."""
        ...

    def no_meaning(self) -> None:
        """A key did nothing."""
        ...

    def page_turned(self) -> None:
        """Another page of the same screen is shown."""
        ...


class KioskWindow:
    """Implements ports.View. `send` takes every event; `clock` is the assembly's.

    `on_painted(screen, detail)` is called after a change is really on the screen: detail is `screen` for another screen,
    `update` for a change within it, `pressed:NAME` and `released:NAME` for a control under the finger.
    """

    def __init__(self, send: Callable[[Event], None], facts: Facts, settings: DisplaySettings, clock: Clock) -> None:
        self._send = send
        self._facts = facts
        self._settings = settings
        self._clock = clock
        self._gate = ContactGate(settings.min_contact_ms)
        self._state: Terminal | None = None
        self._view: ViewState | None = None
        self._look: Look | None = None
        self._screens: dict[str, Screen] = {}
        self._current: Screen | None = None
        self._pressed: Control | None = None
        self._highlighted: Control | None = None
        self._news: list[tuple[str, str]] = []
        self._uncalled: list[str] | None = []
        self._opened: Callable[[], None] = lambda: None
        self.on_painted: Callable[[str, str], None] | None = None
        self._voice: Spoken | None = None
        self.widget = Surface(self, settings)
        self._header = Header(self.widget)
        self._footer = Footer(self.widget, clock.mono_ms)
        self._banner = Banner(self.widget)
        self._veil = Veil(self.widget, clock.mono_ms)
        self._minute = Once(self.widget, self._tell_time)
        self._next = Once(self.widget, self._build_next)
        self.widget.resize(*(settings.canvas or DEFAULT_CANVAS))

    # --- what the assembly calls --------------------------------------------------------------------------------

    def open(self, opened: Callable[[], None] = lambda: None) -> None:
        """Put the window on the screen; `opened` is called once, when the first picture is there."""
        self._opened = opened
        self.widget.after_paint = self._first_painted
        if self._settings.fullscreen:
            self.widget.cover_screen()
        else:
            self.widget.setFixedSize(*(self._settings.canvas or DEFAULT_CANVAS))
            self.widget.show()

    def speak_with(self, voice: Spoken) -> None:
        """Let `voice` follow from now on."""
        self._voice = voice
        if self._state is not None and self._view is not None:
            voice.show(self._state, self._view)

    def close(self) -> None:
        """End every part of the window, now and on this thread: the garbage collector would do it on whichever it runs."""
        self.widget.hide()
        Shiboken.delete(self.widget)

    def show(self, state: Terminal) -> None:
        """Show this state; the next picture waits until the stars have taken their last change."""
        self._state = state
        if not self._is_held():
            self._apply()

    def update_facts(self, facts: Facts) -> None:
        """The hall, the connection or a device changed."""
        if facts != self._facts:
            self._facts = facts
            if self._state is not None and not self._is_held():
                self._apply()

    # --- what benches, the crowd and tests ask ------------------------------------------------------------------

    @property
    def screen_name(self) -> str:
        """The screen that is shown: that of the view, or `notice`; empty before the first."""
        if self._view is None:
            return ""
        return "notice" if self._view.notice else self._view.screen

    @property
    def view(self) -> ViewState | None:
        return self._view

    @property
    def takes_input(self) -> bool:
        """Whether a contact that began now could choose something."""
        return self._acts() and not self._gate.is_guarded(self._clock.mono_ms())

    def controls(self) -> list[Control]:
        """Everything on the screen that can be touched, in reading order."""
        return list(self._taking())

    def _taking(self) -> Iterator[Control]:
        screen = self._current.controls() if self._current else []
        return filter(_takes, (*screen, *self._footer.controls()))

    def target_point(self, name: str) -> QPoint | None:
        """The middle of a control that can be touched, in global pixels; None when it is not there."""
        for control in self.controls():
            if control.objectName() == name:
                return control.mapToGlobal(control.target().center())
        return None

    # --- pictures -----------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        assert self._state is not None
        view = derive_view(self._state, self._facts)
        before, self._view = self._view, view
        look = Look(self.widget.width(), self.widget.height(), view.large_print, theme.THEMES[view.theme])
        if before is not None and look == self._look and replace(view, still=before.still) == before:
            return
        self._look = look
        changed = before is None or view.picture != before.picture
        if changed and before is not None:
            self._forget_contact()
        self._paint_view(view, look, before)
        if changed and self._current is not None:
            self._current.setAccessibleName(view.spoken)
            self._call_out(view.spoken)
        if before is None or view.banner != before.banner:
            self._call_out(view.banner)
        if self._voice:
            self._voice.show(self._state, view)
        self._announce("screen" if changed else "update")

    def _call_out(self, text: str) -> None:
        """To tools that read aloud, once there is a picture."""
        if self._uncalled is not None:
            self._uncalled.append(text)
            return
        from ui.announcer import announce  # a start does without Qt's words for such tools, which are many

        announce(self.widget, text)

    def _paint_view(self, view: ViewState, look: Look, before: ViewState | None) -> None:
        self.widget.stand_on(look.color("paper"))
        self._header.show_header(view.header, look)
        self._footer.show_footer(view.footer, look)
        if before is None or before.picture[3:] != view.picture[3:]:
            self._tell_time()
        room = self._arrange(look)
        screen = self._screen(self.screen_name)
        if screen.geometry() != room:
            screen.setGeometry(room)
        screen.tell_minute(int(self._clock.local_time()[14:16]))
        screen.fill(view.notice or view.body, look)
        if screen is not self._current:
            old, self._current = self._current, screen
            screen.show()
            if old:
                old.hide()
        self._banner.show_banner(view.banner, look, self._header.geometry())
        self._veil.follow(look)

    def _arrange(self, look: Look) -> QRect:
        """Place header and footer; the room between them."""
        header, rest = cut_top(look.canvas, self._header.height_in(look))
        footer, room = cut_bottom(rest, self._footer.height_in(look))
        for widget, place in ((self._header, header), (self._footer, footer)):
            if widget.geometry() != place:
                widget.setGeometry(place)
        self._header.arrange(look)
        self._footer.arrange(look)
        return room

    def _screen(self, name: str) -> Screen:
        """The screen of this name, built when it is first needed."""
        if name not in self._screens:
            screen = self._build(name)
            screen.hide()
            screen.stackUnder(self._banner)
            self._veil.raise_()
            self._screens[name] = screen
        return self._screens[name]

    def _build(self, name: str) -> Screen:
        parent: QWidget = self.widget
        if name == "idle":
            from ui.screens.idle import IdleScreen

            return IdleScreen(parent)
        if name == "nobody":
            from ui.screens.nobody import NobodyScreen

            return NobodyScreen(parent)
        return self._build_later(name)

    def _build_later(self, name: str) -> Screen:
        """Screens that no cold start needs."""
        from ui.screens import login, menu, notice, out_of_order, paused, rate, reasons, thanks

        if name == "rate":
            return rate.RateScreen(self.widget, self._swept)
        if name == "reasons":
            return reasons.ReasonsScreen(self.widget, self._page_turned)
        if name in ("scope", "cases"):
            from ui.screens import cases, scope

            return scope.ScopeScreen(self.widget) if name == "scope" else cases.CasesScreen(self.widget, self._page_turned)
        if name == "pin":
            from ui.screens import pin

            return pin.PinScreen(self.widget)
        if name == "administration":
            from ui.screens import administration

            return administration.AdministrationScreen(self.widget, self._page_turned)
        plain: dict[str, type[Screen]] = {
            "thanks": thanks.ThanksScreen,
            "login": login.LoginScreen,
            "menu": menu.MenuScreen,
            "notice": notice.NoticeScreen,
            "paused": paused.PausedScreen,
            "out_of_order": out_of_order.OutOfOrderScreen,
        }
        return plain[name](self.widget)

    def _first_painted(self) -> None:
        """The first picture is there: build what comes next while nobody waits."""
        self._news = [(self.screen_name, "screen")]
        self._tell_news()
        self._opened()
        self._next.start(0)

    def _build_next(self) -> None:
        uncalled, self._uncalled = self._uncalled or (), None
        for text in uncalled:
            self._call_out(text)
        for name in ("rate", "thanks", "reasons", "notice"):
            if name not in self._screens:
                self._screen(name)
                self._next.start(0)
                return

    def _is_held(self) -> bool:
        """Whether the stars are still taking their last change, which the eye should see."""
        return getattr(self._current, "is_sweeping", False)

    def _swept(self) -> None:
        if self._state is not None:
            self._apply()

    def _page_turned(self) -> None:
        if self._voice:
            self._voice.page_turned()
        self._forget_contact()
        self._announce("screen")

    def _tell_time(self) -> None:
        """Date and time in the header, again at the next full minute."""
        if self._view is None:
            return
        wall = self._clock.local_time()
        say = wording(self._view.language)
        month, day, seconds = int(wall[5:7]), int(wall[8:10]), float(wall[17:23])
        weekday = _weekday(int(wall[:4]), month, day)
        date = say("clock.date", month=say(f"clock.month_{month}"), day=day, weekday=say(f"clock.weekday_{weekday}"))
        self._minute.start(max(1, round(_MINUTE_MS - seconds * 1000)))
        self._header.show_clock(date, wall[11:16])
        if self._current is not None:
            self._current.tell_minute(int(wall[14:16]))

    # --- one finger ---------------------------------------------------------------------------------------------

    def _acts(self) -> bool:
        return self._view is not None and not self._view.still and not self._is_held() and self._veil.isHidden()

    def _hit(self, at: QPoint) -> Control | None:
        """What is at a point; controls never overlap, so the one under the finger is looked at first."""
        if self._pressed and _takes(self._pressed) and self._is_at(self._pressed, at):
            return self._pressed
        return next((control for control in self._taking() if self._is_at(control, at)), None)

    def _is_at(self, control: Control, at: QPoint) -> bool:
        return control.target().contains(control.mapFrom(self.widget, at))

    def _target(self, at: QPoint) -> str:
        control = self._hit(at)
        return control.objectName() if control else BLANK

    def finger_down(self, at: QPoint) -> None:
        self._release_look()
        if not self._acts():
            self._gate.cancel()
            return
        control = self._hit(at)
        if self._gate.press(control.objectName() if control else BLANK, self._clock.mono_ms()) and control:
            self._pressed = control
            control.press_look(True)
            self._announce(f"pressed:{control.objectName()}")

    def finger_moved(self, at: QPoint) -> None:
        if self._pressed:
            self._pressed.press_look(self._gate.is_inside(self._target(at)))

    def finger_up(self, at: QPoint) -> None:
        """Chooses first and paints afterwards, so that nothing keeps the entry waiting."""
        if not self._acts():
            self._gate.cancel()
        else:
            target = self._gate.release(self._target(at), self._clock.mono_ms())
            if target == BLANK:
                self._touch_blank()
            elif target is not None and self._pressed:
                self._choose(self._pressed)
        self._release_look()

    def finger_lost(self) -> None:
        self._gate.cancel()
        self._release_look()

    def resized(self) -> None:
        if self._state is not None and not self._is_held():
            self._apply()

    def _release_look(self) -> None:
        if self._pressed:
            self._pressed.press_look(False)
            self._announce(f"released:{self._pressed.objectName()}")
            self._pressed = None

    def _forget_contact(self) -> None:
        self._gate.screen_changed(self._clock.mono_ms())
        self._release_look()
        self._highlight(None)

    def _touch_blank(self) -> None:
        if self._view and self._view.blank:
            self._send(self._view.blank)

    def _choose(self, control: Control, source: str = "touch") -> None:
        if control.view is None:
            return
        event = control.view.event
        if isinstance(event, StarTapped):
            event = replace(event, source=source)
        if event is not None:
            self._send(event)
        elif control.objectName() == "clean" and self._view and self._look:
            self._veil.fall(wording(self._view.language)("cleaning.title"), self._look)
        elif self._current is not None:
            self._current.turn_page(control.objectName())
            self._send(ScreenTouched())

    # --- a keypad -----------------------------------------------------------------------------------------------

    def keypad_pressed(self, key: str) -> None:
        """A key of the keypad: `1` to `5` choose what is numbered on the screen, `up`, `down`, `left` and `right` move, `enter`
        chooses, `back` leaves, `0` has it said again, or aloud again. What a keyboard types never comes here."""
        if key == "0" and self._voice and self._view:
            self._voice.repeat() if self._view.voice else self._send(VoiceChosen(True))
        if not self.takes_input or self._current is None:
            return
        if key in _DIGITS:
            self._press_number(_DIGITS[key])
        elif key in _ARROWS:
            self._move_highlight(_ARROWS[key])
        elif key == "enter":
            self._press_key(self._highlighted or self._by_role("primary"))
        elif key == "back":
            self._press_key(self._by_role("secondary"))

    def _by_role(self, role: str) -> Control | None:
        assert self._current is not None
        finish = next((control for control in self._footer.controls() if control.objectName() == "finish"), None)
        return (self._current.primary() if role == "primary" else self._current.secondary()) or finish

    def _press_number(self, number: int) -> None:
        numbered = [control for control in self.controls() if control.objectName().startswith(_NUMBERED)]
        self._press_key(numbered[number - 1] if number <= len(numbered) else None)

    def _press_key(self, control: Control | None) -> None:
        if control and control.isEnabled() and not control.isHidden():
            self._choose(control, source="keypad")
        elif self._voice:
            self._voice.no_meaning()

    def _move_highlight(self, by: int) -> None:
        offered = self.controls()
        if not offered:
            return
        start = -1 if by > 0 else 0
        at = offered.index(self._highlighted) if self._highlighted in offered else start
        self._highlight(offered[(at + by) % len(offered)])

    def _highlight(self, control: Control | None) -> None:
        if self._highlighted is not None:
            self._highlighted.highlight(False)
        self._highlighted = control
        if control is not None:
            control.highlight(True)
            if self._voice and control.view:
                self._voice.focus(control.view)

    # --- news of the paint --------------------------------------------------------------------------------------

    def _announce(self, detail: str) -> None:
        if self.on_painted is None:
            return
        self._news.append((self.screen_name, detail))
        if self.widget.after_paint is None:
            self.widget.after_paint = self._tell_news

    def _tell_news(self) -> None:
        news, self._news = self._news, []
        for screen, detail in news:
            if self.on_painted:
                self.on_painted(screen, detail)


def _takes(control: Control) -> bool:
    """Whether a control takes a touch at all."""
    return control.isEnabled() and not control.isHidden()


def _weekday(year: int, month: int, day: int) -> int:
    """ISO weekday, 1 Monday … 7 Sunday."""
    from datetime import date

    return date(year, month, day).isoweekday()
