"""The landing page's map and table name every chapter and side road, as each calls itself."""

import re

import yaml

from tests.chapters import rules

NO_LESSON = {"Homework", "For instructors", "Reference"}


def test_the_map_and_the_table_are_complete():
    toc = yaml.safe_load((rules.ROOT / "_toc.yml").read_text("utf-8"))
    index = (rules.ROOT / "index.md").read_text("utf-8")
    pages = [
        page["file"]
        for part in toc["parts"]
        if part["caption"] not in NO_LESSON
        for page in part["chapters"]
    ]
    assert pages
    for page in pages:
        text = (rules.ROOT / f"{page}.md").read_text("utf-8")
        title = re.search(r"^# (.+)$", text, re.M)[1].strip()
        assert f'"{title}"' in index, f"the map lacks {title} ({page})"
        assert f"[{title}]({page}.md)" in index, f"the table lacks {title} ({page})"


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
