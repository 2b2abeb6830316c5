"""`./dev bench [NAME…]`: run figures, one JSON line each. Exit code 0 when all ran, whether or not they are ok."""

import argparse
import importlib
import os
import sys

from terminal_app.demo.stage import StageError

FIGURES = (
    "cold_start",
    "tap_to_paint",
    "tap_to_pixel",
    "screen_change",
    "star_sweep",
    "tap_to_durable",
    "commit_to_ack",
    "scan_to_screen",
    "frames",
    "flood",
    "idle",
    "ingest",
    "drain",
    "storm",
    "growth",
    "peer",
    "verify",
)
LONG = ("ten_years",)
"""Only when named: it takes half an hour."""


def main() -> int:
    """Run the figures that were named, or all."""
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure figures against their floors; one JSON line per figure.",
        epilog="example:\n  ./dev bench tap_to_paint idle\n\nexit codes: 0 all ran · 1 one could not run · 2 wrong use",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(FIGURES)} (default: all), or {', '.join(LONG)}"
    )
    names = parser.parse_args().names or list(FIGURES)
    unknown = [name for name in names if name not in (*FIGURES, *LONG)]
    if unknown:
        parser.error(f"unknown figure {', '.join(unknown)}; there are {', '.join((*FIGURES, *LONG))}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    failed = False
    for name in names:
        print(f"measuring {name} ({_circumstances()}) …", file=sys.stderr, flush=True)
        try:
            for figure in importlib.import_module(f"benchmarks.{name}").measure():
                print(figure.line(), flush=True)
        except StageError as error:
            print(f"{name} could not be measured: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


def _circumstances() -> str:
    load = os.getloadavg()[0]
    return f"{os.environ['QT_QPA_PLATFORM']}, {os.cpu_count()} cores, load {load:.1f}"


if __name__ == "__main__":
    sys.exit(main())
