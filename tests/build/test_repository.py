"""Buttons and links follow the repository that the site is built from; no repository, no button."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.book.repository import find_repository


@pytest.fixture
def clone(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/someone/relu.course.git",
        "https://github.com/someone/relu.course",
        "https://github.com/someone/relu.course/",
        "https://token@github.com/someone/relu.course.git",
        "git@github.com:someone/relu.course.git",
        "ssh://git@github.com/someone/relu.course.git",
    ],
)
def test_origin_on_github(clone, origin):
    subprocess.run(["git", "-C", clone, "remote", "add", "origin", origin], check=True)
    found = find_repository(clone)
    assert found.url == "https://github.com/someone/relu.course"
    assert found.source("chapters/definition.md").endswith("/blob/main/chapters/definition.md")
    assert found.launch("chapters/definition.md") == (
        "https://mybinder.org/v2/gh/someone/relu.course/binder"
        "?urlpath=lab%2Ftree%2Fchapters%2Fdefinition.md"
    )


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "https://gitlab.example/someone/course.git",
        "https://github.com.example/someone/course.git",
        "https://example.org/github.com/someone/course",
        "/srv/course.git",
    ],
)
def test_no_repository_is_known(clone, origin):
    if origin:
        subprocess.run(["git", "-C", clone, "remote", "add", "origin", origin], check=True)
    assert find_repository(clone) is None


def test_a_fork_that_github_builds_wins_over_origin(clone, monkeypatch):
    origin = "https://github.com/someone/course.git"
    subprocess.run(["git", "-C", clone, "remote", "add", "origin", origin], check=True)
    monkeypatch.setenv("GITHUB_REPOSITORY", "teacher/course")
    assert find_repository(clone).name == "teacher/course"


def test_a_folder_inside_another_repository_is_not_that_repository(clone):
    origin = "https://github.com/someone/other.git"
    subprocess.run(["git", "-C", clone, "remote", "add", "origin", origin], check=True)
    (clone / "unpacked").mkdir()
    assert find_repository(clone / "unpacked") is None


def test_the_pages_of_a_small_book_follow(built_book, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "teacher/fork")
    built_book.build()
    page = built_book.pages()["chapters/definition.html"].decode()
    assert "https://mybinder.org/v2/gh/teacher/fork/binder?urlpath=lab" in page
    assert "https://github.com/teacher/fork" in page
    monkeypatch.delenv("GITHUB_REPOSITORY")  # the small book stands in no repository
    built_book.build()
    page = built_book.pages()["chapters/definition.html"].decode()
    assert "mybinder.org" not in page and "https://github.com" not in page


def test_what_the_readme_links_to_is_there():
    root = Path(__file__).resolve().parents[2]
    links = re.findall(r"\]\(([^)#]+)", (root / "README.md").read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert len(local) > 5
    assert not [link for link in local if not (root / link).exists()]
