"""Every screen on every canvas, in every language and print: nothing cut off, nothing on top of another, large enough to hit.

Sources: design ui.md, “Measures”; regions.md, elder-friendly design.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget
from support.kiosk_page import DESKTOP, KioskPage, kiosk, texts_of
from support.window_samples import CANVASES, LANGUAGES, samples, session, terminal

from terminal_app.domain import session as s
from terminal_app.domain.ticket import Case, CaseTicket
from ui.contact import GUARD_MS
from ui.look import Look
from ui.theme import LABEL, Size
from ui.widgets.control import Control
from ui.widgets.star import StarCard
from ui.widgets.words import Words

STAR_DP = 120


def pictures(page: KioskPage) -> Iterator[tuple[str, Look]]:
    """Every sample in every language and print, one after the other on one window."""
    for name, sample in samples().items():
        for language in LANGUAGES:
            for large in (False, True):
                page.window.update_facts(sample.facts)
                page.window.show(replace(sample.state, language=language, large_print=large))
                page.settle()
                page.finish_sweep()
                canvas = page.window.widget.size()
                yield f"{name} {language} {'large' if large else 'normal'}", Look(canvas.width(), canvas.height(), large)
                while name.startswith("reasons") and "more-reasons" in page.names:
                    assert page.window._current is not None
                    page.window._current.turn_page()
                    page.settle()
                    yield f"{name} {language} another page", Look(canvas.width(), canvas.height(), large)


@pytest.fixture(params=CANVASES, ids=str)
def page(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[KioskPage]:
    with kiosk(terminal(s.Idle()), replace(DESKTOP, canvas=request.param)) as opened:
        yield opened


def place(page: KioskPage, widget: QWidget) -> QRect:
    """Where a widget, or the part of a control that can be touched, is in the window."""
    inner = widget.target() if isinstance(widget, Control) else widget.rect()
    return QRect(widget.mapTo(page.window.widget, inner.topLeft()), inner.size())


def gap(one: QRect, other: QRect) -> int:
    """Pixels between two rectangles, along the axis that parts them."""
    across = max(one.left() - other.right(), other.left() - one.right()) - 1
    down = max(one.top() - other.bottom(), other.top() - one.bottom()) - 1
    return max(across, down)


def test_no_word_is_cut_off_left_out_or_off_the_screen(page: KioskPage) -> None:
    window = page.window.widget.rect()
    seen = 0
    for name, _ in pictures(page):
        for widget in texts_of(page.window.widget):
            seen += 1
            said = widget.accessibleName()
            assert widget.fits(), f"{name}: {said!r} in {widget.size()}"  # type: ignore[attr-defined]
            assert window.contains(place(page, widget)), f"{name}: {said!r} at {place(page, widget)}"
            parent = widget.parentWidget()
            if not isinstance(widget, StarCard):
                assert parent.rect().contains(widget.geometry()), f"{name}: {said!r} outside of {type(parent).__name__}"
    assert seen > 100


def test_no_latin_word_is_broken(page: KioskPage) -> None:
    for name, _ in pictures(page):
        for widget in texts_of(page.window.widget):
            if isinstance(widget, Words) and widget.text.isascii():
                lines = [line for line, _ in widget.block(widget.width()).lines]
                assert " ".join(lines).split() == widget.text.split(), f"{name}: {lines}"


def test_texts_and_controls_do_not_lie_on_each_other(page: KioskPage) -> None:
    for name, _ in pictures(page):
        words = [widget for widget in texts_of(page.window.widget) if type(widget).__name__ != "Banner"]
        for one, other in combinations(words, 2):
            overlap = place(page, one).intersected(place(page, other))
            assert overlap.isEmpty(), f"{name}: {one.accessibleName()!r} and {other.accessibleName()!r} share {overlap}"


def test_targets_are_large_enough_and_far_enough_apart(page: KioskPage) -> None:
    for name, look in pictures(page):
        controls = page.window.controls()
        for control in controls:
            least = STAR_DP if isinstance(control, StarCard) else Size.target
            size = place(page, control).size()
            assert min(size.width(), size.height()) >= int(least * look.scale), f"{name}: {control.objectName()} {size}"
        for one, other in combinations(controls, 2):
            between = gap(place(page, one), place(page, other))
            wanted = int(Size.gap_min * look.scale)
            assert between >= wanted, f"{name}: {one.objectName()} and {other.objectName()} are {between} apart, not {wanted}"


def test_every_control_has_a_name_to_tap_by_and_one_to_speak(page: KioskPage) -> None:
    for name, _ in pictures(page):
        controls = page.window.controls()
        names = [control.objectName() for control in controls]
        assert len(names) == len(set(names)), name
        assert all(names), name
        assert all(control.accessibleName().strip() for control in controls), name


def test_all_eight_reasons_are_there_at_once_in_normal_print(page: KioskPage) -> None:
    for name, look in pictures(page):
        if name.startswith("reasons") and not look.large:
            assert len(reasons_in(page)) == 8, name


def test_in_large_print_every_reason_can_be_reached(page: KioskPage) -> None:
    for name in ("reasons-1", "reasons-2"):
        for language in LANGUAGES:
            page.show(terminal(s.Idle()))
            page.show(replace(samples()[name].state, language=language, large_print=True))
            found = reasons_in(page)
            paged = "more-reasons" in page.names
            assert len(found) == (3 if paged else 8)
            while "more-reasons" in page.names:
                page.tap("more-reasons")
                page.clock.now += GUARD_MS
                found |= reasons_in(page)
            if paged:
                page.tap("core-reasons")
                assert len(reasons_in(page)) == 3
            assert len(found) == 8


def reasons_in(page: KioskPage) -> set[str]:
    return {control for control in page.names if control.startswith("reason-")}


def test_portrait_has_larger_stars_and_labels_than_the_same_design_scaled(qapp: QApplication) -> None:
    """Designed, not scaled: on the upright canvas the stars do not shrink with the width."""
    rate = samples()["rate"]
    sizes = {}
    for canvas in ((1280, 800), (800, 1280)):
        with kiosk(rate.state, replace(DESKTOP, canvas=canvas)) as page:
            star = page.control("star-3")
            assert isinstance(star, StarCard)
            sizes[canvas] = (star.glyph_room().width(), Look(*canvas).font_px(LABEL))
    assert sizes[(800, 1280)][0] >= 0.9 * sizes[(1280, 800)][0]
    assert sizes[(800, 1280)][1] > sizes[(1280, 800)][1]


def test_a_name_that_no_screen_can_hold_is_cut_visibly_and_spoken_whole(qapp: QApplication) -> None:
    endless = "关于" * 60
    ticket = CaseTicket((Case("TA202611210417", None, endless),))
    with kiosk(terminal(s.AwaitStars(session(ticket), 3, 0))) as page:
        whole = [widget for widget in texts_of(page.window.widget) if widget.accessibleName() == endless]
        assert len(whole) == 1
        assert not whole[0].fits()  # type: ignore[attr-defined]
        assert page.names[:5] == [f"star-{level}" for level in range(1, 6)]
