"""The voice of one window: follows its pictures and the keypad's mark, and hands over what is to be said.

Main thread only; it neither reads files nor waits. An error in here ends the voice, never a rating.
"""

import logging
import traceback
from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QWidget

from terminal_app.domain.session import Terminal
from ui.bridge import Once
from ui.views import ButtonView, ViewState
from ui.voice import script
from ui.voice.script import Picture, Utterance

log = logging.getLogger(__name__)


class Mouth(Protocol):
    """Whatever says an utterance."""

    def say(self, language: str, utterance: Utterance) -> None:
        """Say this instead of what is being said; nothing: be quiet. Never waits."""
        ...


class Voice:
    """`private`: it is heard in earphones only. `owner` is the window's widget, with which its timer ends."""

    def __init__(self, mouth: Mouth, private: bool, owner: QWidget, now_ms: Callable[[], int]) -> None:
        self._mouth = mouth
        self._private = private
        self._now_ms = now_ms
        self._picture: Picture | None = None
        self._warn_at: int | None = None
        self._warning = Once(owner, partial(self._guarded, self._warn))
        self._works = True

    def show(self, state: Terminal, view: ViewState) -> None:
        """Follow a picture that is on the screen."""
        if not view.still:
            self._guarded(partial(self._follow, Picture(state, view)))

    def focus(self, button: ButtonView) -> None:
        """The keypad's mark stands on this control."""
        self._guarded(lambda: self._say(script.focus(self._picture, button, self._private) if self._picture else ()))

    def repeat(self) -> None:
        """Somebody asks where they are."""
        self._guarded(self._repeat)

    def no_meaning(self) -> None:
        """A key did nothing. Only earphones tell: what a key does differs by screen, and a screen may show a choice."""
        if self._private:
            self._guarded(self._repeat)

    def page_turned(self) -> None:
        """Another page of the same screen is shown. Only some screens have pages, so a loudspeaker keeps silent."""
        if self._private and self._picture and self._picture.view.voice:
            self._guarded(lambda: self._say(("private-page",)))

    def _guarded(self, act: Callable[[], None]) -> None:
        if not self._works:
            return
        try:
            act()
        except Exception as error:  # noqa: BLE001 - logged below; a rating goes on without a voice
            self._works = False
            where = "".join(traceback.format_tb(error.__traceback__))
            log.critical("the voice ended: %s at\n%s", type(error).__name__, where)

    def _follow(self, picture: Picture) -> None:
        before, self._picture = self._picture, picture
        if before and before.view.voice and not picture.view.voice:
            self._mouth.say(picture.view.language, ())
        else:
            self._say(script.news(before, picture, self._private))
        self._wind(picture)

    def _say(self, utterance: Utterance) -> None:
        if utterance and self._picture:
            self._mouth.say(self._picture.view.language, utterance)

    def _repeat(self) -> None:
        if self._picture and self._picture.view.voice:
            self._say(script.where_we_are(self._picture, self._private))

    def _wind(self, picture: Picture) -> None:
        """Set the timer of the warning, once for each end of time."""
        at = script.warning_at(picture, self._private)
        if at == self._warn_at:
            return
        self._warn_at = at
        self._warning.stop()
        if at is not None and at > self._now_ms():
            self._warning.start(at - self._now_ms())

    def _warn(self) -> None:
        if self._picture:
            self._say(script.warning(self._picture))
