"""Start of the `rating-terminal` command."""

import gc
import sys

START_THRESHOLD = 100_000
"""What imports make stays. Looking for garbage among it after every 700 objects would be a twentieth of a start."""


def main() -> int:
    """Run the command line. Returns the exit code."""
    gc.set_threshold(START_THRESHOLD)
    if sys.argv[1:2] == ["run"]:
        from terminal_app.ahead import prepare_window

        prepare_window()
    from terminal_app.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
