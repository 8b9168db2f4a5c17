"""Run a program that does not outlive its parent, even where the parent is killed.

    python follow.py PROGRAM [ARGUMENT ...]

Standard input is a pipe that the parent holds open and never writes to; it ends with the parent.
"""

import os
import runpy
import sys
import threading


def end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock would be in the way at the end
    os._exit(1)


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    threading.Thread(target=end_with_parent, daemon=True).start()
    runpy.run_path(sys.argv[0], run_name="__main__")
