"""The screens of staff say what asks for somebody first, in words, and keep off every edge. Sources: design ui.md, “Screens”;
docs/design.md, “Staff and administration” and “Words”."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, kiosk
from support.window_samples import CANVASES, LANGUAGES, samples

from ui.look import Look
from ui.staff_views import AdministrationView
from ui.theme import Size
from ui.view_state import derive_view
from ui.widgets.control import Button
from ui.widgets.surface import Card

CARDS = ("login", "login-unknown", "menu", "menu-administrator", "menu-paused", "menu-session", "locked", "pin", "pin-wrong")


def administration(name: str) -> AdministrationView:
    body = derive_view(samples()[name].state, samples()[name].facts).body
    assert isinstance(body, AdministrationView)
    return body


def test_what_is_to_be_done_stands_before_every_figure() -> None:
    rows = administration("administration-overview").rows
    assert [row.label for row in rows].index("需要处理") == 0
    assert rows[0].stands_out


def test_what_failed_stands_before_what_passed_and_states_are_words() -> None:
    verdict, *checks = administration("administration-self-test").rows
    assert verdict.label == "自检"
    assert [row.stands_out for row in checks] == sorted((row.stands_out for row in checks), reverse=True)
    assert {"已同步", "已连接", "没有接上"} <= {row.line for row in checks}


@pytest.mark.parametrize(("exported", "said"), [("a.log", "a.log"), ("", "无法存入U盘")])
def test_what_became_of_an_exported_log_stands_first(exported: str, said: str) -> None:
    """Where not all facts fit on one page it would stand on the next."""
    sample = samples()["administration-exported"]
    assert sample.facts.inside
    facts = replace(sample.facts, inside=replace(sample.facts.inside, exported=exported))
    body = derive_view(sample.state, facts).body
    assert isinstance(body, AdministrationView)
    assert said in body.rows[0].line and body.rows[0].stands_out == (exported == "")
    assert [action.name for action in body.actions] == ["export-log"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 秒"), (119, "119 秒"), (120, "2 分钟"), (121, "3 分钟"), (3600, "60 分钟")]
)
def test_a_wait_is_told_in_whole_minutes_and_never_too_short(seconds: int, said: str) -> None:
    sample = samples()["pin-wrong"]
    view = derive_view(replace(sample.state, phase=replace(sample.state.phase, wait_s=seconds)), sample.facts)
    assert f"请在 {said}后再试" in view.body.line  # type: ignore[union-attr]


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_keep_off_the_header_and_words_off_the_edges_of_their_buttons(
    qapp: QApplication, canvas: tuple[int, int], language: str
) -> None:
    look = Look(*canvas)
    for name in CARDS:
        sample = samples()[name]
        for large in (False, True):
            state = replace(sample.state, language=language, large_print=large)
            with kiosk(state, replace(DESKTOP, canvas=canvas), sample.facts) as page:
                screen = page.window._current
                assert screen is not None
                (card,) = screen.findChildren(Card)
                assert card.geometry().top() >= look.px(Size.gap_s), f"{name} {large}: {card.geometry()}"
                for button in (control for control in screen.controls() if isinstance(control, Button)):
                    slack = button.width() - button.block(button.width()).width
                    assert slack >= 2 * look.px(Size.gap_xs), f"{name} {large}: {button.accessibleName()} leaves {slack}"
