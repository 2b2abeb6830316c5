"""The kiosk as a process: `rating-terminal run` from the command line on, with ears.

`python -m benchmarks.kiosk_probe DESCRIPTOR CONFIG`
"""

import sys
from functools import partial

from terminal_app.__main__ import hurry_imports


def main(descriptor: int, config: str) -> int:
    """What terminal_app.__main__ does, and a listener for the kiosk, of which `run` itself knows nothing."""
    hurry_imports()
    from benchmarks.ears import Ears
    from terminal_app import process
    from terminal_app.assembly import Kiosk
    from terminal_app.cli import run_command

    listening: list[Ears] = []

    def attach(kiosk: Kiosk) -> None:
        listening.append(Ears(kiosk, descriptor))

    setattr(process, "run_kiosk", partial(process.run_kiosk, attach=attach))  # noqa: B010
    return run_command(["run", "--config", config])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
