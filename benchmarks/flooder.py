"""A line that raves: random bytes at the pace of 115200 8N1 until it is told to end.

`python -m benchmarks.flooder DESCRIPTOR`
"""

import os
import random
import sys
import time

BYTES_PER_S = 11_520
PIECE = 64


def main(descriptor: int) -> int:
    """Until the process is ended."""
    chance, begun_s, sent = random.Random(7), time.monotonic(), 0
    while True:
        time.sleep(max(0.0, begun_s + sent / BYTES_PER_S - time.monotonic()))
        try:
            os.write(descriptor, chance.randbytes(PIECE))
        except BlockingIOError:
            continue
        finally:
            sent += PIECE


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
