"""Who stands at the window sees the stars before delivery takes anything from it. Issue 6, “Measures” (`scan_to_screen`)."""

import pytest
from support.counter import OpenKiosk, fresh_case, wait_until


def test_the_stars_are_painted_before_their_ticket_is_delivered(kiosk: OpenKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, order = kiosk.kiosk.sync, list[str]()
    assert sync is not None
    wake = sync.wake

    def wake_and_tell() -> None:
        order.append("woken")
        wake()

    monkeypatch.setattr(sync, "wake", wake_and_tell)
    kiosk.window.on_painted = lambda screen, detail: order.append(f"{screen} {detail}")
    kiosk.present(fresh_case())
    wait_until(lambda: "woken" in order, "delivery was told of the ticket")
    assert order.index("rate screen") < order.index("woken")
    order.clear()
    kiosk.tap("star-5")
    kiosk.wait_for("thanks")
    assert "woken" in order, "a rating is told at once"
