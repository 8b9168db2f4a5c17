"""The commands behind make: what they refuse says what to do."""

import csv
import os
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.homework.forged import Class
from tools.homework import collect, grade, marks, release, sandbox
from tools.homework.__main__ import _say, main
from tools.homework.settings import Course, HomeworkError

TINY = Path(__file__).parent / "course"
OPTIONS = "HW SUBMITTED HOMEWORK ROSTER DUE FORCE SANDBOX GRADEBOOK_URL WORKERS PORT".split()
OPTIONS += "CLUSTER SCHEDULER LISTEN CERTIFICATES".split()


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command with options; return its status, and what it said on stderr and stdout."""

    def run(name, **options):
        for option in OPTIONS:
            monkeypatch.delenv(option, raising=False)
        for option, value in options.items():
            monkeypatch.setenv(option, str(value))
        status = main([name])
        said = capsys.readouterr()
        return status, said.err, said.out

    return run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "make grade HW=definition SUBMITTED="),
        ({"HW": "definition"}, "SUBMITTED=…"),
        ({"HW": "nonsense", "SUBMITTED": "x"}, "known: dead-neurons, definition, derivative"),
        (
            {"HW": "tiny", "SUBMITTED": "x", "HOMEWORK": "/no/such/folder"},
            "HOMEWORK: there is no folder",
        ),
        ({"HW": "definition", "SUBMITTED": "x", "SANDBOX": "maybe"}, "say on or off"),
        ({"HW": "definition", "SUBMITTED": "x", "WORKERS": "none"}, "whole number"),
    ],
)
def test_wrong_options(command, options, said):
    status, error, _ = command("grade", **options)
    assert status == 1
    assert said in error


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("worker", {}, "make worker SCHEDULER=tls://HOST:8786"),
        ("worker", {"SCHEDULER": "tcp://10.0.0.1:8786"}, "say tls://HOST:8786"),
        ("scheduler", {"LISTEN": "tcp://0.0.0.0:8786"}, "say tls://HOST:8786"),
        ("scheduler", {"LISTEN": "tls://0.0.0.0:8786", "CERTIFICATES": "/no"}, "make certificates"),
    ],
)
@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_wrong_options_of_a_cluster(command, monkeypatch, system, name, options, said):
    monkeypatch.setattr(sandbox, "sys", SimpleNamespace(platform=system))
    status, error, _ = command(name, **options)
    assert status == 1
    assert said in error


def test_on_a_terminal_one_line_shows_who_is_graded(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    _say("[1/3] anna: graded (0 failed, 12 s left)")
    _say("[2/3] bert: failed: no notebook (1 failed, 6 s left)")
    graded, failed = capsys.readouterr().out.split("\r\x1b[K")[1:]
    assert graded == "[1/3] anna: graded (0 failed,"  # the next line takes its place
    assert failed == "[2/3] bert: failed: no notebook (1 failed, 6 s left)\n"


def test_unknown_command(capsys):
    assert main(["mark"]) == 2
    assert "Commands: check, grade" in capsys.readouterr().err


def test_empty_homework_folder(command, tmp_path):
    status, error, _ = command("check", HOMEWORK=tmp_path)
    assert status == 1 and "NAME.md" in error


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = Course(homework=TINY, build=tmp_path_factory.mktemp("build"))
    release.release(course, ["tiny"])
    return course


def test_missing_folder(course):
    with pytest.raises(HomeworkError, match="there is no /no/such/folder"):
        collect.collect(course, "tiny", "/no/such/folder")


def test_empty_folder(course, tmp_path):
    with pytest.raises(HomeworkError, match="STUDENT/NAME.ipynb"):
        collect.collect(course, "tiny", tmp_path)


def test_unreadable_folder(course, tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied", str(self))

    # Root may read everything, so the refusal is played.
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(HomeworkError, match="cannot be read: Permission denied"):
        collect.collect(course, "tiny", tmp_path)


def test_corrupt_archive(course, tmp_path):
    archive = tmp_path / "submissions.zip"
    archive.write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(HomeworkError, match="Download it again"):
        collect.collect(course, "tiny", archive)


def test_strange_archive(course, tmp_path):
    archive = tmp_path / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("tiny.ipynb", "{}")
    with pytest.raises(HomeworkError, match="does not say whose it is"):
        collect.collect(course, "tiny", archive)


def test_roster_without_names(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("name\nanna\n")
    with pytest.raises(HomeworkError, match="column `id`"):
        grade._read_roster(roster)
    with pytest.raises(HomeworkError, match="ROSTER: .* cannot be read"):
        grade._read_roster(tmp_path / "none.csv")


def test_no_bubblewrap(workers, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HomeworkError, match="apt-get install bubblewrap"):
        sandbox.require()


def test_bubblewrap_that_may_not(workers, monkeypatch, tmp_path):
    refusing = tmp_path / "bwrap"
    refusing.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n"
    )
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(HomeworkError, match="No permissions .* allow user namespaces"):
        sandbox.require()


def test_another_system(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    with pytest.raises(HomeworkError, match="needs Linux"):
        sandbox.require()


def test_gradebook_that_does_not_answer(course, tmp_path):
    away = replace(course, gradebook_url=f"postgresql://teacher@/course?host={tmp_path}")
    with pytest.raises(HomeworkError, match="GRADEBOOK_URL"):
        marks.read(away, "tiny")


MOODLE = {
    "Åsa Öberg_11_assignsubmission_file_/tiny.ipynb": "Åsa Öberg",
    "Jane Doe_12_assignsubmission_file_/tiny.ipynb": "Jane Doe_12",
    "Jane Doe_13_assignsubmission_file_/My work.ipynb": "Jane Doe_13",
    "Flat File_14_assignsubmission_file_tiny.ipynb": "Flat File",
}
CANVAS = {
    "doejane_4711_98765_tiny.ipynb": "doejane",
    "smithjo_LATE_4712_98766_tiny-1.ipynb": "smithjo",
    "leebo_4713_98767_tiny.ipynb": "leebo_4713",
    "leebo_4714_98768_tiny.ipynb": "leebo_4714",
    "__MACOSX/._x.ipynb": None,
}
PLAIN = {
    "submissions/anna/tiny.ipynb": "anna",
    "submissions/../../bert/tiny.ipynb": "bert",
    "../tiny.ipynb": "student ..",
    "=1+1/tiny.ipynb": "student =1+1",
    "a\tb/tiny.ipynb": "a-b",
    "a-b/tiny.ipynb": "a-b (2)",
}


@pytest.mark.parametrize("names", [MOODLE, CANVAS, PLAIN])
def test_names_in_archives(tmp_path, names):
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(name, "{}")
    target = tmp_path / "deep" / "er" / "unpacked"
    collect._unpack(archive, target)
    found = {path.parent.name for path in tmp_path.rglob("*.ipynb") if target in path.parents}
    assert found == {student for student in names.values() if student}
    assert {path for path in tmp_path.rglob("*.ipynb") if target not in path.parents} == set()


def test_a_pass_from_the_command_line(course, command, tmp_path, monkeypatch):
    """make grade, once, as make calls it; without the sandbox, and that is said first and last."""
    monkeypatch.setattr("tools.homework.options.Course", lambda **given: replace(course, **given))
    Class(course.notebook("tiny", "release"), tmp_path / "submitted", {}).add("anna", None)
    submitted = tmp_path / "submitted"
    status, error, said = command("grade", HW="tiny", SUBMITTED=submitted, SANDBOX="off")
    assert (status, error) == (0, "")
    first, *_, last = said.strip().splitlines()
    assert "SANDBOX=off" in first and "can read the hidden tests" in first
    assert last.startswith("Not run: the sandbox")
    with open(course.folder("tiny", "grades.csv"), newline="") as file:
        assert [row["total"] for row in csv.DictReader(file)] == ["7"]


def test_folders_of_the_exchange(course, tmp_path):
    """nbgrader collect writes STUDENT/NAME/NAME.ipynb."""
    Class(course.notebook("tiny", "release"), tmp_path / "one", {}).add("anna", None)
    (tmp_path / "submitted" / "anna").mkdir(parents=True)
    (tmp_path / "one" / "anna").rename(tmp_path / "submitted" / "anna" / "tiny")
    (submission,) = collect.collect(course, "tiny", tmp_path / "submitted")
    assert (submission.student, submission.problem) == ("anna", "")
