"""What tools for blind people find: names, roles, values, order and announcements on every screen. Issue 5, point 4."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication
from support.kiosk_page import KioskPage, kiosk, texts_of
from support.window_samples import LANGUAGES, await_reasons, await_stars, noticed, samples, terminal, thanks

from terminal_app.domain import session as s
from ui import announcer
from ui.widgets.control import Control

ROLES = {QAccessible.Role.Button, QAccessible.Role.CheckBox}


def found(widget: QObject) -> QAccessibleInterface:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface


def name_of(widget: QObject) -> str:
    return str(found(widget).text(QAccessible.Text.Name))


def tree(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Everything below that is on the screen."""
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and not child.state().invisible:
            yield child
            yield from tree(child)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(samples()))
def test_every_control_and_every_text_of_the_tree_has_a_name_and_a_role(qapp: QApplication, name: str, language: str) -> None:
    sample = samples()[name]
    with kiosk(replace(sample.state, language=language), facts=sample.facts) as page:
        nodes = list(tree(found(page.window.widget)))
        controls = [node for node in nodes if node.role() in ROLES]
        assert {node.object().objectName() for node in controls} >= set(page.names)
        for node in controls:
            assert node.text(QAccessible.Text.Name).strip(), node.object().objectName()
        for words in texts_of(page.window.widget):
            assert found(words).role() in {*ROLES, QAccessible.Role.StaticText}
            assert name_of(words).strip()
            assert "\u200b" not in name_of(words)


def test_the_same_control_has_a_name_of_its_own_in_each_language(qapp: QApplication) -> None:
    named = []
    for language in LANGUAGES:
        with kiosk(terminal(await_stars(), language=language)) as page:
            named.append({name: name_of(page.control(name)) for name in page.names})
    chinese, english = named
    assert chinese.keys() == english.keys()
    assert all(chinese[name] != english[name] for name in chinese)
    assert english["star-2"] == "Two stars, poor"


def test_what_is_chosen_or_marked_is_a_value(qapp: QApplication) -> None:
    with kiosk(terminal(await_stars(star=4))) as page:
        assert [bool(found(page.control(f"star-{n}")).state().checked) for n in range(1, 6)] == [n == 4 for n in range(1, 6)]
        page.show(terminal(await_reasons(toggled=("208",))))
        assert not found(page.control("reason-207")).state().checked
        assert found(page.control("reason-208")).state().checked
        page.show(terminal(await_reasons()))
        submit = next(
            one for one in page.window.widget.findChildren(Control) if one.objectName() == "submit" and one.isVisible()
        )
        assert found(submit).state().disabled


@pytest.mark.parametrize("name", [name for name in samples() if not name.startswith("menu")])
def test_the_order_of_the_arrows_is_that_of_reading(qapp: QApplication, name: str) -> None:
    """Row by row, left to right; the footer, which is on every screen, comes last. “Back” of the staff menu is its last."""
    sample = samples()[name]
    with kiosk(sample.state, facts=sample.facts) as page:
        places = [
            control.rect().translated(control.mapTo(page.window.widget, control.rect().topLeft()))
            for control in page.window.controls()
        ]
        for one, other in pairwise(places):
            assert other.center().y() > one.top(), name
            assert other.top() >= one.bottom() or other.left() > one.left(), name


def heard(page: KioskPage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every announcement from now on."""
    said: list[str] = []
    monkeypatch.setattr(announcer.QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(announcer.QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    return said


def test_each_new_screen_and_each_banner_is_announced_once(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    with kiosk(terminal(s.Idle())) as page:
        said = heard(page, monkeypatch)
        page.show(terminal(await_stars()))
        page.show(noticed("already_read", await_stars()))
        page.show(terminal(thanks(2)))
    assert len(said) == 3
    assert said[0].startswith("您对这次服务满意吗？")
    assert said[1] == "已读取，请直接评价"
    assert said[2].startswith("感谢您的评价")


def test_what_is_announced_is_the_same_for_every_level(qapp: QApplication) -> None:
    """Neutral, and the loudspeaker never says a level: tools speak aloud at a counter."""
    spoken = set()
    for level in range(1, 6):
        with kiosk(terminal(thanks(level))) as page:
            assert page.window.view is not None
            spoken.add(page.window.view.spoken)
    assert len(spoken) == 1
