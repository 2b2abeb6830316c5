"""What is spoken goes to a real program, which may be missing, fail, hang or be killed. Issue 5, point 3."""

import os
import signal
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.hearing import recorder, speaking_folder, spelled, write_wav

import ui.voice.player as player_module
from ui.voice.player import PLAYERS, Player
from ui.voice.recordings import SOUNDS, Recordings
from ui.voice.script import Shown
from ui.voice.wav import samples

DEADLINE_S = 10.0
RATE_ZH = ("zh-CN/screen-rate",)


def wait_until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.005)


@contextmanager
def playing(command: Sequence[str], own: Path | None = None, gain: float = 1.0) -> Iterator[tuple[Player, list[str]]]:
    """A player at work, and the problems that it tells."""
    told: list[str] = []
    player = Player(command, gain, Recordings(own), told.append)
    player.start()
    try:
        yield player, told
    finally:
        assert player.stop(DEADLINE_S)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speaking_folder(tmp_path_factory.mktemp("hall") / "own")


def test_an_utterance_is_played_phrase_by_phrase_in_its_language(tmp_path: Path, own: Path) -> None:
    with playing(recorder(tmp_path / "heard"), own) as (player, told):
        player.say("zh-CN", ("screen-rate", "keys-rate"))
        wait_until(lambda: spelled(tmp_path / "heard") == [("zh-CN/screen-rate", "zh-CN/keys-rate")], "it is said")
        player.say("en", (Shown("Submit"), Shown("Nobody recorded this", ("number-3",))))
        wait_until(lambda: spelled(tmp_path / "heard")[1:] == [("en/control-submit", "en/number-3")], "it is said in English")
    assert told == []


def test_a_language_without_recordings_is_spoken_in_the_fallback(tmp_path: Path, own: Path) -> None:
    """As its texts are, where a further language leaves them out."""
    with playing(recorder(tmp_path / "heard"), own) as (player, _):
        player.say("ug", ("screen-rate",))
        wait_until(lambda: spelled(tmp_path / "heard") == [RATE_ZH], "it is said")


def test_a_hall_replaces_single_recordings_and_adds_texts_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "zh-CN"
    folder.mkdir(parents=True)
    (folder / "texts.toml").write_text('[reason]\n901 = "等候时间太长"\n', "utf-8")
    write_wav(folder / "reason-901.wav", [1, 2, 3])
    write_wav(folder / "screen-rate.wav", [4, 5, 6])
    found = Recordings(tmp_path / "own")
    assert [file.parent for file in found.of("zh-CN", ("screen-rate", "screen-idle"))] == [folder, SOUNDS / "zh-CN"]
    assert list(found.of("zh-CN", (Shown("等候时间太长"), Shown("提交")))) == [
        folder / "reason-901.wav",
        SOUNDS / "zh-CN" / "control-submit.wav",
    ]


def test_the_player_gets_the_samples_of_the_recording_as_loud_as_is_set(tmp_path: Path) -> None:
    out = tmp_path / "raw"
    shipped = [sample for block in samples((SOUNDS / "en" / "star-3.wav").read_bytes()) for sample in block]
    with playing(("sh", "-c", 'exec cat > "$0"', str(out)), gain=0.5) as (player, told):
        player.say("en", ("star-3",))
        wait_until(lambda: out.exists() and out.stat().st_size == 2 * len(shipped), "all of it is played")
    assert list(array("h", out.read_bytes())) == [int(sample * 0.5) for sample in shipped]
    assert told == []


def test_nothing_on_the_command_line_says_what_is_spoken(tmp_path: Path, own: Path) -> None:
    """Whoever lists the processes of the machine does not learn a choice."""
    lines = tmp_path / "lines"
    script = 'tr "\\0" " " < /proc/$$/cmdline >> "$0"; echo >> "$0"; exec cat > /dev/null'
    with playing(("sh", "-c", script, str(lines)), own) as (player, _):
        for level in range(1, 6):
            player.say("zh-CN", ("private-recorded", f"star-{level}"))
            wait_until(lambda level=level: player.ended == level, "it is said")  # type: ignore[misc]
    found = lines.read_text("utf-8").splitlines()
    assert len(found) == 5
    assert len(set(found)) == 1


def test_a_new_utterance_ends_the_old_one(tmp_path: Path, own: Path) -> None:
    """A person hears where they are, not where they were."""
    pids, heard = tmp_path / "pids", tmp_path / "heard"
    script = (
        'echo $$ >> "$0"; if [ "$(wc -l < "$0")" = 1 ]; then exec sleep 60; fi; printf "\\377\\177" >> "$1"; exec cat >> "$1"'
    )
    with playing(("sh", "-c", script, str(pids), str(heard)), own) as (player, told):
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: pids.exists() and pids.read_text(), "the first is spoken")
        player.say("zh-CN", ("private-recorded", "star-2"))
        wait_until(lambda: spelled(heard) == [("zh-CN/private-recorded", "zh-CN/star-2")], "the second is spoken")
        wait_until(lambda: not is_running(int(pids.read_text().split()[0])), "the first was ended")
    assert told == []


def test_mute_ends_what_is_being_said(tmp_path: Path, own: Path) -> None:
    pids = tmp_path / "pids"
    with playing(("sh", "-c", 'echo $$ >> "$0"; exec sleep 60', str(pids)), own) as (player, told):
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: pids.exists() and pids.read_text(), "it is spoken")
        player.say("zh-CN", ())
        wait_until(lambda: not is_running(int(pids.read_text())), "it is quiet")
    assert told == []


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (("no-such-player",), "missing"),
        (("false",), "failed"),
        (("sh", "-c", "cat > /dev/null; exit 1"), "failed"),
        (("sleep", "60"), "silent"),
        (("sh", "-c", "cat > /dev/null; exec sleep 60"), "silent"),
    ],
    ids=["not there", "no device", "fails at the end", "takes nothing", "does not end"],
)
def test_a_player_that_does_not_play_is_told_once_and_again_when_it_works(
    tmp_path: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    command: tuple[str, ...],
    problem: str,
) -> None:
    monkeypatch.setattr(player_module, "HANG_S", 0.2)
    with playing(command, own) as (player, told):
        for turn in (1, 2):
            player.say("zh-CN", ("star-1",) * 4)
            wait_until(lambda turn=turn: player.ended == turn, "it gave up")  # type: ignore[misc]
            assert told == [problem]
        player._command = list(recorder(tmp_path / "heard"))
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: told == [problem, ""], "it works again")
    assert spelled(tmp_path / "heard") == [RATE_ZH]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "star" not in caplog.text, "no log tells what was spoken"


def test_a_player_that_is_killed_is_told_and_the_next_utterance_is_played(tmp_path: Path, own: Path) -> None:
    pids, heard = tmp_path / "pids", tmp_path / "heard"
    script = (
        'echo $$ >> "$0"; if [ "$(wc -l < "$0")" = 1 ]; then exec sleep 60; fi; printf "\\377\\177" >> "$1"; exec cat >> "$1"'
    )
    with playing(("sh", "-c", script, str(pids), str(heard)), own) as (player, told):
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: pids.exists() and pids.read_text(), "it is spoken")
        os.kill(int(pids.read_text()), signal.SIGKILL)
        wait_until(lambda: told == ["failed"], "the problem is told")
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: told == ["failed", ""], "it works again")
    assert spelled(heard) == [RATE_ZH]


def test_a_broken_recording_is_left_out_and_not_named_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = speaking_folder(tmp_path / "own", ["zh-CN"])
    (own / "zh-CN" / "star-1.wav").write_bytes(b"this is no WAV")
    with playing(recorder(tmp_path / "heard"), own) as (player, told):
        for turn in (1, 2):
            player.say("zh-CN", ("private-recorded", "star-1", "keys-thanks"))
            wait_until(lambda turn=turn: player.ended == turn, "it is said")  # type: ignore[misc]
    assert spelled(tmp_path / "heard") == [("zh-CN/private-recorded", "zh-CN/keys-thanks")] * 2
    assert told == []
    assert caplog.text.count("cannot be played") == 1
    assert "star" not in caplog.text


def test_saying_something_never_waits_for_the_player(tmp_path: Path, own: Path) -> None:
    """A thousand utterances in a moment: the last one is heard, and no more players run than one."""
    with playing(("sh", "-c", "exec sleep 60"), own) as (player, told):
        for _ in range(1_000):
            player.say("zh-CN", ("screen-rate",))
        player._command = list(recorder(tmp_path / "heard"))
        player.say("en", ("screen-idle",))
        wait_until(lambda: spelled(tmp_path / "heard")[-1:] == [("en/screen-idle",)], "the last is said")
    assert told == []


def test_a_player_that_ignores_the_request_to_end_is_stopped_in_time(tmp_path: Path, own: Path) -> None:
    pids = tmp_path / "pids"
    with playing(("sh", "-c", "trap '' TERM; echo $$ >> \"$0\"; sleep 60; sleep 60", str(pids)), own) as (player, _):
        player.say("zh-CN", ("screen-rate",))
        wait_until(lambda: pids.exists() and pids.read_text(), "it runs")
        begun = time.monotonic()
        assert player.stop(DEADLINE_S)
        assert time.monotonic() - begun < DEADLINE_S / 2


def test_alsas_own_player_takes_what_it_is_given() -> None:
    """The real `aplay`, into ALSA's null device."""
    assert PLAYERS[0][0] == "aplay"
    with playing((*PLAYERS[0], "-D", "null")) as (player, told):
        player.say("en", ("number-1",))
        wait_until(lambda: player.ended == 1, "it is played")
    assert told == []


def test_without_a_sound_card_alsas_player_is_told_of() -> None:
    with playing((*PLAYERS[0], "-D", "hw:31")) as (player, told):
        player.say("en", ("number-1",))
        wait_until(lambda: told == ["failed"], "the problem is told")
