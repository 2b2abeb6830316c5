"""Start of the `rating-terminal` command."""

import gc
import os
import sys

START_THRESHOLD = 100_000
"""What imports make stays. Looking for garbage among it after every 700 objects would be a twentieth of a start."""


def hurry_imports() -> None:
    """Before most of them. A library's functions are bound when they are first called: most of Qt's never are."""
    gc.set_threshold(START_THRESHOLD)
    sys.setdlopenflags(os.RTLD_LAZY)


def main() -> int:
    """Run the command line. Returns the exit code."""
    hurry_imports()
    from terminal_app.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
