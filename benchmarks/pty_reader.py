"""The floor of a serial line: tells of every SIZE bytes, read by select and read.

`python -m benchmarks.pty_reader DESCRIPTOR PTY SIZE`
"""

import os
import select
import sys
import time


def main(descriptor: int, path: str, size: int) -> int:
    """Until the line is hung up."""
    line = os.open(path, os.O_RDWR | os.O_NOCTTY)
    os.write(descriptor, b"%d started\n" % time.monotonic_ns())
    while True:
        read = 0
        while read < size:
            select.select([line], [], [])
            try:
                read += len(os.read(line, 4096))
            except OSError:
                return 0
        os.write(descriptor, b"%d read\n" % time.monotonic_ns())


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
