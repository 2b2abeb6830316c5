"""How one terminal's display and input are set up. Data only."""

from terminal_app.domain.frozen import frozen


@frozen
class DisplaySettings:
    """`canvas`: width and height in pixels when not full screen (None: 1280×800).

    `touch_device`: names of the devices whose contacts count (None: every touch screen). `allow_mouse`: a mouse may choose
    as well, which a two-screen counter must not allow. `min_contact_ms`: shorter contacts are ghosts. `allow_close`: the window
    may be closed (demo on a desktop).
    """

    canvas: tuple[int, int] | None = None
    fullscreen: bool = True
    touch_device: tuple[str, ...] | None = None
    allow_mouse: bool = False
    min_contact_ms: int = 0
    hide_cursor: bool = True
    allow_close: bool = False
