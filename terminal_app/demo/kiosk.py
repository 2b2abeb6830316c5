"""The kiosk as the crowd starts it: the same assembly as `run`, and a control socket that can touch its window."""

import sys
from pathlib import Path

from terminal_app.assembly import Kiosk
from terminal_app.config import load
from terminal_app.demo.injection import Injection
from terminal_app.process import run_kiosk


def main(config: str, control: int) -> int:
    """Run until told to end. Returns the exit code."""
    attached: list[Injection] = []

    def attach(kiosk: Kiosk) -> None:
        attached.append(Injection(kiosk, control))

    return run_kiosk(load(Path(config)), attach=attach)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
