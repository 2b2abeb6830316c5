"""Start of the `rating-terminal` command."""

import sys


def main() -> int:
    """Run the command line. Returns the exit code."""
    from terminal_app.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
