"""A slice of `./dev fault-campaign` (issue 3, point 2), and proof that a campaign can fail."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from campaign.__main__ import main
from campaign.kinds import KINDS, Kind
from campaign.scene import Result, Scene
from campaign.template import Template, make_template
from campaign.tracing import shuffled, walk
from campaign.verdict import judge
from simulation.record import Act, Record, Visit

SEED = 1
STAR = """instr(CAST(line AS TEXT), '"kind":"star_chosen"') > 0"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return make_template(tmp_path_factory.mktemp("template"))


def play(kind: str, seed: int, folder: Path, template: Template) -> tuple[Result, Scene]:
    folder.mkdir()
    with Scene(folder, seed, template) as scene:
        return scene.play(KINDS[kind].run, KINDS[kind].before), scene


@pytest.mark.parametrize("kind", ["kill-at-step", "network"])
def test_nothing_is_lost(kind: str, template: Template, tmp_path: Path) -> None:
    result, _ = play(kind, SEED, tmp_path / "run", template)
    assert result.findings == []
    assert result.ratings > 0
    assert result.faults.total() > 0, "a run without a fault shows nothing"


# --- it can fail --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played(template: Template, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Scene]:
    """A finished run: its files, and its crowd's record."""
    return play("platform-restored", SEED, tmp_path_factory.mktemp("played") / "run", template)


def test_a_platform_set_back_gets_everything_again(played: tuple[Result, Scene]) -> None:
    """docs/trust.md: restores an old backup."""
    result, _ = played
    assert (result.findings, result.faults.total()) == ([], 1)


# --- it can fail --------------------------------------------------------------------------------------------------------


@dataclass
class Copy:
    """A finished run's files and record, free to be damaged."""

    platform: Path
    journal: Path
    record: Record

    def change(self, file: Path, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute(statement)
            connection.commit()

    @property
    def rated(self) -> Visit:
        """A visit with a star that a screen confirmed."""
        return next(visit for visit in self.record.visits.values() if visit.acts and all(act.confirmed for act in visit.acts))

    @property
    def session(self) -> str:
        """That visit's session, as SQL."""
        return f"x'{self.rated.session.replace('-', '')}'"


def lose_an_entry(copy: Copy) -> None:
    copy.change(copy.platform, f"DELETE FROM entries WHERE session = {copy.session} AND {STAR}")


def lose_a_session(copy: Copy) -> None:
    copy.change(copy.platform, f"DELETE FROM entries WHERE session = {copy.session}")


def drop_a_rating(copy: Copy) -> None:
    copy.change(copy.platform, "DELETE FROM ratings WHERE revision = (SELECT max(revision) FROM ratings)")


def tap_something_else(copy: Copy) -> None:
    star = next(act for act in copy.rated.acts if act.what == "star")
    star.value = star.level = star.level % 5 + 1


def tap_once_more(copy: Copy) -> None:
    copy.rated.acts.append(Act(0, "star", 5, 5, confirmed=True))


def have_nobody_there(copy: Copy) -> None:
    del copy.record.visits[copy.rated.session]


def leave_one_waiting(copy: Copy) -> None:
    copy.change(copy.journal, "INSERT INTO outbox(n) SELECT max(n) FROM entries")


PLANTED: Mapping[str, tuple[Callable[[Copy], None], str]] = {
    "an entry is gone": (lose_an_entry, "lost"),
    "a session is gone": (lose_a_session, "lost"),
    "a rating is gone": (drop_a_rating, "no rating"),
    "another star was confirmed": (tap_something_else, "altered"),
    "a confirmed tap is not held": (tap_once_more, "lost"),
    "nobody tapped what is held": (have_nobody_there, "invented"),
    "an entry was not delivered": (leave_one_waiting, "still waiting"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_sees_it(name: str, played: tuple[Result, Scene], tmp_path: Path) -> None:
    plant, word = PLANTED[name]
    _, scene = played
    copy = Copy(tmp_path / "platform.sqlite", tmp_path / "journal.sqlite3", deepcopy(scene.record))
    shutil.copyfile(scene.platform.database, copy.platform)
    shutil.copyfile(scene.journal, copy.journal)
    assert judge(copy.platform, copy.journal, copy.record).findings == []
    plant(copy)
    assert any(word in finding for finding in judge(copy.platform, copy.journal, copy.record).findings)


def steal(scene: Scene) -> None:
    """Somebody deletes a star at the platform, behind everybody's back."""
    while scene.rating(0.1) or scene.waiting():
        pass
    with contextlib.closing(sqlite3.connect(scene.platform.database, timeout=10)) as connection:
        connection.execute(f"DELETE FROM entries WHERE id = (SELECT min(id) FROM entries WHERE {STAR})")
        connection.commit()
    scene.count("star stolen")


def test_a_failed_campaign_says_so(
    template: Template, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seed, kept folder, the first violation and how to repeat it; exit code 1."""
    monkeypatch.setitem(KINDS, "stolen", Kind(steal))
    monkeypatch.setattr("campaign.__main__.make_template", lambda folder: template)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert main(["--runs", "1", "--seed", "3", "--only", "stolen", "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kinds"]["stolen"]["violations"] == 1
    assert "VIOLATION in stolen with seed 3" in printed.err
    assert "lost" in printed.err
    assert "./dev fault-campaign --runs 1 --seed 3 --only stolen" in printed.err
    (kept,) = tmp_path.glob("fault-campaign-*/run-3-stolen")
    assert {"events.log", "terminal.log", "platform.log", "platform.sqlite", "terminal"} <= {
        file.name for file in kept.iterdir()
    }


# --- steps --------------------------------------------------------------------------------------------------------------


def test_enough_seeds_take_every_step() -> None:
    steps = shuffled({"pwrite64": range(1, 12), "fdatasync": range(1, 5)})
    taken = {walk(steps, seed, number, 2) for seed in range(8) for number in range(2)}
    assert taken == set(steps)
    assert len(taken) == 11 + 4
