"""One word per level, wherever a citizen or an administrator reads it: docs/glossary.md, “level”; taian 二(三).

The platform imports nothing of the window, so that each has words of its own; here they are held against each other.
"""

import json
import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from central_platform.languages import LANGUAGES
from central_platform.paper.words import LEVELS
from central_platform.phone.wording import say
from central_platform.reports.words import WORDS
from ui.wording import wording

UP = range(1, 6)


def at_the_window(language: str) -> list[str]:
    return [wording(language)(f"level.{level}").replace("\u200b", "") for level in UP]


def on_the_live_page(language: str) -> list[str]:
    page = files("central_platform").joinpath("static", "live.html").read_text("utf-8")
    found = [json.loads(words) for words in re.findall(r"levels: (\[.*?\])", page)]
    return found[LANGUAGES.index(language)]


PLACES: dict[str, Callable[[str], list[str]]] = {
    "a telephone": lambda language: [say(language, f"level_{level}").replace("\u200b", "") for level in UP],
    "a paper form": lambda language: list(LEVELS[language]),
    "a report": lambda language: [str(word) for word in WORDS[language]["columns"][5:0:-1]],
    "the live page": on_the_live_page,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", PLACES)
def test_a_level_has_the_words_of_the_window_everywhere(place: str, language: str) -> None:
    assert PLACES[place](language) == at_the_window(language)
