"""Where the hub keeps what, and what it was told on the command line.

    grading/hub/
      hub.sqlite, secrets …      the hub's own, unless its database is PostgreSQL
      accounts.json              teacher's password, and those of the trial's students
      exchange/rectified/        nbgrader's exchange: outbound/ is what was handed out
      students/STUDENT/home/     what a student sees as the home folder
      students/STUDENT/exchange/rectified/inbound/, feedback/
      submitted/STUDENT/NAME/    what was collected, as `make grade` reads it

Each student has an inbound and a feedback folder of their own, and the sandbox shows no other.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tools.homework.settings import ROOT

COURSE = "rectified"
TEACHER = "teacher"
#: A name that is a folder's name too, and that nbgrader, which writes STUDENT+NAME+TIME, can split.
STUDENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Place:
    """A hub's folder, port and database."""

    folder: Path = ROOT / "grading" / "hub"
    port: int = 8000
    database: str = ""
    settings: str = ""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def accounts(self):
        return self.folder / "accounts.json"

    @property
    def proxy_pid(self):
        return self.folder / "proxy.pid"

    @property
    def log(self):
        return self.folder / "hub.log"

    @property
    def exchange(self):
        return self.folder / "exchange"

    @property
    def outbound(self):
        return self.exchange / COURSE / "outbound"

    @property
    def submitted(self):
        return self.folder / "submitted"

    @property
    def students(self):
        """The names of all who ever had a server, without the teacher's."""
        names = {path.name for path in self.folder.glob("students/*")}
        return sorted(names - {TEACHER})

    def student(self, name, *parts):
        if not STUDENT.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a student")
        return self.folder.joinpath("students", name, *parts)

    def student_exchange(self, name):
        """The root of the exchange that this student alone has."""
        return self.student(name, "exchange")

    def make(self, name):
        """Make a student's folders."""
        self.student(name, "home").mkdir(parents=True, exist_ok=True)
        for part in ("inbound", "feedback"):
            (self.student_exchange(name) / COURSE / part).mkdir(parents=True, exist_ok=True)

    @property
    def environment(self):
        """The variables by which a process finds the same place again."""
        return {
            "HUB_FOLDER": str(self.folder),
            "PORT": str(self.port),
            "HUB_DATABASE_URL": self.database,
            "HUB_SETTINGS": self.settings,
        }


def from_environment():
    given = os.environ.get
    return Place(
        folder=Path(given("HUB_FOLDER") or Place.folder).expanduser().resolve(),
        port=int(given("PORT") or Place.port),
        # SQLAlchemy's own choice of a driver changes with its version; ours is installed.
        database=re.sub(
            r"^postgres(ql)?://", "postgresql+psycopg2://", given("HUB_DATABASE_URL") or ""
        ),
        settings=str(Path(given("HUB_SETTINGS")).resolve()) if given("HUB_SETTINGS") else "",
    )
