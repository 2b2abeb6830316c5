"""Nobody on duty: the idle screen without a person. Tickets are rated all the same."""

from ui.screens.idle import IdleScreen


class NobodyScreen(IdleScreen):
    """Same places, other words."""
