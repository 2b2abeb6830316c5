"""Out of order, locked or not enrolled: one sentence, the window's code, the service number. Never an error code."""

from ui.screens.message import MessageScreen


class OutOfOrderScreen(MessageScreen):
    """A message with no control at all."""
