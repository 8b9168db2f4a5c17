"""The commands behind `make hub`, `make release`, `make collect`, `make return` and
`make rehearse`.

    python -m tools.hub COMMAND

Options come from the environment, where make puts what is given on its command line: PORT,
HUB_FOLDER, HUB_DATABASE_URL, HUB_SETTINGS, STUDENTS, SEED, and those of `make grade`.
"""

import os
import signal
import sys

from tools.homework import __main__ as homework
from tools.homework import options
from tools.homework.settings import HomeworkError
from tools.hub import place

TRIAL = """\
The hub: {address}

{accounts}

The passwords are kept in {folder}/accounts.json; what goes wrong is written to hub.log beside it.
Others sign up at {address}/hub/signup, and {teacher} lets them in at
{address}/hub/authorize.
In another terminal: make release, make collect HW=definition, make return HW=definition.
Ctrl-C ends the hub and the students' servers; what was written stays."""


def hub():
    """make hub: a hub on this machine, with a teacher and two made-up students."""
    from tools.hub import limits, server

    here = place.from_environment()
    accounts = server.prepare(here)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the hub, whoever ends us
    process = server.start(here)
    try:
        server.wait(here, process)
        lines = [f"  {name:8} password {password}" for name, password in accounts.items()]
        print(
            TRIAL.format(
                address=here.address,
                accounts="\n".join(lines),
                folder=here.folder,
                teacher=place.TEACHER,
            ),
            flush=True,
        )
        if not limits.available():
            print(
                "Not kept here: a student's memory as a whole and share of the processors. It "
                "needs control groups, which only root may write; each process has its limit.",
                flush=True,
            )
        if process.wait():
            raise HomeworkError(f"The hub ended by itself: see {here.log}")
    finally:
        server.stop(process)


def release():
    """make release: hand out every homework, or HW."""
    from tools.hub import exchange

    course = options.course()
    names = [os.environ["HW"]] if os.environ.get("HW") else course.names
    for name, folder in exchange.hand_out(place.from_environment(), course, names):
        print(f"{name}: {folder}", flush=True)


def collect():
    """make collect HW=NAME: collect and grade."""
    from tools.hub import exchange

    here, course = place.from_environment(), options.course()
    name = options.given("HW", "make collect HW=definition")
    course.source(name)
    if not here.students:
        raise HomeworkError(f"No student has had a server yet in {here.folder}.")
    problems = exchange.collect(here, course, name)
    homework.grade(course, here.submitted)
    for student, problem in problems.items():
        print(f"Not collected from {student}: {problem}", flush=True)


def give_back():
    """make return HW=NAME: the feedback into the students' exchange."""
    from tools.hub import exchange

    name = options.given("HW", "make return HW=definition")
    given = exchange.give_back(place.from_environment(), options.course(), name)
    print(f"{len(given)} students find their feedback for {name} on the hub.")


def rehearse():
    """make rehearse STUDENTS=30: a class of made-up students, all at once."""
    from tools.hub import rehearse

    students = options.number("STUDENTS", 2, 30)
    seed = options.number("SEED", 0, 1)
    rehearse.rehearse(students, seed)


COMMANDS = {
    "start": hub,
    "release": release,
    "collect": collect,
    "return": give_back,
    "rehearse": rehearse,
}


def main(arguments):
    return options.run(COMMANDS, arguments, __doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
