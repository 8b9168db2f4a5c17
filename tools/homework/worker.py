"""What the worker processes do: grade one submission after another with nbgrader."""

import copy
import ctypes
import functools
import logging
import os
import shutil
import signal
import sys

from nbgrader.converters import Autograde, GenerateFeedback

from tools.homework import settings
from tools.homework.convert import convert

config = functools.cache(settings.config)
EXECUTED = "tools.homework.execution.Executed"


class _One:
    """A converter of exactly one submission: nbgrader would take its path for a pattern."""

    def init_notebooks(self):
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {folder: [os.path.join(folder, f"{self.coursedir.assignment_id}.ipynb")]}
        self.notebooks = []


class AutogradeOne(_One, Autograde):
    pass


class FeedbackOne(_One, GenerateFeedback):
    pass


def start():
    """Begin a worker: it dies with the process that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() == 1:
            os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    logging.getLogger("traitlets").propagate = False


def autograde(course, name, student):
    """Grade one submission; return why it failed, or nothing."""
    return convert(AutogradeOne, config(course), name, student)


def run(course, name, student):
    """Run one submission and enter no marks; return why it failed, or nothing."""
    ours, _ = _halves(config(course))
    return convert(AutogradeOne, ours, name, student)


def enter(course, name, student, notebook):
    """Enter the marks of a notebook that ran elsewhere; return why they cannot be, or nothing."""
    _, ours = _halves(config(course))
    ours.Executed.notebook = notebook
    return convert(AutogradeOne, ours, name, student)


def _halves(settings):
    """The settings for running a submission without marks, and for marks without running it."""
    steps = settings.Autograde.autograde_preprocessors
    cut = steps.index("nbgrader.preprocessors.SaveAutoGrades")
    halves = copy.deepcopy(settings), copy.deepcopy(settings)
    halves[0].Autograde.autograde_preprocessors = steps[:cut]
    halves[1].Autograde.autograde_preprocessors = [EXECUTED, *steps[cut:]]
    return halves


def feedback(course, name, student):
    """Write one student's feedback page; return why it failed, or nothing."""
    failed = convert(FeedbackOne, config(course), name, student)
    page = course.folder(name, "feedback", student, f"{name}.html")
    if not failed:
        os.replace(page, course.folder(name, "feedback", f"{student}.html"))
        shutil.rmtree(page.parent)
    return failed
