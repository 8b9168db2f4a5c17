"""The commands behind `make homework`, `make grade` and their like.

    python -m tools.homework COMMAND

Options come from the environment, where make puts what is given on its command line:
HW, SUBMITTED, HOMEWORK, ROSTER, DUE, FORCE, SANDBOX, GRADEBOOK_URL, WORKERS, PORT, CLUSTER,
LISTEN, SCHEDULER, CERTIFICATES.
"""

import os
import shutil
import sys
import traceback
from pathlib import Path

from tools.homework.settings import CERTIFICATES, Course, HomeworkError


def _course():
    options = {}
    if os.environ.get("HOMEWORK"):
        options["homework"] = Path(os.environ["HOMEWORK"]).expanduser().resolve()
        if not options["homework"].is_dir():
            raise HomeworkError(f"HOMEWORK: there is no folder {options['homework']}.")
    if os.environ.get("WORKERS"):
        options["workers"] = _number("WORKERS", 1)
    sandbox = os.environ.get("SANDBOX", "on")
    if sandbox not in ("on", "off"):
        raise HomeworkError(f"SANDBOX={sandbox}: say on or off.")
    course = Course(
        sandbox=sandbox == "on",
        gradebook_url=os.environ.get("GRADEBOOK_URL", ""),
        cluster=os.environ.get("CLUSTER", ""),
        certificates=_certificates(),
        **options,
    )
    if not course.names:
        raise HomeworkError(f"There is no homework in {course.homework}: it holds NAME.md files.")
    return course


def _number(name, low):
    try:
        value = int(os.environ[name])
    except ValueError:
        value = low - 1
    if value < low:
        raise HomeworkError(f"{name}={os.environ[name]}: give a whole number of at least {low}.")
    return value


def _given(name, example):
    value = os.environ.get(name)
    if not value:
        raise HomeworkError(f"Say {name}=…, as in: {example}")
    return value


def _certificates():
    return Path(os.environ.get("CERTIFICATES") or CERTIFICATES).expanduser().resolve()


def _say(line):
    """Print a line; on a terminal, one line is enough for all who are graded without a fault."""
    if not sys.stdout.isatty():
        print(line, flush=True)
        return
    passing = line.startswith("[") and ": graded" in line
    shown = line[: shutil.get_terminal_size().columns - 1] if passing else line
    print(f"\r\x1b[K{shown}", end="" if passing else "\n", flush=True)


def check(course):
    """make homework: build every student's notebook and prove that the tests do their work."""
    from tools.homework import rehearse, release

    chosen = [os.environ["HW"]] if os.environ.get("HW") else course.names
    for name, path in release.release(course, chosen).items():
        print(f"{name}: {path}")
    rehearse.rehearse(course, chosen)


def grade(course):
    """make grade HW=NAME SUBMITTED=folder."""
    from tools.homework import report
    from tools.homework.grade import grade as run

    example = "make grade HW=definition SUBMITTED=submissions/"
    name = _given("HW", example)
    table = run(
        course,
        name,
        _given("SUBMITTED", example),
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


def solution(course):
    """make solution HW=NAME."""
    from tools.homework import release

    print(release.solution(course, _given("HW", "make solution HW=definition")))


def formgrader(course):
    """make formgrader."""
    from tools.homework.formgrader import serve

    serve(course, _number("PORT", 1) if os.environ.get("PORT") else 8888)


def certificates():
    """make certificates."""
    from tools.homework import machines

    machines.make_certificates(_certificates())
    print(f"{_certificates()}: copy this folder to every machine of the cluster, and guard it.")


def scheduler():
    """make scheduler LISTEN=tls://0.0.0.0:8786."""
    from tools.homework import machines

    machines.start_scheduler(os.environ.get("LISTEN") or "tcp://127.0.0.1:8786", _certificates())


def worker():
    """make worker SCHEDULER=tls://HOST:8786."""
    from tools.homework import machines

    address = _given("SCHEDULER", "make worker SCHEDULER=tls://HOST:8786 WORKERS=4")
    count = _number("WORKERS", 1) if os.environ.get("WORKERS") else os.cpu_count()
    machines.start_worker(address, _certificates(), count)


COMMANDS = {"check": check, "grade": grade, "solution": solution, "formgrader": formgrader}
#: They need no homework.
CLUSTER = {"certificates": certificates, "scheduler": scheduler, "worker": worker}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in COMMANDS | CLUSTER:
        print(f"{__doc__.strip()}\n\nCommands: {', '.join(COMMANDS | CLUSTER)}", file=sys.stderr)
        return 2
    try:
        if arguments[0] in CLUSTER:
            CLUSTER[arguments[0]]()
        else:
            COMMANDS[arguments[0]](_course())
    except HomeworkError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Stopped. What was graded is kept; the same command goes on from here.", file=sys.stderr
        )
        return 130
    except OSError as error:
        traceback.print_exc()
        print(f"{error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
