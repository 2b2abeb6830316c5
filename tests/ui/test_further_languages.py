"""A further language is a file dropped into ui/texts, and two fifths more text break no layout. Issue 5, point 1."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from support.kiosk_page import kiosk
from support.pseudo_locale import LONGER, PSEUDO, drop_in, lengthened
from support.screen_survey import Item, survey
from support.window_samples import CANVASES, FACTS, await_stars, terminal

import ui.wording as wording_module
from terminal_app.config import load
from terminal_app.domain import session as s
from ui.theme import Size
from ui.widgets.words import BREAK, DOT
from ui.wording import FALLBACK, languages, wording

FIRST_IDEOGRAPH = "\u2e80"


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of texts with a made-up language dropped in."""
    folder = tmp_path / "texts"
    folder.mkdir()
    drop_in(folder)
    monkeypatch.setattr(wording_module, "TEXTS", folder)
    forget_tables()
    yield folder
    forget_tables()


def forget_tables() -> None:
    wording.cache_clear()
    wording_module._texts.cache_clear()


def test_the_made_up_language_is_two_fifths_longer() -> None:
    letters = sum(character.isalnum() for text in wording("en").texts.values() for character in text)
    longer = sum(character.isalnum() for text in wording("en").texts.values() for character in lengthened(text))
    assert longer / letters == pytest.approx(LONGER, abs=0.06)
    assert lengthened("{count} cases") == "{count} çášéšç"


def test_a_dropped_in_language_is_offered_in_its_turn_by_its_own_name(texts: Path, qapp: QApplication) -> None:
    assert languages() == ("zh-CN", "en", PSEUDO)
    with kiosk(terminal(s.Idle(), language="en"), facts=replace(FACTS, languages=languages())) as page:
        button = page.control("language")
        assert button.view is not None
        assert button.view.text == wording(PSEUDO)("language.name")
        page.tap("language")
        assert page.events == [s.LanguageChosen(PSEUDO)]
        page.show(terminal(await_stars(), language=PSEUDO))
        spoken = [child.accessibleName() for child in page.window.controls()]
        assert wording(PSEUDO)("level_name.1") in spoken


def test_a_dropped_in_language_may_be_the_default(texts: Path, tmp_path: Path) -> None:
    file = tmp_path / "terminal.toml"
    file.write_text(f'data_dir = "x"\n[platform]\nurl = "https://p.example"\n[display]\nlanguage = "{PSEUDO}"\n')
    assert load(file).display.language == PSEUDO


def test_what_a_dropped_in_file_leaves_out_is_said_in_the_fallback(texts: Path) -> None:
    (texts / "fr.json").write_text('{"language": {"name": "Français"}, "rate": {"question": "Satisfait ?"}}', "utf-8")
    say = wording("fr")
    assert say("rate.question") == "Satisfait ?"
    assert say("thanks.title") == wording(FALLBACK)("thanks.title")


BROKEN = {
    "nothing": "",
    "no JSON": "[language]\nname = 'Deutsch'",
    "no tables": '["Deutsch"]',
    "a table that is a text": '{"language": "Deutsch"}',
    "not in UTF-8": "\udcff",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_no_language(texts: Path, what: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is named in the log, and nothing else happens."""
    (texts / "de.json").write_text(BROKEN[what], "utf-8", "surrogateescape")
    assert languages() == ("zh-CN", "en", PSEUDO)
    assert wording("de").language == FALLBACK
    assert "de.json" in caplog.text


@pytest.mark.parametrize("text", ("{windows}", "{", "}", "{}", "{number.real}", "{0}", "{number!z}", "{number:d}"))
def test_a_text_that_cannot_be_filled_is_said_in_the_fallback(texts: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    tables = {"language": {"name": "Deutsch"}, "window": {"number": text}}
    (texts / "de.json").write_text(json.dumps(tables), "utf-8")
    assert wording("de")("window.number", number=3) == wording(FALLBACK)("window.number", number=3)
    assert "de: window.number" in caplog.text


def is_torn(part: Item) -> bool:
    """Whether a word of letters begins on one line and ends on another; a command may part at its hyphens."""
    words = [word for word in part.text.replace(BREAK, "").split() if word != DOT and "-" not in word]
    on_lines = " ".join(part.lines).split()
    return bool(part.lines) and any(word.isalpha() and word < FIRST_IDEOGRAPH and word not in on_lines for word in words)


@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_two_fifths_more_text_break_no_layout(texts: Path, qapp: QApplication, canvas: tuple[int, int]) -> None:
    wrong = []
    for one in survey(canvas, (PSEUDO,)):
        for part in one.items:
            if not part.fits or not part.inside or not one.canvas.contains(part.place):
                wrong.append(f"{one.name}: {part.spoken!r} does not fit into {part.place}")
            if part.slack < 2 * int(Size.gap_xs * one.scale):
                wrong.append(f"{one.name}: {part.spoken!r} touches the edges of its button, {part.slack} are left")
            if is_torn(part):
                wrong.append(f"{one.name}: a word is torn in {part.lines}")
        for part, other in combinations([part for part in one.items if not part.banner], 2):
            if part.place.intersects(other.place):
                wrong.append(f"{one.name}: {part.spoken!r} lies on {other.spoken!r}")
    assert not wrong, "\n".join(wrong)
