"""Looks at the voice of one terminal for `doctor`: its player, by playing silence, and every recording of the hall's own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from terminal_app.config_voice import VoiceConfig
from ui.voice.player import system_player
from ui.voice.recordings import SOUNDS, TEXTS, read, texts_in
from ui.voice.wav import RATE, BadRecording, samples

SILENCE = bytes(2 * (RATE // 5))
DEADLINE_S = 5.0
CONVERT = f"ffmpeg -i FILE -ac 1 -ar {RATE} -c:a pcm_s16le NAME.wav"
_LISTED = 5


class Look(NamedTuple):
    """One thing that was looked at: state as in doctor's findings, what was found, and what to do."""

    state: str
    message: str
    remedy: str = ""


def look(voice: VoiceConfig) -> Iterator[Look]:
    """Everything about a voice, player first."""
    yield _player(voice)
    if voice.recordings:
        yield from _recordings(voice.recordings)


def _player(voice: VoiceConfig) -> Look:
    command = list(voice.player or system_player())
    told = f"{voice.mode} at {voice.volume} %, {command[0]}"
    try:
        done = subprocess.run(command, input=SILENCE, capture_output=True, timeout=DEADLINE_S, check=False)
    except FileNotFoundError:
        return Look("fail", f"{told} is not installed", "apt-get install alsa-utils, or name another under [voice] player")
    except OSError as error:
        return Look("fail", f"{told} cannot be run ({error.strerror})", "correct [voice] player")
    except subprocess.TimeoutExpired:
        return Look(
            "fail", f"{told} does not end", "look at the sound card; name it under [voice] player (aplay -L lists them)"
        )
    if done.returncode:
        why = (done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"])[0]
        remedy = "plug in and switch on the sound device (aplay -l lists them); add the service user to the group audio"
        return Look("fail", f"{told}: {why}", remedy)
    return Look("ok", told)


def _recordings(own: Path) -> Iterator[Look]:
    problems = [problem for folder in sorted(own.iterdir()) if folder.is_dir() for problem in _problems(folder)]
    for file, problem, remedy in problems[:_LISTED]:
        yield Look("warn", f"{file}: {problem}", remedy)
    if len(problems) > _LISTED:
        yield Look("warn", f"{own}: {len(problems) - _LISTED} more", "correct these first")
    count = sum(1 for _ in own.glob("*/*.wav"))
    if not problems:
        yield Look("ok", f"{count} recordings of the hall's own in {own}")


def _problems(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """(file, what is wrong, what to do) of one language's folder."""
    try:
        phrases = {**texts_in(SOUNDS / folder.name), **texts_in(folder)}
    except (OSError, ValueError) as error:
        yield folder / TEXTS, f"cannot be read ({error})", "correct it; docs/voice.md shows its form"
        return
    for file in sorted(folder.glob("*.wav")):
        if file.stem not in phrases:
            yield file, "no phrase has this name", f"rename it after a phrase, or add its text to {folder / TEXTS}"
            continue
        try:
            samples(read(file))
        except (OSError, BadRecording) as error:
            yield file, str(error), CONVERT
