"""Paused: the window has paused; where to go instead."""

from ui.screens.message import MessageScreen


class PausedScreen(MessageScreen):
    """A message with the staff's way back in below it."""
