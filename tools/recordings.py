"""Speaks the phrases of `ui/voice/sounds/*/texts.toml` into recordings, with eSpeak NG and SoX. Run by `./dev recordings`.

The result depends on the texts and on the two programs alone. Each recording says in its own header what is spoken, by whom.
"""

import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from ui.voice.recordings import SOUNDS, texts_in

RATE = 12_000
"""Samples a second: as much as synthetic speech needs, in three quarters of the space."""
VOICES = {"zh-CN": ("cmn", 270), "en": ("en-us", 180)}
"""eSpeak NG's voice for each language, and its pace in words a minute."""
SOX = ["-r", str(RATE), "-c", "1", "-e", "ima-adpcm"]
EFFECTS = [
    "norm",
    "-3",
    "silence",
    "1",
    "0.01",
    "0.2%",
    "reverse",
    "silence",
    "1",
    "0.01",
    "0.2%",
    "reverse",
    "pad",
    "0.02",
    "0.05",
]


def version() -> str:
    """What spoke, as it stands in each recording."""
    told = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout
    return "eSpeak NG " + told.split(":")[1].split()[0]


def speak(text: str, language: str, folder: Path) -> bytes:
    """The recording of one phrase. Raises CalledProcessError."""
    voice, pace = VOICES[language]
    spoken, made = folder / "spoken.wav", folder / "made.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(pace), "-w", str(spoken), text], check=True)
    subprocess.run(["sox", "-R", "-D", str(spoken), *SOX, str(made), *EFFECTS], check=True)
    return made.read_bytes()


def signed_by(recording: bytes, text: str, by: str) -> bytes:
    """The same with its text (INAM) and its speaker (ISFT) in the header."""
    info = b"INFO" + _chunk(b"INAM", text.encode()) + _chunk(b"ISFT", by.encode())
    body = recording[12:] + _chunk(b"LIST", info)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def build(folder: Path, by: str) -> int:
    """Speak what one language's folder lists, remove what it lists no more; how many files changed."""
    texts, changed = texts_in(folder), 0
    with tempfile.TemporaryDirectory() as work:
        for name, text in texts.items():
            file, made = folder / f"{name}.wav", signed_by(speak(text, folder.name, Path(work)), text, by)
            if not file.is_file() or file.read_bytes() != made:
                file.write_bytes(made)
                changed += 1
    for file in folder.glob("*.wav"):
        if file.stem not in texts:
            file.unlink()
            changed += 1
    return changed


def main() -> int:
    """Build every language's recordings."""
    missing = [program for program in ("espeak-ng", "sox") if not shutil.which(program)]
    if missing:
        print(f"{', '.join(missing)} missing. As root: apt-get install -y espeak-ng sox", file=sys.stderr)
        return 3
    by = version()
    for language in VOICES:
        folder = SOUNDS / language
        print(f"{language}: {len(texts_in(folder))} phrases …", flush=True)
        changed = build(folder, by)
        size = sum(file.stat().st_size for file in folder.glob("*.wav"))
        print(f"{language}: {changed} recordings changed, {size >> 10} KiB in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
