"""Every chapter keeps every rule of rules.py."""

import pytest

from tests.chapters import rules

SKIPPED = {".venv", "_build", "grading", ".git", ".ipynb_checkpoints"}


@pytest.mark.parametrize("chapter", rules.read_all(), ids=lambda chapter: chapter.name)
def test_chapter_keeps_the_rules(chapter):
    faults = [fault for rule in rules.RULES for fault in rule(chapter)]
    assert not faults, f"{chapter.name}.md:\n" + "\n".join(faults)


def test_notebooks_are_kept_as_text():
    """An .ipynb in the source would be a second copy, with outputs that grow old."""
    found = [path for path in rules.ROOT.rglob("*.ipynb") if not SKIPPED & set(path.parts)]
    assert not found
