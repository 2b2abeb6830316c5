"""Commands of the counter's business system on the ticket line of the real kiosk (issue 6, point 2)."""

from support.counter import NUMBER, OpenKiosk, fresh_case, wait_until

from terminal_app.domain.journal import Kind


def test_pause_resume_welcome_and_cancel_before_the_first_tap(kiosk: OpenKiosk) -> None:
    line, state = kiosk.counter.line, lambda: kiosk.kiosk.controller.state
    line.present({"cmd": "welcome", "staff": NUMBER})
    wait_until(lambda: state().on_duty and state().on_duty.number == NUMBER, "the clerk is on duty")
    line.present({"cmd": "pause"})
    kiosk.wait_for("paused")
    line.present({"cmd": "resume"})
    kiosk.wait_for("idle", "notice")
    kiosk.present(case := fresh_case())
    line.present({"cmd": "cancel"})
    wait_until(lambda: kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.SESSION_CLOSED], "the session is cancelled")


def test_after_the_first_tap_no_command_takes_anything_back(kiosk: OpenKiosk) -> None:
    """Design §5: after the first tap nothing from the staff side can cancel or change anything."""
    kiosk.present(case := fresh_case())
    kiosk.tap("star-1")
    kiosk.wait_for("reasons")
    for command in ("cancel", "pause"):
        kiosk.counter.line.present({"cmd": command})
    wait_until(lambda: kiosk.kiosk.controller.state.remembered, "the pause is remembered")
    assert kiosk.shown == "reasons"
    assert kiosk.counter.kinds(case) == [Kind.SESSION_OPENED, Kind.STAR_CHOSEN]


def test_a_scanner_gives_no_commands(kiosk: OpenKiosk) -> None:
    """Anybody can print a code."""
    kiosk.counter.scanner.scan("cmd=pause")
    kiosk.wait_for_notice("unreadable_ticket")
    assert kiosk.kiosk.controller.state.paused_since_ms is None
