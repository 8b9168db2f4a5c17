"""A small class through the weeks: graded again, changed, killed, moved to PostgreSQL."""

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import postgres
import pytest
from forged import Class
from nbgrader.api import Gradebook
from tools.homework import grade as grading
from tools.homework import release
from tools.homework.settings import ROOT, Course

HERE = Path(__file__).parent
MARKS = ("status", "total", "double", "half", "words")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(homework=HERE / "course", build=tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def submitted(course, tmp_path_factory):
    folder = tmp_path_factory.mktemp("submitted")
    release.release(course, ["tiny"])
    forged = Class(course.notebook("tiny", "release"), folder, {})
    forged.add("anna", None)
    forged.add("bert", None, double="def double(z): return z")
    forged.add("cleo", None, double="", half="", words="")
    forged.add("dora", None, half="import os; os._exit(1)")
    return folder


def run(course, folder, **options):
    """Grade; return the marks by student, and how many were graded."""
    log = []
    rows = grading.grade(course, "tiny", folder, log=log.append, **options)
    marks = {row["student"]: tuple(row[key] for key in MARKS) for row in rows}
    return marks, sum(line.startswith("[") for line in log)


FIRST = {
    "anna": ("needs-manual", "7", "3", "4", ""),
    "bert": ("needs-manual", "4", "0", "4", ""),
    "cleo": ("graded", "0", "0", "0", "0"),
    "dora": ("failed", "", "", "", ""),
}


@pytest.fixture(scope="module")
def first(course, submitted):
    return run(course, submitted)


def test_first_run(first):
    assert first == (FIRST, 4)


def test_second_run_grades_nothing(course, submitted, first):
    assert run(course, submitted) == (FIRST, 0)


def give(course, student, points, comment):
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade("words", "tiny", "tiny", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment("words", "tiny", "tiny", student).manual_comment = comment
        gradebook.db.commit()


@pytest.fixture(scope="module")
def marked(course, submitted, first):
    give(course, "anna", 2.5, "Well put.")
    return run(course, submitted)


def test_manual_marks_count_and_reach_the_feedback(course, marked):
    assert marked == (FIRST | {"anna": ("graded", "9.5", "3", "4", "2.5")}, 0)
    page = course.folder("tiny", "feedback", "anna.html").read_text("utf-8")
    assert "Well put." in page
    assert "Score: 9.5 / 10.0" in page


def test_force_keeps_manual_marks(course, submitted, marked):
    assert run(course, submitted, force=True) == (marked[0], 4)


def test_a_changed_submission_is_graded_alone_and_looked_at_again(
    course, submitted, marked, tmp_path
):
    changed = tmp_path / "submitted"
    shutil.copytree(submitted, changed)
    notebook = nbformat.read(changed / "anna" / "tiny.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace("return 2.0 *", "return 3.0 *")
    nbformat.write(notebook, changed / "anna" / "tiny.ipynb")
    marks, count = run(course, changed)
    assert count == 1
    # The mark given by hand stays, but someone should see whether it still holds.
    assert marks["anna"] == ("needs-manual", "6.5", "0", "4", "2.5")


def test_two_gradings_at_once_are_refused(course, submitted):
    with (
        grading._alone(course, "tiny"),
        pytest.raises(grading.HomeworkError, match="another process"),
    ):
        run(course, submitted)


def test_killed_half_way_and_repeated(course, submitted, tmp_path):
    """SIGKILL after the first student; the workers die with it, and the next run ends alike."""
    killed = replace(course, build=tmp_path / "_build" / "homework")
    code = (
        "import sys; from pathlib import Path\n"
        "from tools.homework.settings import Course\n"
        "from tools.homework.grade import grade\n"
        "if __name__ == '__main__':\n"
        f"    homework, build = {str(course.homework)!r}, {str(killed.build)!r}\n"
        "    course = Course(homework=Path(homework), build=Path(build))\n"
        f"    grade(course, 'tiny', {str(submitted)!r}, log=lambda line: print(line, flush=True))\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )
    assert process.stdout.readline().startswith("[1/4]")
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    marks, count = run(killed, submitted)
    assert marks == FIRST
    assert 1 <= count <= 3


def test_postgresql_gives_the_same_marks(course, submitted, tmp_path_factory):
    with postgres.running() as address:
        other = replace(course, build=tmp_path_factory.mktemp("build"), gradebook_url=address)
        assert run(other, submitted) == (FIRST, 4)
        assert not (other.build / "gradebook.db").exists()
        give(other, "bert", 3, "")
        assert run(other, submitted) == (FIRST | {"bert": ("graded", "7", "0", "4", "3")}, 0)


def test_without_sandbox(course, submitted, tmp_path):
    """SANDBOX=off works, gives the same marks, and says what it risks."""
    alone = tmp_path / "submitted"
    shutil.copytree(submitted / "bert", alone / "bert")
    lines = []
    unsafe = replace(course, build=tmp_path / "build", sandbox=False)
    rows = grading.grade(unsafe, "tiny", alone, log=lines.append)
    assert rows[0]["total"] == "4"
    assert "SANDBOX=off" in lines[0] and "change every mark" in lines[0]


def test_canvas_archive(course, submitted, tmp_path):
    archive = tmp_path / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(submitted / "anna" / "tiny.ipynb", "smithanna_LATE_4711_99_tiny-2.ipynb")
        file.write(submitted / "cleo" / "tiny.ipynb", "doecleo_4712_98_tiny.ipynb")
    there = replace(course, build=tmp_path / "build")
    rows = grading.grade(there, "tiny", archive, log=lambda line: None)
    assert [(row["student"], row["total"]) for row in rows] == [
        ("doecleo", "0"),
        ("smithanna", "7"),
    ]
    assert "late, says Canvas" in rows[1]["review"]


def test_moodle_archive(course, submitted, tmp_path):
    """Names with blanks and accents, namesakes, a folder of text typed into Moodle's own field."""
    handed_in = {
        "Åsa Öberg_11_assignsubmission_file_/tiny.ipynb": "anna",
        "Jane Doe_12_assignsubmission_file_/tiny.ipynb": "bert",
        "Jane Doe_13_assignsubmission_file_/My work (2).ipynb": "cleo",
    }
    archive = tmp_path / "Course-tiny-4711.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, student in handed_in.items():
            file.write(submitted / student / "tiny.ipynb", name)
        for name in ("Åsa Öberg_11", "Ann Other_14"):
            file.writestr(
                f"{name}_assignsubmission_onlinetext_/onlinetext.html", "<p>See file.</p>"
            )
    there = replace(course, build=tmp_path / "build")
    rows = {row["student"]: row for row in grading.grade(there, "tiny", archive, log=print)}
    assert {student: (row["status"], row["total"]) for student, row in rows.items()} == {
        "Åsa Öberg": ("needs-manual", "7"),
        "Jane Doe_12": ("needs-manual", "4"),
        "Jane Doe_13": ("graded", "0"),
        "Ann Other": ("missing", ""),
    }
    assert "was called My work (2).ipynb" in rows["Jane Doe_13"]["review"]
    pages = {path.stem for path in there.folder("tiny", "feedback").glob("*.html")}
    assert pages == {"Åsa Öberg", "Jane Doe_12", "Jane Doe_13"}
