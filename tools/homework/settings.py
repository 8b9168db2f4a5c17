"""Where everything lies, and what nbgrader is told."""

import os
import re
import socket
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATES = ROOT / "grading" / "certificates"


class HomeworkError(Exception):
    """A fault that the reader of the message can mend."""


def require_free(port, advice):
    """Raise if something listens at this port of this machine already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise HomeworkError(f"Port {port} is in use; {advice}") from None


@dataclass(frozen=True)
class Course:
    """The folder of the homework sources, the folder of what is made from them, the gradebook."""

    homework: Path = ROOT / "homework"
    build: Path = ROOT / "grading"
    gradebook_url: str = ""
    sandbox: bool = True
    workers: int = field(default_factory=lambda: min(2, os.cpu_count() or 1))
    cluster: str = ""  # the address of a Dask scheduler, whose workers grade in place of ours
    certificates: Path = CERTIFICATES

    @property
    def names(self):
        return sorted(path.stem for path in self.homework.glob("*.md") if path.stem != "README")

    def source(self, name):
        """The MyST notebook of one homework."""
        path = self.homework / f"{name}.md"
        if name not in self.names:
            known = ", ".join(self.names) or "none"
            raise HomeworkError(
                f"There is no homework {name!r} in {self.homework}; known: {known}."
            )
        return path

    def folder(self, name, *parts):
        return self.build.joinpath(name, *parts)

    def notebook(self, name, step, student="."):
        """A notebook in nbgrader's folders: NAME/STEP/STUDENT/NAME.ipynb."""
        return self.folder(name, step, student, f"{name}.ipynb")

    @property
    def db_url(self):
        if self.gradebook_url:
            # SQLAlchemy's own choice of a driver changes with its version; ours is installed.
            return re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", self.gradebook_url)
        # Two workers write to the same SQLite file: each waits for the other, up to a minute.
        return f"sqlite:///{self.build / 'gradebook.db'}?timeout=60"

    @property
    def checks(self):
        """The module that hidden tests import, if the folder has one."""
        return self.homework / "checks.py"


def config(course):
    """Return nbgrader's settings: ours, then what the folder's nbgrader_config.py says."""
    # nbgrader's own use of its gradebook makes SQLAlchemy talk.
    warnings.filterwarnings("ignore", module=r"nbgrader\.")
    # nbgrader starts alembic by its name.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    course.build.mkdir(parents=True, exist_ok=True)
    c = Config()
    # The name that nbgrader's gradebook has for it; PostgreSQL refuses none.
    c.CourseDirectory.course_id = "default_course"
    c.CourseDirectory.root = str(course.build)
    c.CourseDirectory.db_url = course.db_url
    c.CourseDirectory.directory_structure = os.path.join(
        "{assignment_id}", "{nbgrader_step}", "{student_id}"
    )
    c.OverwriteCells.add_missing_cells = True
    c.Execute.timeout = 30
    c.Execute.iopub_timeout = 10
    c.Execute.shutdown_kernel = "immediate"
    c.Autograde.autograde_preprocessors = [
        "tools.homework.execution.Execute",
        "tools.homework.execution.PlainOutputs",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
        # Last: it changes the text of answers, which nbgrader compares with the empty ones.
        "nbconvert.preprocessors.sanitize.SanitizeHTML",
    ]
    c.GenerateSolution.preprocessors = [
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearOutput",
        "tools.homework.execution.Execute",
    ]
    c.Execute.sandbox = course.sandbox
    c.Execute.homework = str(course.homework)
    c.Execute.checks = str(course.checks) if course.checks.exists() else ""
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbconvert.preprocessors.sanitize.SanitizeHTML",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.SanitizeHTML.enabled = True
    own = course.homework / "nbgrader_config.py"
    if own.exists():
        c.merge(PyFileConfigLoader(own.name, path=str(own.parent)).load_config())
    return c
