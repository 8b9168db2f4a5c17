"""A small class through the weeks: graded again, changed, killed, moved to PostgreSQL."""

import csv
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.homework import postgres
from tests.homework.forged import first_four
from tools.homework import collect, report
from tools.homework import grade as grading
from tools.homework.settings import ROOT, Course

HERE = Path(__file__).parent
MARKS = ("status", "total", "double", "half", "words")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(homework=HERE / "course", build=tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def submitted(course, tmp_path_factory):
    return first_four(course, tmp_path_factory.mktemp("submitted"))


@pytest.fixture(scope="module")
def run(course, workers):
    return Run(course, workers)


class Run:
    """Grades a folder; returns the marks by student, and how many were graded."""

    def __init__(self, course, workers):
        self.course = course
        self.workers = workers

    def __call__(self, folder, **options):
        log = []
        rows = self.rows(folder, log=log.append, **options)
        marks = {student: tuple(row[key] for key in MARKS) for student, row in rows.items()}
        return marks, sum(line.startswith("[") for line in log)

    def rows(self, folder, log=print, **options):
        rows = grading.grade(self.course, "tiny", folder, pool=self.workers, log=log, **options)
        return {row["student"]: row for row in rows}


FIRST = {
    "anna": ("needs-manual", "7", "3", "4", ""),
    "bert": ("needs-manual", "4", "0", "4", ""),
    "cleo": ("graded", "0", "0", "0", "0"),
    "dora": ("failed", "", "", "", ""),
}


@pytest.fixture(scope="module")
def first(run, submitted):
    return run(submitted)


def test_first_run(first):
    assert first == (FIRST, 4)


def test_second_run_grades_nothing(run, submitted, first):
    assert run(submitted) == (FIRST, 0)


def test_marks_of_an_earlier_version_of_the_homework_are_named(course, first):
    rows = report.rows(course, "tiny", grading._load(course, "tiny"), "a later version", {})
    said = {row["student"]: "earlier version of the homework" in row["review"] for row in rows}
    assert said == {"anna": True, "bert": True, "cleo": True, "dora": False}


def give(course, student, points, comment):
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade("words", "tiny", "tiny", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("words", "tiny", "tiny", student).manual_comment = comment
        gradebook.db.commit()


@pytest.fixture(scope="module")
def marked(run, course, submitted, first):
    give(course, "anna", 2.5, "Well put.")
    return run(submitted)


def test_manual_marks_count_and_reach_the_feedback(course, marked):
    assert marked == (FIRST | {"anna": ("graded", "9.5", "3", "4", "2.5")}, 0)
    page = course.folder("tiny", "feedback", "anna.html").read_text("utf-8")
    assert "Well put." in page
    assert "Score: 9.5 / 10.0" in page


def test_force_keeps_manual_marks(run, submitted, marked):
    assert run(submitted, force=True) == (marked[0], 4)


def test_a_changed_submission_is_graded_alone_and_looked_at_again(run, submitted, marked, tmp_path):
    changed = tmp_path / "submitted"
    shutil.copytree(submitted, changed)
    notebook = nbformat.read(changed / "anna" / "tiny.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("return 2.0 *", "return 3.0 *")
    nbformat.write(notebook, changed / "anna" / "tiny.ipynb")
    marks, count = run(changed)
    assert count == 1
    # The mark given by hand stays, but someone should see whether it still holds.
    assert marks["anna"] == ("needs-manual", "6.5", "0", "4", "2.5")


def test_two_gradings_at_once_are_refused(run, course, submitted):
    with (
        grading._alone(course, "tiny"),
        pytest.raises(grading.HomeworkError, match="another process"),
    ):
        run(submitted)


def kill_half_way(course, submitted, folder):
    """Grade in a process of its own, which gets SIGKILL after the first of four students."""
    code = (
        "from pathlib import PosixPath\n"
        "from tools.homework.grade import grade\n"
        "from tools.homework.settings import Course\n"
        "if __name__ == '__main__':\n"
        f"    course, submitted = {course!r}, {str(submitted)!r}\n"
        "    grade(course, 'tiny', submitted, log=lambda line: print(line, flush=True))\n"
    )
    script = folder / "run.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "code"), str(ROOT)])}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        while not (line := process.stdout.readline()).startswith("[1/4]"):
            assert line, "it ended before a student was graded"
        process.kill()


def test_killed_half_way_and_repeated(course, submitted, workers, tmp_path):
    """The workers die with their parent, and the next run ends alike."""
    killed = replace(course, build=tmp_path / "_build" / "homework")
    kill_half_way(killed, submitted, tmp_path)
    marks, count = Run(killed, workers)(submitted)
    assert marks == FIRST
    assert 1 <= count <= 3


def test_postgresql_gives_the_same_marks(course, submitted, workers, tmp_path):
    with postgres.running() as address:
        other = replace(course, build=tmp_path / "build", gradebook_url=address)
        run = Run(other, workers)
        assert run(submitted) == (FIRST, 4)
        assert not (other.build / "gradebook.db").exists()
        give(other, "bert", 3, "")
        assert run(submitted) == (FIRST | {"bert": ("graded", "7", "0", "4", "3")}, 0)


@pytest.fixture
def archived(submitted, tmp_path):
    """A function that writes an archive of {name: the student whose notebook it is, or bytes}."""

    def write(members):
        path = tmp_path / "export.zip"
        with zipfile.ZipFile(path, "w") as file:
            for name, content in members.items():
                if isinstance(content, str):
                    content = (submitted / content / "tiny.ipynb").read_bytes()
                file.writestr(name, content)
        return path

    return write


CANVAS = {
    "smithanna_LATE_4711_99_tiny-2.ipynb": "anna",
    "doecleo_4712_98_tiny.ipynb": "cleo",
}
#: Names with blanks and accents, namesakes, text typed into Moodle's own field, a file too large.
MOODLE = {
    "Åsa Öberg_11_assignsubmission_file_/tiny.ipynb": "anna",
    "Åsa Öberg_11_assignsubmission_onlinetext_/onlinetext.html": b"<p>See file.</p>",
    "Jane Doe_12_assignsubmission_file_/tiny.ipynb": "bert",
    "Jane Doe_13_assignsubmission_file_/My work (2).ipynb": "cleo",
    "Ann Other_14_assignsubmission_onlinetext_/onlinetext.html": b"<p>See file.</p>",
    "Big Ben_15_assignsubmission_file_/tiny.ipynb": "anna",
    "Big Ben_15_assignsubmission_file_/film.mp4": bytes(200_000),
}


def test_archives_one_after_the_other(run, course, archived, first, monkeypatch):
    """The table shows an archive's students; grades.csv all those graded so far."""
    monkeypatch.setattr(collect, "LARGEST_MEMBER", 100_000)
    canvas = run.rows(archived(CANVAS))
    assert {student: row["total"] for student, row in canvas.items()} == {
        "doecleo": "0",
        "smithanna": "7",
    }
    assert "late, says Canvas" in canvas["smithanna"]["review"]
    moodle = run.rows(archived(MOODLE))
    assert {student: (row["status"], row["total"]) for student, row in moodle.items()} == {
        "Åsa Öberg": ("needs-manual", "7"),
        "Jane Doe_12": ("needs-manual", "4"),
        "Jane Doe_13": ("graded", "0"),
        "Ann Other": ("missing", ""),
        "Big Ben": ("failed", ""),
    }
    assert "was called My work (2).ipynb" in moodle["Jane Doe_13"]["review"]
    assert "film.mp4 in the archive is larger than" in moodle["Big Ben"]["review"]
    with open(course.folder("tiny", "grades.csv"), newline="", encoding="utf-8") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert table.keys() == {*FIRST, *canvas, *moodle}
    assert all(table[student] == row for student, row in (canvas | moodle).items())
    graded = {student for student, row in table.items() if row["total"]}
    pages = {path.stem for path in course.folder("tiny", "feedback").glob("*.html")}
    assert pages == graded


def test_a_name_in_a_plain_folder_that_had_to_be_changed_is_told(run, submitted, first, tmp_path):
    for name in ("_bob", "cleo", "__MACOSX", ".ipynb_checkpoints"):  # the last two are no students
        shutil.copytree(submitted / "cleo", tmp_path / name)
    rows = run.rows(tmp_path)
    assert {student: row["status"] for student, row in rows.items()} == {
        "cleo": "graded",
        "student _bob": "graded",
    }
    assert "called '_bob' where it came from" in rows["student _bob"]["review"]
