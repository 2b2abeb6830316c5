"""What all commands of issue 2, point 8, have in common: an example in each help, exit codes, the language of the console."""

import re
from pathlib import Path

import pytest
from support.commands import ran
from support.counter import Counter, command

from terminal_app.commands.shared import is_chinese

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "run",
    "demo",
    "enroll",
    "doctor",
    "journal",
    "journal list",
    "journal verify",
    "journal export",
    "outbox",
    "outbox list",
    "outbox requeue",
    "devices",
    "devices scan",
    "devices test",
    "devices status",
    "devices watch",
    "devices record",
    "simulate",
    "simulate keypad",
    "simulate replay",
    "region",
    "region list",
    "region show",
    "region explain",
    "region diff",
    "region validate",
)
pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_parses_and_the_exit_codes(name: str) -> None:
    """Issue 2, commands: each has `--help` with an example, exit codes documented."""
    text = ran(command(*name.split(), "--help")).out
    example = text.partition("example:\n")[2]
    assert f"rating-terminal {name}" in example
    for code in ("0 done", "1 done, with findings", "2 wrong use", "3 something needed is not available"):
        assert code in text


def test_help_lists_every_command() -> None:
    listed = set(re.findall(r"^    (\w+) ", command("--help").out, re.MULTILINE))
    assert listed == {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("journal",),
        ("outbox", "delete"),
        ("enroll",),
        ("journal", "list", "--last", "many"),
        ("demo", "--headless", "--ratings", "-1"),
        ("outbox", "requeue", "all"),
    ],
)
def test_wrong_use_is_2(words: tuple[str, ...]) -> None:
    assert "usage: rating-terminal" in ran(command(*words), 2).err


@pytest.mark.parametrize("name", ["run", "enroll --claim x", "doctor", "journal list", "journal export x", "outbox list"])
def test_a_configuration_that_is_not_there_is_2(name: str, tmp_path: Path) -> None:
    done = ran(command(*name.split(), "--config", tmp_path / "none.toml"), 2)
    assert "no such file" in done.err
    assert "docs/terminal.example.toml" in done.err


@pytest.mark.parametrize(
    "name", ["journal list", "journal verify", "journal export x", "outbox list", "outbox requeue", "doctor"]
)
def test_nothing_is_made_where_there_is_nothing(name: str, bare_counter: Counter) -> None:
    """A slip in data_dir must not leave an empty terminal behind."""
    bare_counter.configure("http://127.0.0.1:9")
    done = ran(command(*name.split(), "--config", bare_counter.config), 1 if name == "doctor" else 3)
    assert str(bare_counter.data) in done.err + done.out
    assert not bare_counter.data.exists()


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_MESSAGES": "zh_TW"}, True),
        ({}, False),
    ],
)
def test_messages_are_in_the_language_of_the_console(
    variables: dict[str, str], chinese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether that language is installed or not."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_chinese() == chinese
