"""What grading costs, sandboxed.

A class of 40 hands in `definition`: models, wrong and blank solutions in turn. It is graded from
nothing, then once more with nothing changed, with one worker and with two, then on a cluster; the
marks must agree.
"""

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tools.bench import cluster
from tools.homework import grade, rehearse, release
from tools.homework.settings import Course

NAME = "definition"
STUDENTS = 40


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = Course(build=Path(folder, "release"))
        seconds = timed(release.release, course, [NAME])[0]
        print(f"one student's notebook, made and checked: {seconds:.1f} s")
        submitted = write_class(course, Path(folder))
        marks = {}
        for workers in (1, 2):
            there = replace(course, build=Path(folder, f"workers-{workers}"), workers=workers)
            run = (there, NAME, submitted)
            seconds, rows = timed(grade.grade, *run, log=lambda line: None)
            again, _ = timed(grade.grade, *run, log=lambda line: None)
            marks[workers] = [(row["student"], row["total"]) for row in rows]
            each = seconds / STUDENTS
            print(
                f"{STUDENTS} submissions in the sandbox, {workers} worker{'s' * (workers > 1)}: "
                f"{seconds:.0f} s, {each:.1f} s each; again, nothing changed: {again:.0f} s"
            )
        clusters = cluster.measure(course, NAME, submitted)
    if {*clusters, tuple(marks[1])} != {tuple(marks[2])}:
        sys.exit("The marks differ with the number of workers, or on a cluster.")


def timed(function, *arguments, **options):
    start = time.perf_counter()
    result = function(*arguments, **options)
    return time.perf_counter() - start, result


def write_class(course, folder):
    """Write 40 submissions, made from the homework's model, blank and wrong solutions."""
    kinds = folder / "kinds"
    rehearse.write_class(replace(course, build=folder / "source"), NAME, kinds)
    models = sorted(kinds.iterdir())
    for number in range(STUDENTS):
        source = models[number % len(models)]
        shutil.copytree(source, folder / "submitted" / f"student-{number:02}")
    return folder / "submitted"


if __name__ == "__main__":
    main()
