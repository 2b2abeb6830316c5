"""What is on every picture: each text and control with its place, on one canvas, in some languages, in both prints."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from support.kiosk_page import DESKTOP, KioskPage, kiosk, texts_of
from support.window_samples import LANGUAGES, samples, terminal

from terminal_app.domain import session as s
from ui.look import Look
from ui.widgets.banner import Banner
from ui.widgets.control import Button, Control
from ui.widgets.star import StarCard
from ui.widgets.words import Words


@dataclass(frozen=True)
class Item:
    """Something with words on a picture: where it is in the window, and what is wrong with it."""

    name: str
    spoken: str
    place: QRect
    fits: bool
    inside: bool
    control: bool
    star: bool
    banner: bool
    text: str
    lines: tuple[str, ...]
    slack: int
    """Pixels that a button leaves beside its words, on both sides together; of anything else, its width."""


@dataclass(frozen=True)
class Picture:
    """One sample on one canvas in one language and print, perhaps another page of it."""

    name: str
    large: bool
    scale: float
    canvas: QRect
    items: tuple[Item, ...]

    @property
    def controls(self) -> list[Item]:
        return [item for item in self.items if item.control]


@cache
def survey(canvas: tuple[int, int], languages: tuple[str, ...] = LANGUAGES) -> tuple[Picture, ...]:
    """All pictures of a canvas, drawn one after the other on one window."""
    with kiosk(terminal(s.Idle()), replace(DESKTOP, canvas=canvas)) as page:
        return tuple(pictures(page, languages))


def pictures(page: KioskPage, languages: tuple[str, ...]) -> Iterator[Picture]:
    for name, sample in samples().items():
        for language in languages:
            for large in (False, True):
                page.window.update_facts(sample.facts)
                page.window.show(terminal(s.OutOfOrder("internal")))
                page.window.show(replace(sample.state, language=language, large_print=large))
                if sample.turned:
                    assert page.window._current is not None
                    page.window._current.turn_page(sample.turned)
                yield picture(page, f"{name} {language}", large)
                while {"more-reasons", "more-rows"} & set(page.names):
                    assert page.window._current is not None
                    page.window._current.turn_page()
                    yield picture(page, f"{name} {language} another page", large)


def picture(page: KioskPage, name: str, large: bool) -> Picture:
    widget = page.window.widget
    offered = page.window.controls()
    items = tuple(item(page, part, part in offered) for part in texts_of(widget))
    scale = Look(widget.width(), widget.height()).scale
    return Picture(f"{name} {'large' if large else 'normal'}", large, scale, widget.rect(), items)


def item(page: KioskPage, widget: QWidget, control: bool) -> Item:
    inner = widget.target() if isinstance(widget, Control) else widget.rect()
    star = isinstance(widget, StarCard)
    lines = tuple(line for line, _ in widget.block(widget.width()).lines) if isinstance(widget, Words) else ()
    return Item(
        name=widget.objectName(),
        spoken=widget.accessibleName(),
        place=QRect(widget.mapTo(page.window.widget, inner.topLeft()), inner.size()),
        fits=widget.fits(),  # type: ignore[attr-defined]
        inside=star or widget.parentWidget().rect().contains(widget.geometry()),
        control=control,
        star=star,
        banner=isinstance(widget, Banner),
        text=widget.text if isinstance(widget, Words) else "",
        lines=lines,
        slack=widget.width() - (widget.block(widget.width()).width if isinstance(widget, Button) else 0),
    )
