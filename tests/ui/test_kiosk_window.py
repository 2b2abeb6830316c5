"""The kiosk window as the assembly, the benches and the crowd use it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import zxingcpp
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.kiosk_page import DESKTOP, KioskPage, kiosk
from support.qt_objects import living
from support.window_samples import CANVASES, FACTS, await_reasons, await_stars, noticed, session, terminal, thanks

from terminal_app.domain import session as s
from terminal_app.domain.rating import Level
from ui import theme
from ui.widgets.ring import Ring
from ui.widgets.star import StarCard

PREFERENCES = ("large-print", "contrast", "language")
IDLE = terminal(s.Idle())
STARS = terminal(await_stars())


@pytest.fixture
def page(qapp: QApplication) -> Iterator[KioskPage]:
    with kiosk(IDLE) as opened:
        yield opened


class Paints(QObject):
    """Collects what was repainted of one widget."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.regions: list[QRect] = []
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(event, QPaintEvent):
            self.regions.append(event.region().boundingRect())
        return False


def on_screen(page: KioskPage) -> QImage:
    """What was painted in pieces and is there now."""
    widget = page.window.widget
    return widget.screen().grabWindow(widget.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


# --- names and news ---------------------------------------------------------------------------------------------------


def test_targets_are_there_by_name_only_while_they_can_be_touched(page: KioskPage) -> None:
    assert page.window.target_point("star-1") is None
    page.show(STARS)
    point = page.window.target_point("star-1")
    assert point is not None
    assert page.window.widget.geometry().contains(point)
    page.show(terminal(await_reasons()))
    assert page.window.target_point("submit") is None
    page.show(terminal(await_reasons(toggled=("207",))))
    assert page.window.target_point("submit") is not None
    page.show(noticed("already_rated"))
    assert page.window.target_point("star-1") is None


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (IDLE, {"staff", *PREFERENCES}),
        (STARS, {*(f"star-{n}" for n in range(1, 6)), "more-time", *PREFERENCES}),
        (
            terminal(await_stars(star=2)),
            {*(f"star-{n}" for n in range(1, 6)), "more-time", *PREFERENCES, "finish"},
        ),
        (
            terminal(await_reasons(toggled=("207",))),
            {
                *(f"reason-{n}" for n in range(207, 215)),
                "change",
                "skip",
                "submit",
                "more-time",
                "large-print",
                "contrast",
                "language",
                "phone",
            },
        ),
        (terminal(thanks(5)), {"change", "finish", *PREFERENCES}),
        (terminal(s.StaffLogin(3)), {"menu-close"}),
        (terminal(s.StaffMenu(3, session())), {"cancel", "pause", "logout", "menu-close"}),
        (terminal(s.StaffMenu(3), paused_since_ms=1), {"resume", "clean", "logout", "menu-close"}),
        (terminal(s.Paused()), {"staff", *PREFERENCES}),
        (terminal(s.OutOfOrder("storage")), set()),
    ],
    ids=lambda value: type(value.phase).__name__ if isinstance(value, s.Terminal) else "",
)
def test_every_screen_offers_exactly_its_controls(page: KioskPage, state: s.Terminal, names: set[str]) -> None:
    page.show(state)
    assert set(page.names) == names


def test_each_control_sends_its_event(page: KioskPage) -> None:
    expected: list[tuple[s.Terminal, str, s.Event]] = [
        (IDLE, "staff", s.LoginRequested()),
        (IDLE, "language", s.LanguageChosen("en")),
        (IDLE, "large-print", s.LargePrintToggled()),
        (IDLE, "contrast", s.ContrastChosen(True)),
        (replace(IDLE, high_contrast=True), "contrast", s.ContrastChosen(False)),
        (STARS, "more-time", s.MoreTimeRequested()),
        (terminal(await_reasons()), "change", s.ChangeRequested()),
        (terminal(await_reasons()), "skip", s.ReasonsSkipped()),
        (terminal(await_reasons()), "more-time", s.MoreTimeRequested()),
        (terminal(await_reasons()), "reason-209", s.ReasonToggled("209")),
        (terminal(await_reasons(toggled=("209",))), "submit", s.ReasonsSubmitted()),
        (terminal(thanks(1)), "change", s.ChangeRequested()),
        (terminal(thanks(1)), "finish", s.Finished()),
        (terminal(await_stars(star=1)), "finish", s.Finished()),
        (terminal(s.StaffMenu(3, session())), "cancel", s.CancelRequested()),
        (terminal(s.StaffMenu(3)), "pause", s.PauseRequested()),
        (terminal(s.StaffMenu(3), paused_since_ms=1), "resume", s.ResumeRequested()),
        (terminal(s.StaffMenu(3)), "logout", s.LogoutRequested()),
        (terminal(s.StaffMenu(3)), "menu-close", s.MenuClosed()),
        (terminal(s.StaffLogin(3)), "menu-close", s.MenuClosed()),
    ]
    for state, name, event in expected:
        page.show(state)
        page.tap(name)
        assert page.events[-1:] == [event], name
        page.show(terminal(s.OutOfOrder("internal")))


def test_news_comes_when_the_picture_is_painted(page: KioskPage) -> None:
    page.painted.clear()
    paints = Paints(page.window.widget)
    page.window.show(STARS)
    assert page.painted == []
    page.settle()
    assert page.painted == [("rate", "screen")]
    assert paints.regions


def test_the_same_picture_is_no_news(page: KioskPage) -> None:
    page.painted.clear()
    page.show(replace(IDLE, counter=77))
    assert page.painted == []


def test_the_window_says_once_that_it_is_open(qapp: QApplication) -> None:
    page = KioskPage()
    opened: list[str] = []
    page.window.show(IDLE)
    page.window.open(lambda: opened.append(page.window.screen_name))
    page.settle()
    page.show(STARS)
    page.close()
    assert opened == ["idle"]
    assert page.painted[0] == ("idle", "screen")


# --- pictures ----------------------------------------------------------------------------------------------------------


def test_screens_are_built_after_the_first_picture(qapp: QApplication) -> None:
    page = KioskPage()
    page.window.show(IDLE)
    assert set(page.window._screens) == {"idle"}
    page.window.open()
    for _ in range(8):
        page.settle()
    assert {"rate", "reasons", "thanks", "notice"} <= set(page.window._screens)
    page.close()


def test_a_tapped_star_fills_with_its_predecessors_before_the_next_screen(page: KioskPage, qtbot: QtBot) -> None:
    page.show(STARS)
    page.painted.clear()
    page.window.show(terminal(s.Recording(session(star=3), 7, "star", await_stars())))
    page.window.show(terminal(thanks(3)))
    assert page.window.screen_name == "rate"
    assert not page.window.takes_input
    assert page.window.target_point("finish") is None
    qtbot.waitUntil(lambda: page.window.screen_name == "thanks", timeout=2000)
    assert [star for star, _ in page.painted] != []
    rate = page.window._screens["rate"]
    filled = [star.filled for star in rate.controls() if isinstance(star, StarCard)]
    assert filled == [1.0, 1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(("before", "after"), [(5, 1), (1, 5), (2, 4)])
def test_a_changed_mind_sweeps_either_way(page: KioskPage, qtbot: QtBot, before: int, after: int) -> None:
    page.show(terminal(await_stars(star=before)))
    page.show(terminal(s.Recording(session(star=after), 7, "star", await_stars(star=before))))
    stars = [star for star in page.window._screens["rate"].controls() if isinstance(star, StarCard)]
    qtbot.waitUntil(lambda: [star.filled for star in stars] == [float(at < after) for at in range(5)], timeout=2000)


def test_the_sweep_repaints_the_stars_alone(page: KioskPage, qtbot: QtBot) -> None:
    page.show(STARS)
    star = page.control("star-1")
    assert isinstance(star, StarCard)
    paints = Paints(star)
    star.fill(0.5)
    page.settle()
    assert paints.regions
    assert all(star.glyph_room().toAlignedRect().contains(region) for region in paints.regions)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_a_press_repaints_the_one_card_alone(qapp: QApplication, canvas: tuple[int, int]) -> None:
    """Issue 5, “Measures” (`tap_to_pixel`): nothing else stands between the finger and the picture, and it looks as if all
    had been painted."""
    with kiosk(STARS, replace(DESKTOP, canvas=canvas)) as page:
        for _ in range(8):
            page.settle()
        star = page.control("star-3")
        others = [page.window.widget, star.parentWidget(), page.control("star-2"), page.control("star-4")]
        own, elsewhere = Paints(star), [Paints(other) for other in others]
        page.press("star-3")
        assert own.regions == [star.rect()]
        assert [paints.regions for paints in elsewhere] == [[]] * len(others)
        assert on_screen(page) == page.window.widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_sweep_is_short_enough_to_be_calm() -> None:
    assert theme.SWEEP_MS <= 150


def test_the_next_person_finds_no_choice_of_the_last(page: KioskPage) -> None:
    page.show(STARS)
    page.show(terminal(s.Recording(session(star=3), 7, "star", await_stars())))
    page.show(IDLE)
    page.show(STARS)
    stars = [star for star in page.window.controls() if isinstance(star, StarCard)]
    assert [star.filled for star in stars] == [0.0] * 5
    assert not any(star.isDown() or star.highlighted for star in stars)


def test_a_second_page_of_reasons_is_forgotten_with_the_session(page: KioskPage) -> None:
    large = replace(terminal(await_reasons()), language="en", large_print=True)
    page.show(large)
    page.tap("more-reasons")
    assert "reason-207" not in page.names
    page.show(IDLE)
    page.show(large)
    assert "reason-207" in page.names


# --- calm -----------------------------------------------------------------------------------------------------------------


def test_the_ring_repaints_itself_alone_and_at_most_once_a_second(page: KioskPage, qtbot: QtBot) -> None:
    page.show(STARS)
    ring = next(child for child in page.window.widget.findChildren(Ring) if child.isVisible())
    whole, own = Paints(page.window.widget), Paints(ring)
    assert ring.fraction() == pytest.approx(40_650 / 60_000)
    page.clock.now += 10_000
    qtbot.waitUntil(lambda: len(own.regions) >= 1, timeout=3000)
    assert ring.fraction() == pytest.approx(30_650 / 60_000)
    place = QRect(ring.mapTo(page.window.widget, ring.rect().topLeft()), ring.size())
    assert all(place.contains(region) for region in whole.regions)
    assert theme.RING_MS >= 1000


def test_nothing_is_repainted_on_idle(page: KioskPage, qtbot: QtBot) -> None:
    for _ in range(8):
        page.settle()
    paints = Paints(page.window.widget)
    qtbot.wait(1200)
    assert paints.regions == []


def test_the_clock_follows_the_minute(page: KioskPage) -> None:
    assert "11月21日 星期六  10:32" in names_of(page)
    assert page.window._minute.remainingTime() <= 52_500
    page.clock.wall = "2026-11-21T10:33:00.010+08:00"
    page.window._tell_time()
    assert "11月21日 星期六  10:33" in names_of(page)
    assert 59_000 < page.window._minute.remainingTime() <= 60_000
    page.show(replace(IDLE, language="en"))
    assert "Sat 21 Nov  10:33" in names_of(page)


def names_of(page: KioskPage) -> set[str]:
    return {child.accessibleName() for child in page.window.widget.findChildren(QObject) if hasattr(child, "accessibleName")}


# --- facts, canvases, codes ----------------------------------------------------------------------------------------------


def test_facts_change_what_is_said(page: KioskPage) -> None:
    page.show(terminal(thanks(2)))
    assert "已记录" in names_of(page)
    page.window.update_facts(replace(FACTS, online=False))
    page.settle()
    assert "已记录，联网后自动上传" in names_of(page)


def test_another_canvas_is_laid_out_anew(qapp: QApplication) -> None:
    with kiosk(STARS, DESKTOP) as page:
        for canvas in CANVASES:
            page.window.widget.setFixedSize(*canvas)
            page.settle()
            assert page.window.widget.rect().contains(page.at("star-5"))
            assert page.at("star-5").x() > canvas[0] * 0.7


def test_full_screen_hides_frame_and_cursor(qapp: QApplication) -> None:
    from PySide6.QtCore import Qt

    with kiosk(IDLE, replace(DESKTOP, fullscreen=True)) as page:
        widget = page.window.widget
        assert widget.isFullScreen()
        assert widget.windowFlags() & Qt.WindowType.FramelessWindowHint
        assert widget.cursor().shape() == Qt.CursorShape.BlankCursor


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("phase", [s.Idle(), s.Paused(), s.OutOfOrder("storage")], ids=lambda phase: type(phase).__name__)
@pytest.mark.parametrize("looks", [{}, {"high_contrast": True}, {"dark_idle": True}], ids=str)
def test_the_code_on_the_screen_can_be_read(
    qapp: QApplication, qtbot: QtBot, canvas: tuple[int, int], phase: s.Phase, looks: dict[str, bool]
) -> None:
    with kiosk(terminal(phase), replace(DESKTOP, canvas=canvas), replace(FACTS, **looks)) as page:
        for _ in range(4):
            page.settle()
        picture = page.window.widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        found = zxingcpp.read_barcodes(_pixels(picture))
        assert [code.text for code in found] == [FACTS.rating_url]


def _pixels(picture: QImage) -> object:
    from PIL import Image

    return Image.frombuffer(
        "L", (picture.width(), picture.height()), bytes(picture.constBits()), "raw", "L", picture.bytesPerLine(), 1
    )


def test_an_evaluators_star_is_shown_like_a_fingers(page: KioskPage) -> None:
    """The picture depends on the state alone, so that a button evaluator lights the same stars."""
    page.show(STARS)
    page.show(terminal(s.Recording(session(star=int(Level.SATISFIED)), 7, "star", await_stars())))
    assert page.window.view is not None
    assert page.window.view.still
    assert page.events == []


def test_closed_it_leaves_nothing_of_qt_behind(qapp: QApplication) -> None:
    """Not to the garbage collector, which runs on any thread, and not to a timer of the window."""
    QApplication.processEvents()
    before = living()
    page = KioskPage().open(IDLE)
    for state in (STARS, terminal(await_reasons()), terminal(thanks(2)), noticed("already_rated")):
        page.show(state)
    assert living() - before
    page.close()
    page.settle()
    assert not living() - before
