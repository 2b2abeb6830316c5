"""[voice] of terminal.toml, and what `doctor` says of it. Issue 5, point 3: mode, volume by mode, a hall's own recordings."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.hearing import write_wav

from terminal_app.commands.voice_trial import Look, look
from terminal_app.config import ConfigError, load
from terminal_app.config_voice import VoiceConfig
from ui.voice.player import PLAYERS, system_player

GOOD = 'data_dir = "/tmp/x"\n[platform]\nurl = "https://p.example"\n'


def voice_of(tmp_path: Path, text: str) -> VoiceConfig | None:
    file = tmp_path / "terminal.toml"
    file.write_text(GOOD + text, "utf-8")
    return load(file).voice


@pytest.mark.parametrize("text", ["", "[voice]\n", '[voice]\nmode = "off"\nearphone_volume = 5\n'])
def test_a_terminal_is_silent_unless_it_is_told_to_speak(tmp_path: Path, text: str) -> None:
    assert voice_of(tmp_path, text) is None


def test_volume_belongs_to_the_mode(tmp_path: Path) -> None:
    volumes = "loudspeaker_volume = 90\nearphone_volume = 40\n"
    assert voice_of(tmp_path, '[voice]\nmode = "loudspeaker"\n' + volumes) == VoiceConfig("loudspeaker", 90)
    assert voice_of(tmp_path, '[voice]\nmode = "earphone"\n' + volumes) == VoiceConfig("earphone", 40)


def test_player_recordings_and_silence_until_asked(tmp_path: Path) -> None:
    text = f'[voice]\nmode = "earphone"\nunasked = false\nrecordings = "{tmp_path}"\nplayer = ["aplay", "-D", "hw:1"]\n'
    assert voice_of(tmp_path, text) == VoiceConfig("earphone", 70, False, tmp_path, ("aplay", "-D", "hw:1"))


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('mode = "loud"', "voice.mode", "off, loudspeaker, earphone"),
        ('mode = "earphone"\nearphone_volume = 101', "voice.earphone_volume", "from 0 to 100"),
        ('loudspeaker_volume = "loud"', "voice.loudspeaker_volume", "a number"),
        ('recordings = "/no/such"', "voice.recordings", "/no/such"),
        ('player = "aplay"', "voice.player", "list of texts"),
        ("unasked = 1", "voice.unasked", "true or false"),
        ("pace = 2", "voice.pace", "not a known key"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path: Path, text: str, key: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        voice_of(tmp_path, "[voice]\n" + text)
    assert caught.value.key == key
    assert hint in str(caught.value)


def test_the_systems_player_is_the_first_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system_player() == PLAYERS[0]
    (tmp_path / "paplay").touch(mode=0o755)
    assert system_player()[0] == "paplay"
    (tmp_path / "aplay").touch(mode=0o755)
    assert system_player()[0] == "aplay"


def test_a_terminal_without_a_voice_imports_nothing_of_it() -> None:
    """Issue 5, “Measures”: a cold start pays for no sound; with a voice its parts come after the first frame."""
    code = (
        "import sys, terminal_app.process, terminal_app.commands.run\n"
        "print([name for name in sys.modules if name.startswith('ui.voice') or name.endswith('_voice')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout == "[]\n"


# --- doctor ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("player", "state", "told"),
    [
        (("cat",), "ok", "loudspeaker at 70 %, cat"),
        (("no-such-player",), "fail", "not installed"),
        (("/etc/passwd",), "fail", "cannot be run (Permission denied)"),
        (("sh", "-c", "echo no such card >&2; exit 1"), "fail", "no such card"),
        (("false",), "fail", "exit code 1"),
    ],
)
def test_doctor_plays_silence_and_says_what_comes_of_it(player: tuple[str, ...], state: str, told: str) -> None:
    (found,) = look(VoiceConfig("loudspeaker", 70, player=player))
    assert found.state == state
    assert told in found.message
    assert bool(found.remedy) == (state != "ok")


def test_doctor_gives_up_on_a_player_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("terminal_app.commands.voice_trial.DEADLINE_S", 0.2)
    (found,) = look(VoiceConfig("loudspeaker", 70, player=("sleep", "60")))
    assert (found.state, "does not end" in found.message) == ("fail", True)


def test_doctor_names_each_recording_that_cannot_be_played(tmp_path: Path) -> None:
    folder = tmp_path / "zh-CN"
    folder.mkdir()
    (folder / "texts.toml").write_text('[reason]\n901 = "等候时间太长"\n', "utf-8")
    write_wav(folder / "screen-rate.wav", [1, 2])
    write_wav(folder / "reason-901.wav", [1, 2])
    assert messages(tmp_path) == [Look("ok", f"2 recordings of the hall's own in {tmp_path}")]
    write_wav(folder / "screen-idle.wav", [1, 2], rate=44_100)
    write_wav(folder / "greeting.wav", [1, 2])
    stereo, unknown = messages(tmp_path)[1], messages(tmp_path)[0]
    assert unknown[:2] == ("warn", f"{folder / 'greeting.wav'}: no phrase has this name")
    assert stereo.message.startswith(f"{folder / 'screen-idle.wav'}: 44100 Hz")
    assert "ffmpeg" in stereo.remedy
    (folder / "texts.toml").write_text("[reason\n", "utf-8")
    assert "cannot be read" in messages(tmp_path)[0].message


def messages(recordings: Path) -> list[Look]:
    """What is said beside the player."""
    return list(look(VoiceConfig("loudspeaker", 70, True, recordings, ("cat",))))[1:]
