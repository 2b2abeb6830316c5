"""Every screen on every canvas, in every language and print: nothing cut off, nothing on top of another, large enough to hit.

Each canvas is surveyed once; the rules are then read off the survey. Sources: design ui.md, “Measures”; regions.md,
elder-friendly design.
"""

from dataclasses import replace
from itertools import accumulate, combinations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from support.kiosk_page import DESKTOP, KioskPage, kiosk, texts_of
from support.screen_survey import Picture, survey
from support.window_samples import CANVASES, LANGUAGES, LONG_TICKET, samples, session, terminal

from terminal_app.domain import session as s
from terminal_app.domain.ticket import Case, CaseTicket
from ui.contact import GUARD_MS
from ui.look import Look
from ui.screens.idle import Steps
from ui.screens.message import MessageScreen
from ui.screens.rate import MatterCard
from ui.theme import LABEL, Size
from ui.widgets.chip import Chip
from ui.widgets.seams import seams
from ui.widgets.star import StarCard
from ui.widgets.surface import Card, Rule

STAR_DP = 120
CORE_OF_ONE_STAR = {"reason-108", "reason-109", "reason-110"}


@pytest.fixture(params=CANVASES, ids=str)
def shown(request: pytest.FixtureRequest, qapp: QApplication) -> tuple[Picture, ...]:
    return survey(request.param)


def gap(one: QRect, other: QRect) -> int:
    """Pixels between two rectangles, along the axis that parts them."""
    across = max(one.left() - other.right(), other.left() - one.right()) - 1
    down = max(one.top() - other.bottom(), other.top() - one.bottom()) - 1
    return max(across, down)


def test_no_word_is_cut_off_left_out_or_off_the_screen(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        assert len(one.items) >= 3, one.name
        for part in one.items:
            assert part.fits, f"{one.name}: {part.spoken!r} does not fit into {part.place}"
            assert one.canvas.contains(part.place), f"{one.name}: {part.spoken!r} is off the screen at {part.place}"
            assert part.inside, f"{one.name}: {part.spoken!r} is outside of what holds it"


def test_no_latin_word_is_broken(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        for part in one.items:
            if part.text.isascii() and part.lines:
                assert " ".join(part.lines).split() == part.text.split(), f"{one.name}: {part.lines}"


@pytest.mark.parametrize("whole", ["阿卜杜热西提·买买提", "窗口端不显示您的选择"])
def test_names_and_promises_of_the_rate_screen_stay_on_one_line(shown: tuple[Picture, ...], whole: str) -> None:
    """Design ui.md, “Screens”: by whom it was handled; “Say only what is true”."""
    found = [part for one in shown if one.name.startswith("rate") for part in one.items if whole in part.text and part.lines]
    assert found
    for part in found:
        assert any(whole in line for line in part.lines), part.lines


def test_a_long_name_parts_between_its_words(shown: tuple[Picture, ...]) -> None:
    """Design ui.md, “Always say where we are”."""
    name = LONG_TICKET.first.matter_name
    assert name
    found = [part.lines for one in shown for part in one.items if part.text == name]
    assert found
    for lines in found:
        assert set(accumulate(map(len, lines[:-1]))) <= set(seams(name)), lines


def test_texts_and_controls_do_not_lie_on_each_other(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        for part, other in combinations([part for part in one.items if not part.banner], 2):
            overlap = part.place.intersected(other.place)
            assert overlap.isEmpty(), f"{one.name}: {part.spoken!r} and {other.spoken!r} share {overlap}"


def test_everything_keeps_off_the_lower_edge(shown: tuple[Picture, ...]) -> None:
    """Design ui.md, “Measures”: no less than the least gap."""
    for one in shown:
        for part in one.items:
            left = one.canvas.bottom() - part.place.bottom()
            assert left >= int(Size.gap_min * one.scale), f"{one.name}: {part.spoken!r} is {left} above the edge"


def test_words_keep_off_the_edges_of_their_buttons(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        for part in one.items:
            assert part.slack >= 2 * int(Size.gap_xs * one.scale), f"{one.name}: {part.spoken!r} leaves {part.slack}"


def test_a_banner_hides_no_control(shown: tuple[Picture, ...]) -> None:
    banners = [(one, part) for one in shown for part in one.items if part.banner]
    assert banners
    for one, banner in banners:
        assert not any(part.place.intersects(banner.place) for part in one.controls), one.name


def test_targets_are_large_enough_and_far_enough_apart(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        wanted = int(Size.gap_min * one.scale)
        for part in one.controls:
            least = int((STAR_DP if part.star else Size.target) * one.scale)
            assert min(part.place.width(), part.place.height()) >= least, f"{one.name}: {part.name} {part.place}"
        for part, other in combinations(one.controls, 2):
            between = gap(part.place, other.place)
            assert between >= wanted, f"{one.name}: {part.name} and {other.name} are {between} apart, not {wanted}"


def test_every_control_has_a_name_to_tap_by_and_one_to_speak(shown: tuple[Picture, ...]) -> None:
    for one in shown:
        names = [part.name for part in one.controls]
        assert all(names), one.name
        assert len(names) == len(set(names)), one.name
        assert all(part.spoken.strip() for part in one.controls), one.name


def test_all_eight_reasons_are_there_at_once_in_normal_print(shown: tuple[Picture, ...]) -> None:
    reasons = [one for one in shown if one.name.startswith("reasons") and not one.large and "phone" not in one.name]
    assert reasons
    for one in reasons:
        assert sum(part.name.startswith("reason-") for part in one.controls) == 8, one.name


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_large_print_the_core_reasons_come_first_and_every_other_can_be_reached(
    qapp: QApplication, canvas: tuple[int, int], language: str
) -> None:
    """Design ui.md, principle 2. As many as fit are there at once, so that no room is left empty below them."""
    state = replace(samples()["reasons-1"].state, language=language, large_print=True)
    with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
        first = reasons_in(page)
        found = set(first)
        paged = "more-reasons" in page.names
        assert first >= CORE_OF_ONE_STAR
        chips = [control for control in page.window.controls() if isinstance(control, Chip)]
        lowest = max(chip.geometry().bottom() for chip in chips)
        actions = min(page.control(name).geometry().top() for name in ("phone", "skip") if name in page.names)
        assert actions - lowest - 1 <= 2 * Look(*canvas).px(Size.gap_m)
        while "more-reasons" in page.names:
            page.tap("more-reasons")
            page.clock.now += GUARD_MS
            found |= reasons_in(page)
        if paged:
            page.tap("core-reasons")
            assert reasons_in(page) == first
        assert len(found) == 8


def reasons_in(page: KioskPage) -> set[str]:
    return {control for control in page.names if control.startswith("reason-")}


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_thanks_the_rule_leaves_a_gap_below_what_is_promised(
    qapp: QApplication, canvas: tuple[int, int], language: str
) -> None:
    """Design ui.md, “Measures”: no less than the least gap."""
    state = replace(samples()["thanks-2"].state, language=language)
    with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
        rules = [rule for rule in page.window.widget.findChildren(Rule) if rule.isVisible()]
        assert len(rules) == 1
        top = rules[0].geometry().top()
        above = [words.geometry().bottom() for words in texts_of(page.window.widget) if words.parent() is rules[0].parent()]
        lowest = max(bottom for bottom in above if bottom < top)
        assert top - lowest - 1 >= Look(*canvas).px(Size.gap_min)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_large_print_the_question_stands_clear_of_the_matter(
    qapp: QApplication, canvas: tuple[int, int], language: str
) -> None:
    """Design ui.md, “Measures”: no less than the least gap."""
    state = replace(samples()["rate-voice"].state, language=language, large_print=True)
    with kiosk(state, replace(DESKTOP, canvas=canvas)) as page:
        matter = next(card for card in page.window.widget.findChildren(MatterCard) if card.isVisible())
        below = [words.geometry().top() for words in texts_of(page.window.widget) if words.parent() is matter.parent()]
        assert min(below) - matter.geometry().bottom() - 1 >= Look(*canvas).px(Size.gap_min)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["paused", "out-of-order", "unenrolled"])
def test_in_large_print_a_message_leaves_a_gap_below_the_header(
    qapp: QApplication, canvas: tuple[int, int], language: str, name: str
) -> None:
    """Design ui.md, “Measures”: no less than the least gap."""
    sample = samples()[name]
    state = replace(sample.state, language=language, large_print=True)
    with kiosk(state, replace(DESKTOP, canvas=canvas), sample.facts) as page:
        messages = page.window.widget.findChildren(MessageScreen)
        cards = [card for message in messages for card in message.findChildren(Card) if card.isVisible()]
        assert len(cards) == 1
        assert cards[0].geometry().top() >= Look(*canvas).px(Size.gap_min)


def test_in_large_print_the_reference_canvas_still_shows_the_three_steps(qapp: QApplication) -> None:
    """Design ui.md, “Measures”: the reference canvas is 1280×800."""
    sample = samples()["idle"]
    with kiosk(replace(sample.state, large_print=True), replace(DESKTOP, canvas=(1280, 800)), sample.facts) as page:
        steps = [steps for steps in page.window.widget.findChildren(Steps) if steps.isVisible()]
        assert len(steps) == 1


def test_portrait_is_designed_not_scaled(qapp: QApplication) -> None:
    """On the upright canvas the stars do not shrink with the width, and their labels are larger."""
    rate = samples()["rate"]
    stars, labels = [], []
    for canvas in ((1280, 800), (800, 1280)):
        with kiosk(rate.state, replace(DESKTOP, canvas=canvas)) as page:
            star = page.control("star-3")
            assert isinstance(star, StarCard)
            stars.append(star.glyph_room().width())
            labels.append(Look(*canvas).font_px(LABEL))
    assert stars[1] >= 0.9 * stars[0]
    assert labels[1] > labels[0]


def test_a_name_that_no_screen_can_hold_is_cut_visibly_and_spoken_whole(qapp: QApplication) -> None:
    endless = "关于" * 60
    ticket = CaseTicket((Case("TA202611210417", None, endless),))
    with kiosk(terminal(s.AwaitStars(session(ticket), 3, 0))) as page:
        whole = [widget for widget in texts_of(page.window.widget) if widget.accessibleName() == endless]
        assert len(whole) == 1
        assert not whole[0].fits()  # type: ignore[attr-defined]
        assert page.names[:5] == [f"star-{level}" for level in range(1, 6)]
