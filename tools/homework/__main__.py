"""The commands behind `make homework`, `make grade` and their like.

    python -m tools.homework COMMAND

Options come from the environment, where make puts what is given on its command line:
HW, SUBMITTED, HOMEWORK, ROSTER, DUE, FORCE, SANDBOX, GRADEBOOK_URL, WORKERS, PORT, CLUSTER,
LISTEN, SCHEDULER, CERTIFICATES.
"""

import os
import shutil
import sys

from tools.homework import options
from tools.homework.options import certificates_folder, given, number


def _say(line):
    """Print a line; on a terminal, one line is enough for all who are graded without a fault."""
    if not sys.stdout.isatty():
        print(line, flush=True)
        return
    passing = line.startswith("[") and ": graded" in line
    shown = line[: shutil.get_terminal_size().columns - 1] if passing else line
    print(f"\r\x1b[K{shown}", end="" if passing else "\n", flush=True)


def check():
    """make homework: build every student's notebook and prove that the tests do their work."""
    from tools.homework import rehearse, release

    course = options.course()
    chosen = [os.environ["HW"]] if os.environ.get("HW") else course.names
    for name, path in release.release(course, chosen).items():
        print(f"{name}: {path}")
    rehearse.rehearse(course, chosen)


def grade(course=None, submitted=None):
    """make grade HW=NAME SUBMITTED=folder."""
    from tools.homework import report
    from tools.homework.grade import grade as run

    example = "make grade HW=definition SUBMITTED=submissions/"
    course, name = course or options.course(), given("HW", example)
    table = run(
        course,
        name,
        submitted or given("SUBMITTED", example),
        roster=os.environ.get("ROSTER"),
        due=os.environ.get("DUE"),
        force=os.environ.get("FORCE", "0") not in ("", "0"),
        log=_say,
    )
    report.show(table)
    print(f"\nMarks: {course.folder(name, 'grades.csv')}")
    print(f"Feedback: {course.folder(name, 'feedback')}/STUDENT.html")
    if not course.sandbox:
        print("Not run: the sandbox, for SANDBOX=off was given.")


def solution():
    """make solution HW=NAME."""
    from tools.homework import release

    print(release.solution(options.course(), given("HW", "make solution HW=definition")))


def formgrader():
    """make formgrader."""
    from tools.homework.formgrader import serve

    serve(options.course(), number("PORT", 1, 8888))


def certificates():
    """make certificates."""
    from tools.homework import machines

    machines.make_certificates(certificates_folder())
    print(
        f"{certificates_folder()}: copy this folder to every machine of the cluster, and guard it."
    )


def scheduler():
    """make scheduler LISTEN=tls://0.0.0.0:8786."""
    from tools.homework import machines

    machines.start_scheduler(
        os.environ.get("LISTEN") or "tcp://127.0.0.1:8786", certificates_folder()
    )


def worker():
    """make worker SCHEDULER=tls://HOST:8786."""
    from tools.homework import machines

    address = given("SCHEDULER", "make worker SCHEDULER=tls://HOST:8786 WORKERS=4")
    count = number("WORKERS", 1, os.cpu_count())
    machines.start_worker(address, certificates_folder(), count)


#: The commands; those that take a course get the one that the options name.
COMMANDS = {
    "check": check,
    "grade": grade,
    "solution": solution,
    "formgrader": formgrader,
    "certificates": certificates,
    "scheduler": scheduler,
    "worker": worker,
}


def main(arguments):
    stopped = "Stopped. What was graded is kept; the same command goes on from here."
    return options.run(COMMANDS, arguments, __doc__, stopped)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
