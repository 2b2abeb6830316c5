"""Input rules of the screen (design ui.md, “Measures”), on the real window with Qt's own mouse, touch and key events."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, OUTSIDE, KioskPage, kiosk
from support.window_samples import await_reasons, await_stars, noticed, samples, session, terminal, thanks

from terminal_app.domain import session as s
from terminal_app.domain.rating import Level
from ui.contact import GUARD_MS
from ui.settings import DisplaySettings

TOUCH_ONLY = DisplaySettings(fullscreen=False)
STARS = terminal(await_stars())
IDLE = terminal(s.Idle())
ALL_KEYS = [
    *(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)),
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Space,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Select,
    Qt.Key.Key_F4,
    Qt.Key.Key_A,
]


@pytest.fixture
def page(qapp: QApplication) -> Iterator[KioskPage]:
    with kiosk(STARS) as opened:
        yield opened


@pytest.fixture(scope="session")
def screen_device() -> QInputDevice:
    return QTest.createTouchDevice()


# --- one finger: press shows, release inside chooses ---------------------------------------------------------------


@pytest.mark.parametrize("level", list(Level))
def test_tap_on_a_star_sends_its_level_once(page: KioskPage, level: Level) -> None:
    page.tap(f"star-{int(level)}")
    assert page.events == [s.StarTapped(level, "touch")]


def test_press_shows_the_pressed_state_and_chooses_nothing(page: KioskPage) -> None:
    page.press("star-2")
    assert page.control("star-2").isDown()
    assert page.events == []
    assert ("rate", "pressed:star-2") in page.painted


def test_release_outside_chooses_nothing_and_sliding_back_does(page: KioskPage) -> None:
    page.press("star-2")
    page.move(page.blank())
    assert not page.control("star-2").isDown()
    page.release(page.blank())
    assert page.events == []
    page.press("star-2")
    page.move(page.blank())
    page.move("star-2")
    assert page.control("star-2").isDown()
    page.release("star-2")
    assert page.events == [s.StarTapped(Level.DISSATISFIED)]


def test_release_on_another_star_chooses_neither(page: KioskPage) -> None:
    page.press("star-2")
    page.release("star-5")
    assert page.events == []
    assert not any(control.isDown() for control in page.window.controls())


def test_the_shadow_of_a_star_card_is_not_the_card(page: KioskPage) -> None:
    card = page.control("star-1")
    page.tap(card.mapTo(page.window.widget, QPoint(-22, -22)))
    assert page.events == []


def test_a_double_tap_is_one_tap(page: KioskPage) -> None:
    """A trembling hand taps twice; on a reason the second tap would take the first back."""
    at = page.at("star-4")
    QTest.mouseDClick(page.window.widget.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    page.settle()
    assert page.events == [s.StarTapped(Level.SATISFIED)]
    page.clock.now += GUARD_MS
    page.tap("star-4")
    assert page.events == [s.StarTapped(Level.SATISFIED)] * 2


def test_a_second_tap_elsewhere_is_a_tap_of_its_own(qapp: QApplication) -> None:
    with kiosk(terminal(await_reasons())) as page:
        page.tap("reason-207")
        page.tap("reason-208")
        assert page.events == [s.ReasonToggled("207"), s.ReasonToggled("208")]


def test_a_contact_shorter_than_the_least_is_a_ghost(qapp: QApplication) -> None:
    with kiosk(STARS, replace(DESKTOP, min_contact_ms=30)) as page:
        page.press("star-3")
        page.clock.now += 20
        page.release("star-3")
        assert page.events == []
        page.press("star-3")
        page.clock.now += 30
        page.release("star-3")
        assert page.events == [s.StarTapped(Level.FAIRLY_SATISFIED)]


# --- from one screen to the next -----------------------------------------------------------------------------------


def test_a_contact_that_began_on_one_screen_never_acts_on_the_next(page: KioskPage) -> None:
    page.press("star-2")
    page.show(terminal(await_reasons()))
    page.release(page.at("reason-207"))
    assert page.events == []


def test_no_contact_acts_right_after_a_screen_change(page: KioskPage) -> None:
    page.show(terminal(await_reasons()), wait=False)
    for wait in (0, GUARD_MS - 1):
        page.clock.now += wait
        assert not page.window.takes_input
        page.tap("reason-207")
        assert page.events == []
    page.clock.now += 1
    assert page.window.takes_input
    page.tap("reason-207")
    assert page.events == [s.ReasonToggled("207")]


def test_a_contact_that_begins_in_the_guarded_time_stays_dead(page: KioskPage) -> None:
    page.show(terminal(await_reasons()), wait=False)
    page.press("reason-207")
    page.clock.now += GUARD_MS
    page.release("reason-207")
    assert page.events == []


@pytest.mark.parametrize(
    "change",
    [{"language": "en"}, {"large_print": True}, {"notice": s.Notice("already_read", 9)}],
    ids=["language", "large-print", "banner"],
)
def test_what_moves_controls_is_a_screen_change_and_a_banner_is_none(page: KioskPage, change: dict[str, object]) -> None:
    page.press("star-2")
    page.show(replace(STARS, **change), wait=False)
    page.release("star-2")
    banner = "notice" in change
    assert page.events == ([s.StarTapped(Level.DISSATISFIED)] if banner else [])


def test_marking_a_reason_is_no_screen_change(qapp: QApplication) -> None:
    with kiosk(terminal(await_reasons())) as page:
        page.show(terminal(await_reasons(toggled=("207",))), wait=False)
        page.tap("reason-208")
        assert page.events == [s.ReasonToggled("208")]


def test_nothing_acts_while_an_entry_is_on_its_way_to_the_disk(qapp: QApplication) -> None:
    writing = terminal(s.Recording(session(star=2, toggled=("207",)), 7, "toggle", await_reasons()))
    with kiosk(terminal(await_reasons())) as page:
        page.show(writing)
        assert page.control("reason-207").isChecked()
        for name in page.names:
            page.tap(name)
        page.tap(page.blank())
        assert page.events == []


def test_a_contact_that_ends_while_an_entry_is_written_chooses_nothing(page: KioskPage) -> None:
    page.press("star-2")
    page.show(terminal(s.Recording(session(star=4), 7, "star", await_stars())), wait=False)
    page.release("star-2")
    assert page.events == []


# --- touch screens, second fingers, mice ----------------------------------------------------------------------------


def test_a_finger_on_the_touch_screen_chooses(qapp: QApplication, screen_device: QInputDevice) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        finger = page.touch(screen_device)
        finger.press(0, "star-1")
        assert page.control("star-1").isDown()
        finger.release(0, "star-1")
        assert page.events == [s.StarTapped(Level.VERY_DISSATISFIED)]


def test_second_fingers_are_ignored(qapp: QApplication, screen_device: QInputDevice) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        fingers = page.touch(screen_device)
        fingers.press(0, "star-1")
        fingers.press(1, "star-5", resting=(0,))
        fingers.release(1, "star-5", resting=(0,))
        assert page.events == []
        fingers.release(0, "star-1")
        assert page.events == [s.StarTapped(Level.VERY_DISSATISFIED)]


def test_a_palm_beside_the_stars_chooses_nothing_and_the_next_single_finger_does(
    qapp: QApplication, screen_device: QInputDevice
) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        fingers = page.touch(screen_device)
        fingers.press(0, page.blank())
        for finger in (1, 2, 3):
            fingers.press(finger, f"star-{finger}", resting=tuple(range(finger)))
        for finger in (3, 2, 1):
            fingers.release(finger, f"star-{finger}", resting=tuple(range(finger)))
        fingers.release(0, page.blank())
        assert page.events == []
        fingers.press(4, "star-4")
        fingers.release(4, "star-4")
        assert page.events == [s.StarTapped(Level.SATISFIED)]


def test_a_palm_that_lies_on_a_star_chooses_nothing(qapp: QApplication, screen_device: QInputDevice) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        fingers = page.touch(screen_device)
        fingers.press(0, "star-3")
        fingers.press(1, page.blank(), resting=(0,))
        fingers.press(2, "star-4", resting=(0, 1))
        assert not page.control("star-3").isDown()
        for finger in (2, 1, 0):
            fingers.release(finger, "star-3", resting=tuple(range(finger)))
        assert page.events == []


def test_touch_does_not_come_again_as_a_mouse(qapp: QApplication, screen_device: QInputDevice) -> None:
    with kiosk(STARS, DESKTOP) as page:
        finger = page.touch(screen_device)
        finger.press(0, "star-3")
        finger.release(0, "star-3")
        assert page.events == [s.StarTapped(Level.FAIRLY_SATISFIED)]


def test_a_cancelled_touch_chooses_nothing(qapp: QApplication, screen_device: QInputDevice) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        page.touch(screen_device).press(0, "star-3")
        page.window.finger_lost()
        assert not page.control("star-3").isDown()
        page.touch(screen_device).release(0, "star-3")
        assert page.events == []


@pytest.mark.parametrize(("names", "counts"), [(None, True), (("test touch device",), True), (("another screen",), False)])
def test_only_the_configured_touch_device_counts(
    qapp: QApplication, screen_device: QInputDevice, names: tuple[str, ...] | None, counts: bool
) -> None:
    with kiosk(STARS, replace(TOUCH_ONLY, touch_device=names)) as page:
        page.touch(screen_device).press(0, "star-5")
        page.touch(screen_device).release(0, "star-5")
        assert bool(page.events) is counts


def test_the_mouse_of_the_clerk_rates_nothing_unless_allowed(qapp: QApplication) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        page.tap("star-5")
        assert page.events == []
        assert not page.control("star-5").isDown()


def test_other_mouse_buttons_choose_nothing(page: KioskPage) -> None:
    for button in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        QTest.mouseClick(page.window.widget.windowHandle(), button, Qt.KeyboardModifier.NoModifier, page.at("star-5"))
    assert page.events == []


# --- where nothing can be chosen -------------------------------------------------------------------------------------


def test_a_touch_on_idle_is_answered_and_chooses_nothing(qapp: QApplication) -> None:
    with kiosk(IDLE) as page:
        page.tap(page.window.widget.rect().center())
        assert page.events == [s.ScreenTouched()]


def test_a_touch_beside_the_stars_means_nothing(page: KioskPage) -> None:
    page.tap(page.blank())
    page.tap(OUTSIDE)
    assert page.events == []


def test_a_notice_card_hides_the_screen_below_it_from_the_finger(qapp: QApplication) -> None:
    with kiosk(noticed("already_rated")) as page:
        page.tap(page.window.widget.rect().center())
        assert page.events == []


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(samples()))
def test_no_keyboard_does_anything(qapp: QApplication, name: str) -> None:
    """What a scanner in keyboard mode types, every digit in every state, rates nothing; and keys move no focus."""
    sample = samples()[name]
    with kiosk(sample.state, DESKTOP, sample.facts) as page:
        page.clock.now += GUARD_MS
        for key in ALL_KEYS:
            page.key(key)
        assert page.events == []
        assert qapp.focusWidget() not in page.window.controls()


def test_digits_of_the_keypad_choose_stars(qapp: QApplication) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        for key in ("1", "5", "0", "6"):
            page.window.keypad_pressed(key)
        assert page.events == [s.StarTapped(Level.VERY_DISSATISFIED, "keypad"), s.StarTapped(Level.VERY_SATISFIED, "keypad")]


def test_arrows_mark_a_control_and_enter_chooses_it(qapp: QApplication) -> None:
    with kiosk(STARS, TOUCH_ONLY) as page:
        page.window.keypad_pressed("right")
        page.window.keypad_pressed("right")
        assert page.control("star-2").highlighted
        page.window.keypad_pressed("enter")
        assert page.events == [s.StarTapped(Level.DISSATISFIED, "keypad")]


def test_enter_and_back_on_every_screen_that_has_an_answer(qapp: QApplication) -> None:
    answers: list[tuple[s.Terminal, str, s.Event]] = [
        (terminal(await_reasons(toggled=("207",))), "enter", s.ReasonsSubmitted()),
        (terminal(await_reasons()), "back", s.ReasonsSkipped()),
        (terminal(await_reasons()), "2", s.ReasonToggled("208")),
        (terminal(thanks(5)), "enter", s.Finished()),
        (terminal(thanks(1)), "back", s.Finished()),
        (terminal(await_stars(star=3)), "back", s.Finished()),
        (terminal(s.StaffMenu(3)), "back", s.MenuClosed()),
        (terminal(s.StaffLogin(3)), "back", s.MenuClosed()),
    ]
    with kiosk(IDLE, TOUCH_ONLY) as page:
        for state, key, event in answers:
            page.show(state)
            page.window.keypad_pressed(key)
            assert page.events[-1:] == [event], (state.phase, key)


def test_keys_obey_the_guarded_time(qapp: QApplication) -> None:
    with kiosk(IDLE, TOUCH_ONLY) as page:
        page.show(STARS, wait=False)
        page.window.keypad_pressed("5")
        assert page.events == []


# --- closing -----------------------------------------------------------------------------------------------------------


def test_the_window_ignores_being_closed(page: KioskPage) -> None:
    assert page.window.widget.close() is False
    assert page.window.widget.isVisible()


def test_a_desktop_window_may_be_closed(qapp: QApplication) -> None:
    with kiosk(STARS, replace(DESKTOP, allow_close=True)) as page:
        assert page.window.widget.close() is True
