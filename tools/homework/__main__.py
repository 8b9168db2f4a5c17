"""The commands behind `make homework`, `make grade`, `make solution` and `make formgrader`.

    python -m tools.homework COMMAND

Options come from the environment, where make puts what is given on its command line:
HW, SUBMITTED, HOMEWORK, ROSTER, DUE, FORCE, SANDBOX, GRADEBOOK_URL, WORKERS, PORT.
"""

import os
import sys
import traceback
from pathlib import Path

from tools.homework.settings import Course, HomeworkError


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
        sandbox=sandbox == "on", gradebook_url=os.environ.get("GRADEBOOK_URL", ""), **options
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
        log=lambda line: print(line, flush=True),
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


COMMANDS = {"check": check, "grade": grade, "solution": solution, "formgrader": formgrader}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"{__doc__.strip()}\n\nCommands: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
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
