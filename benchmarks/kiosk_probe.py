"""The kiosk as a process: `rating-terminal run` from the command line on, with ears.

`python -m benchmarks.kiosk_probe DESCRIPTOR CONFIG`
"""

import gc
import sys
from functools import partial

from terminal_app.__main__ import START_THRESHOLD
from terminal_app.ahead import prepare_window


def main(descriptor: int, config: str) -> int:
    """What terminal_app.__main__ does, and a listener for the kiosk, of which `run` itself knows nothing."""
    gc.set_threshold(START_THRESHOLD)
    prepare_window()
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
