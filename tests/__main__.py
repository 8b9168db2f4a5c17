"""`make test`: the book once, then every test on all cores, and alone those that measure time.

Whatever follows `python -m tests` goes to pytest: `-x`, `-k search`, a folder of tests.
"""

import os
import subprocess
import sys

BOOK = ("tools.book.runtime", "tools.book")  # what runs in the browser, then the pages
PYTEST = [sys.executable, "-m", "pytest"]
NOTHING_SELECTED = 5


def main(arguments: list[str]) -> int:
    for module in BOOK:
        if subprocess.run([sys.executable, "-m", module]).returncode:
            return 1
    # Each of the processes is one core's work; NumPy's threads would only stand in its way. One
    # process more than cores: now and then one waits, for a cluster that notices a loss, or a hub.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    processes = str((os.cpu_count() or 1) + 1)
    spread = ["-n", processes, "--dist", "load", "--durations", "25"]
    together = [*PYTEST, *spread, "-m", "not alone", *arguments]
    alone = [*PYTEST, "-m", "alone", *(arguments or ["tests/site"])]
    results = [subprocess.run(each, env=environment).returncode for each in (together, alone)]
    failed = [each for each in results if each not in (0, NOTHING_SELECTED)]
    return failed[0] if failed else min(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
