"""A forged class of fifty, graded in one batch; every test looks at a side of it."""

import csv
import os
import re
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.homework.forged import Class
from tools.homework import grade as grading
from tools.homework import release, report
from tools.homework.settings import Course

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return Course(homework=HERE / "course", build=tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def listener():
    """A server that no submission may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        yield server


@pytest.fixture(scope="module")
def graded(course, listener, workers, tmp_path_factory):
    """The forged class, graded: expected marks, rows by student, what was printed."""
    folder = tmp_path_factory.mktemp("submitted")
    release.release(course, ["tiny"])
    places = {
        "gradebook": course.build / "gradebook.db",
        "source": course.homework / "tiny.md",
        "outside": course.build / "outside.txt",
        "port": listener.getsockname()[1],
    }
    expected = Class(course.notebook("tiny", "release"), folder, places).fill()
    expected["absent"] = expected["student =2"] = ("missing", None, None)
    roster = folder.parent / "roster.csv"
    lines = ["id,first_name,last_name", '"Doe, Jane",Jane,Doe', "absent,Abe,Sent", "=2,Eve,Al", ""]
    roster.write_text("\n".join(lines), "utf-8")
    os.environ["SECRET_OF_THE_TEST"] = "the host's environment"
    log = []
    due = "2027-03-01 18:00:00 UTC"
    rows = grading.grade(
        course, "tiny", folder, roster=roster, due=due, pool=workers, log=log.append
    )
    report.show(rows, log.append)
    return expected, {row["student"]: row for row in rows}, log


def page(course, student):
    return course.folder("tiny", "feedback", f"{student}.html").read_text("utf-8")


def test_marks(graded):
    expected, rows, _ = graded
    got = {
        student: (
            row["status"],
            *(float(row[key]) if row[key] else None for key in ("double", "half")),
        )
        for student, row in rows.items()
    }
    assert got == expected


def test_csv(course, graded):
    expected, rows, _ = graded
    with open(course.folder("tiny", "grades.csv"), newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == [*"student status total max double half words review".split()]
    assert [row["student"] for row in table] == sorted(expected)
    assert {row["max"] for row in table} == {"10"}
    for row in table:
        assert bool(row["total"]) == (row["status"] in ("graded", "needs-manual"))


def test_table_names_everyone_and_every_reason(graded):
    expected, rows, log = graded
    text = "\n".join(log)
    for student, row in rows.items():
        assert student in text
        assert row["review"] in text
        if row["status"] == "failed":
            assert row["review"], student


@pytest.mark.parametrize(
    ("student", "reason"),
    {
        "kernel-killed": "killed the kernel",
        "stubborn-loop": "could not be interrupted",
        "corrupt": "not valid JSON",
        "old-schema": "schema 1",
        "other-homework": "another homework",
        "two-notebooks": "a.ipynb, b.ipynb",
        "symlink": "link",
        "missing-file": "no notebook",
        "renamed": "was called My homework (1).ipynb",
        "tests-deleted": "double put back; half put back",
        "writes-gradebook": "uses sqlite3",
        "os-exit": "uses os._exit",
        "late": "late: 7 points less",
        "student =1+1": "called '=1+1' where it came from",
        "student =2": "called '=2' where it came from",
    }.items(),
)
def test_review(graded, student, reason):
    assert reason in graded[1][student]["review"]


def test_name_from_the_browser_is_no_news(graded):
    assert "was called" not in graded[1]["from-the-browser"]["review"]


def test_late_policy(graded):
    assert graded[1]["late"]["total"] == "0"


def test_feedback_is_there_for_those_graded(course, graded):
    pages = {path.stem for path in course.folder("tiny", "feedback").iterdir()}
    marked = {s for s, row in graded[1].items() if row["status"] in ("graded", "needs-manual")}
    assert pages == marked
    assert "double is wrong for -1.5 or 40" in page(course, "patched-numpy")


def test_feedback_shows_no_hidden_test(course, graded):
    for path in course.folder("tiny", "feedback").iterdir():
        text = re.sub(r"<[^>]*>", "", path.read_text("utf-8"))
        assert "from checks import" not in text
        assert "\nclose(" not in text
        assert "HIDDEN TESTS" not in text.replace("'HIDDEN TESTS'", "")


def test_a_submission_sees_only_its_own_folder(course, graded):
    text = re.sub(r"<[^>]*>", "", page(course, "looks-around"))
    assert set(re.findall(r"FOUND (\S+) (\S+)", text)) == {("/homework", "tiny.ipynb")}
    assert "HIDDEN False" in text
    assert "SECRET_OF_THE_TEST" not in text
    assert str(course.build) not in text


def test_nothing_got_out(course, graded, listener):
    assert not (course.build / "outside.txt").exists()
    with pytest.raises(TimeoutError):
        listener.accept()
    with sqlite3.connect(course.build / "gradebook.db") as book:
        assert book.execute(
            "select count(*) from grade where manual_score is not null"
        ).fetchone() == (0,)
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert not [command for command in commands if b"98765" in command]


def test_scripts_of_a_submission_do_not_run(course, graded, browser):
    tab = browser.new_page()
    tab.goto(course.folder("tiny", "feedback", "script.html").as_uri(), wait_until="load")
    assert tab.evaluate("window.owned") is None
    assert "my answer" in tab.content()
    tab.close()
