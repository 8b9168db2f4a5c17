"""The landing page's map and table agree, and name every chapter, as each calls itself."""

import ast
import re

import yaml

from tests.chapters import rules

INDEX = (rules.ROOT / "index.md").read_text("utf-8")
#: The parts of _toc.yml whose pages must stand there. A side road may, and need not.
SPINE = 2


def table():
    """Of each row: the chapter, then its side roads, each as (title, page)."""
    rows = [line for line in INDEX.splitlines() if re.match(r"\| \d+ \[", line)]
    return [re.findall(r"\[([^]]+)\]\(([\w/-]+)\.md\)", row) for row in rows]


def test_the_table_names_every_chapter_in_its_order():
    parts = yaml.safe_load((rules.ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    chapters = [page["file"] for part in parts[:SPINE] for page in part["chapters"]]
    assert [row[0][1] for row in table()] == chapters


def test_the_table_calls_each_page_as_it_calls_itself():
    for title, page in sum(table(), []):
        text = (rules.ROOT / f"{page}.md").read_text("utf-8")
        assert re.search(r"^# (.+)$", text, re.M)[1].strip() == title, page


def test_the_map_shows_what_the_table_names():
    shown = ast.literal_eval(re.search(r"^spine = (\{.*?^\})", INDEX, re.M | re.S)[1])
    titles = [[title for title, _ in row] for row in table()]
    assert [[chapter, *roads] for chapter, roads in shown.items()] == titles


def test_the_instructors_table_lists_every_homework():
    """With the minutes and points that the homework itself says."""
    page = (rules.ROOT / "chapters" / "assign.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(.+?)\]\(.+?\) \|.*\| (\d+) \| (\d+) \|$", page, re.M)
    said = r"It takes about (\d+) minutes and gives up to (\d+) points"
    wanted = {
        path.stem: re.search(said, path.read_text("utf-8")).groups()
        for path in (rules.ROOT / "homework").glob("[a-z]*.md")
    }
    assert {name: (minutes, points) for name, minutes, points in rows} == wanted
