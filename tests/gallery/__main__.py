"""`./dev screens [DIR]`: every screen, on every canvas, in every mode and language, as PNG files with a page to look at.

The states are those of support/window_samples.py, which the tests of the screens use as well.
"""

import argparse
import os
import sys
from pathlib import Path

_HELP = "Draw every screen of the window: each canvas, mode (normal, large print, high contrast) and language, as PNG."
_END = """\
Open index.html in DIR to look at them side by side. No display is needed. NAME is a screen (rate) or a sample of it
(rate-batch); pictures of earlier runs stay in DIR and on the page. --optimised draws the small set that docs/screens/
keeps and the visual regression test compares with.

examples:
  ./dev screens
  ./dev screens /tmp/screens --only rate --only thanks
  ./dev screens docs/screens --optimised
"""
DEFAULT_FOLDER = "var/screens"
_TELL_EVERY = 100


def main(words: list[str]) -> int:
    options = _options(words)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from gallery.page import write_page
    from gallery.shots import all_shots, draw, kept_in, optimise, small_set

    shots = small_set() if options.optimised else all_shots()
    if options.only:
        shots = [shot for shot in shots if any(_is_named(shot.name, name) for name in options.only)]
    if not shots:
        names = ", ".join(sorted({shot.name for shot in all_shots()}))
        print(f"screens: no screen is named {', '.join(options.only)}. There are: {names}", file=sys.stderr)
        return 2
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"screens: {options.folder}: {error.strerror}. Give a folder that can be written", file=sys.stderr)
        return 1
    for count, shot in enumerate(draw(shots, options.folder), 1):
        if options.optimised:
            optimise(options.folder / shot.file)
        if count % _TELL_EVERY == 0:
            print(f"screens: {count} of {len(shots)}", file=sys.stderr, flush=True)
    write_page(options.folder, kept_in(options.folder))
    print(f"screens: {len(shots)} pictures, look at {options.folder / 'index.html'}")
    return 0


def _is_named(sample: str, name: str) -> bool:
    return sample == name or sample.startswith(f"{name}-")


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "./dev screens", description=_HELP, epilog=_END, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, default=Path(DEFAULT_FOLDER), help="default: var/screens"
    )
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this screen alone; may be repeated")
    parser.add_argument("--optimised", action="store_true", help="each screen once per canvas, as small palette PNGs")
    return parser.parse_args(words)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("screens: interrupted; run it again for the rest", file=sys.stderr)
        raise SystemExit(130) from None
