"""Every chapter keeps every rule of tools/chapter_rules.py."""

import pytest
from tools import chapter_rules

CHAPTERS = chapter_rules.read_all()
SKIPPED = {".venv", "_build", ".git", ".ipynb_checkpoints", "node_modules"}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
@pytest.mark.parametrize("rule", chapter_rules.RULES, ids=lambda rule: rule.__name__)
def test_chapter_keeps(rule, chapter):
    faults = list(rule(chapter))
    assert not faults, f"chapters/{chapter.name}.md: {rule.__doc__}\n" + "\n".join(faults)


def test_no_function_stands_in_two_places():
    faults = list(chapter_rules.defined_twice(CHAPTERS))
    assert not faults, "\n".join(faults)


def test_every_chapter_of_the_contents_is_there():
    contents = (chapter_rules.ROOT / "_toc.yml").read_text("utf-8")
    names = {chapter.name for chapter in CHAPTERS} | {"index"}
    listed = set(
        chapter_rules.re.findall(
            r"(?:file|root): (?:chapters/)?([\w-]+)$", contents, chapter_rules.re.M
        )
    )
    assert listed == names
    assert len(names - chapter_rules.STATIC) >= 8


def test_notebooks_are_kept_as_text():
    """An .ipynb in the source would be a second copy, with outputs that grow old."""
    found = [
        path.relative_to(chapter_rules.ROOT)
        for path in chapter_rules.ROOT.rglob("*.ipynb")
        if not SKIPPED & set(path.parts)
    ]
    assert not found
