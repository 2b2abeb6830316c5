"""What taking a card away does at the real kiosk (issue 6, point 4): log out on removal is a setting."""

import pytest
from PySide6.QtWidgets import QApplication
from support.counter import CARD, NUMBER, OTHER_CARD, UNKNOWN_CARD, Counter, OpenKiosk, fresh_case, kiosk_at, wait_until
from support.platform import RunningPlatform


def slotted(at: Counter, setting: str) -> None:
    """The card reader has a slot and writes OFF; the setting stands under [window]."""
    text = at.config.read_text("utf-8")
    text = text.replace('driver = "card_reader"', 'driver = "card_reader"\nremoved_as = "OFF"')
    at.config.write_text(text.replace("[display]", f"[window]\n{setting}\n[display]", 1), "utf-8")


def take_away(kiosk: OpenKiosk) -> None:
    kiosk.counter.cards.device.write(b"OFF\r\n")


def number_on_duty(kiosk: OpenKiosk) -> str | None:
    on_duty = kiosk.kiosk.controller.state.on_duty
    return on_duty.number if on_duty else None


def removals(kiosk: OpenKiosk) -> int:
    return next(one.frames for one in kiosk.kiosk.devices.reports() if one.name == "card-reader")


@pytest.mark.parametrize(("setting", "left"), [("", NUMBER), ("log_out_on_removal = true", None)])
def test_logging_out_is_a_setting(at: Counter, qapp: QApplication, setting: str, left: str | None) -> None:
    """What the reader says next is told after the removal was taken in."""
    slotted(at, setting)
    with kiosk_at(at) as kiosk:
        at.wait_until_open()
        kiosk.log_in()
        take_away(kiosk)
        at.cards.lay(UNKNOWN_CARD)
        kiosk.wait_for_notice("unknown_card")
        assert number_on_duty(kiosk) == left


def test_a_citizen_is_not_disturbed_and_another_s_card_ends_nobody_s_duty(
    at: Counter, platform: RunningPlatform, qapp: QApplication
) -> None:
    slotted(at, "log_out_on_removal = true")
    with kiosk_at(at) as kiosk:
        at.wait_until_open()
        kiosk.log_in()
        kiosk.present(case := fresh_case())
        kiosk.tap("star-5")
        kiosk.wait_for("thanks")
        take_away(kiosk)
        wait_until(lambda: removals(kiosk) == 2, "the removal was read")
        assert kiosk.shown == "thanks"
        wait_until(lambda: number_on_duty(kiosk) is None, "after the session the clerk is off duty")
        wait_until(lambda: kiosk.counter.kinds(case)[-1] == "session_closed", "the session is closed on the disk")
        at.cards.lay(CARD)
        wait_until(lambda: number_on_duty(kiosk) == NUMBER, "the clerk is back")
        at.cards.lay(OTHER_CARD)
        wait_until(lambda: number_on_duty(kiosk) == "0517", "another takes over")
        take_away(kiosk)
        wait_until(lambda: number_on_duty(kiosk) is None, "and leaves")
