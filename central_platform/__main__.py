"""`python -m central_platform` and the command `central-platform`."""

import sys


def main() -> int:
    """Run the command; returns its exit code."""
    try:
        from central_platform import cli
    except ImportError as error:
        print(
            f"central-platform: {error.name} is missing; install the platform with: pip install 'rating-terminal[platform]'",
            file=sys.stderr,
        )
        return 3
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
