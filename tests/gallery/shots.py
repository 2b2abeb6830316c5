"""Pictures of the window: which there are, and how each is drawn. A picture depends on the state and the facts alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QApplication
from support.window_samples import CANVASES, LANGUAGES, FixedClock, samples

from terminal_app.domain.session import Terminal
from ui.main_window import KioskWindow
from ui.settings import DisplaySettings

MODES = ("normal", "large", "contrast")
SMALL_SET = (
    "idle",
    "nobody",
    "rate",
    "reasons-2",
    "recording",
    "thanks-2",
    "thanks-5",
    "login",
    "menu",
    "pin",
    "administration-overview",
    "administration-storage",
    "administration-devices",
    "administration-self-test",
    "paused",
    "out-of-order",
    "notice-already-rated",
)
PALETTE = 64


@dataclass(frozen=True)
class Shot:
    """One sample on one canvas in one mode and language."""

    name: str
    canvas: tuple[int, int]
    mode: str
    language: str

    @property
    def file(self) -> str:
        return f"{self.name}_{self.canvas[0]}x{self.canvas[1]}_{self.mode}_{self.language}.png"


def all_shots() -> list[Shot]:
    return [
        Shot(name, canvas, mode, language)
        for name in samples()
        for canvas in CANVASES
        for mode in MODES
        for language in LANGUAGES
    ]


def small_set() -> list[Shot]:
    """Each screen once per canvas, as it stands by default."""
    plain = ("normal", LANGUAGES[0])
    return [shot for shot in all_shots() if shot.name in SMALL_SET and (shot.mode, shot.language) == plain]


def kept_in(folder: Path) -> list[Shot]:
    """The shots whose pictures are in `folder`, whichever run drew them."""
    return [shot for shot in all_shots() if (folder / shot.file).exists()]


def draw(shots: Iterable[Shot], folder: Path) -> Iterator[Shot]:
    """Write each picture and hand its shot on."""
    application = QApplication.instance() or QApplication([])
    for shot in shots:
        sample = samples()[shot.name]
        settings = DisplaySettings(canvas=shot.canvas, fullscreen=False)
        window = KioskWindow(lambda event: None, sample.facts, settings, FixedClock())
        window.show(in_mode(sample.state, shot.mode, shot.language))
        window.open()
        if sample.turned:
            assert window._current is not None
            window._current.turn_page(sample.turned)
        for _ in range(3):
            application.processEvents()
        window.widget.grab().save(str(folder / shot.file))
        window.close()
        yield shot


def in_mode(state: Terminal, mode: str, language: str) -> Terminal:
    """The state as somebody sees it who chose this mode and language."""
    return replace(state, language=language, large_print=mode == "large", high_contrast=mode == "contrast" or None)


def optimise(file: Path) -> None:
    """The same picture in few colours, which a third of the bytes hold."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
