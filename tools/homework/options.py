"""Options of the commands, which make puts into the environment, and what every command does."""

import os
import sys
import traceback
from pathlib import Path

from tools.homework.settings import CERTIFICATES, Course, HomeworkError


def course():
    """The course that HOMEWORK, WORKERS, SANDBOX, GRADEBOOK_URL, CLUSTER and CERTIFICATES name."""
    options = {}
    if os.environ.get("HOMEWORK"):
        options["homework"] = Path(os.environ["HOMEWORK"]).expanduser().resolve()
        if not options["homework"].is_dir():
            raise HomeworkError(f"HOMEWORK: there is no folder {options['homework']}.")
    if os.environ.get("WORKERS"):
        options["workers"] = number("WORKERS", 1)
    sandbox = os.environ.get("SANDBOX", "on")
    if sandbox not in ("on", "off"):
        raise HomeworkError(f"SANDBOX={sandbox}: say on or off.")
    found = Course(
        sandbox=sandbox == "on",
        gradebook_url=os.environ.get("GRADEBOOK_URL", ""),
        cluster=os.environ.get("CLUSTER", ""),
        certificates=certificates_folder(),
        **options,
    )
    if not found.names:
        raise HomeworkError(f"There is no homework in {found.homework}: it holds NAME.md files.")
    return found


def number(name, low, otherwise=None):
    """The whole number that an option gives, at least ``low``; ``otherwise`` if it is not given."""
    text = os.environ.get(name)
    if not text:
        return otherwise
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if value < low:
        raise HomeworkError(f"{name}={text}: give a whole number of at least {low}.")
    return value


def given(name, example):
    """The text of an option that must be there."""
    value = os.environ.get(name)
    if not value:
        raise HomeworkError(f"Say {name}=…, as in: {example}")
    return value


def certificates_folder():
    """Where the certificates of a cluster lie."""
    return Path(os.environ.get("CERTIFICATES") or CERTIFICATES).expanduser().resolve()


def run(commands, arguments, usage, stopped="Stopped."):
    """Run the one command that is named; return the exit code, with the fault in one line."""
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"{usage.strip()}\n\nCommands: {', '.join(commands)}", file=sys.stderr)
        return 2
    try:
        commands[arguments[0]]()
    except HomeworkError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(stopped, file=sys.stderr)
        return 130
    except OSError as error:
        traceback.print_exc()
        print(f"{error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0
