"""A person who only hears: recordings that say their own phrase, a player that writes down what it was given, and a transcript.

Each recording is a real WAV whose samples spell the name of its phrase; the player is a real program that appends what it
reads to a file. Nothing between the window and that file is replaced.
"""

import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from ui.voice.recordings import SOUNDS, TEXTS, texts_in
from ui.voice.wav import RATE

_BEGIN, _END = 0x7FFF, 0x0100


def speaking_folder(folder: Path, languages: Sequence[str] = ("zh-CN", "en")) -> Path:
    """Recordings in the form of a hall's own: every phrase that is shipped, spelling `language/phrase`."""
    for language in languages:
        own = folder / language
        own.mkdir(parents=True)
        for name in texts_in(SOUNDS / language):
            write_wav(own / f"{name}.wav", [*f"{language}/{name}".encode(), _END])
    return folder


def write_wav(file: Path, samples: Sequence[int], rate: int = RATE, channels: int = 1) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(array("h", samples).tobytes())


def recorder(file: Path) -> tuple[str, ...]:
    """A player's command: it writes down a mark, and then every sample that it is given."""
    return ("sh", "-c", r"""printf '\377\177' >> "$0" && exec cat >> "$0" """, str(file))


def spelled(file: Path) -> list[tuple[str, ...]]:
    """Every utterance so far, each as its phrases (`zh-CN/screen-rate`)."""
    data = file.read_bytes() if file.exists() else b""
    heard: list[tuple[str, ...]] = []
    letters = bytearray()
    for sample in array("h", data[: len(data) // 2 * 2]):
        if sample == _BEGIN:
            heard.append(())
            letters.clear()
        elif sample == _END:
            heard[-1] = (*heard[-1], letters.decode())
            letters.clear()
        else:
            letters.append(sample)
    return heard


def shipped_texts(language: str) -> dict[str, str]:
    """What the shipped recordings say, by phrase."""
    assert (SOUNDS / language / TEXTS).is_file()
    return texts_in(SOUNDS / language)
