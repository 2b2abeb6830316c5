"""A control as a value. Every view is made of them."""

from terminal_app.domain.frozen import frozen
from terminal_app.domain.session import Event


@frozen
class ButtonView:
    """A control: name, text, the event that it sends (None: it only turns a page), and what a screen reader says."""

    name: str
    text: str
    event: Event | None
    enabled: bool = True
    spoken: str = ""

    @property
    def accessible(self) -> str:
        return self.spoken or self.text
