"""Run a program that does not outlive its parent, even where the parent is killed.

    python follow.py PROGRAM [ARGUMENT ...]

Standard input is a pipe that the parent holds open and never writes to; it ends with the parent.
The program starts a second sooner than by itself: see ``skip_grammars``.
"""

import os
import runpy
import sys
import threading


def end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin, whose lock would be in the way at the end
    os._exit(1)


def skip_grammars() -> None:
    """Hide from jsonschema a package whose import compiles 38 grammars of addresses."""
    sys.modules["rfc3987_syntax"] = None


if __name__ == "__main__":
    skip_grammars()
    sys.argv = sys.argv[1:]
    threading.Thread(target=end_with_parent, daemon=True).start()
    runpy.run_path(sys.argv[0], run_name="__main__")
