"""The numbers hang on their causes: break one in the package, and its chapter's assertions fail.

That they hold when nothing is broken is what the build of the book shows. Each line of the table is
a chapter, what is broken, the file of the package, what stands in it, and what is put there.
"""

import os
import shutil
import subprocess
import sys

import pytest

from tests.chapters import rules

PACKAGE = rules.ROOT / "code" / "rectified"
CAUSES = [
    (
        "strengths",
        "the disguise forgets the minus one",
        "experiments/strengths.py",
        "bias -= weight.sum(axis=0)",
        "bias -= 0.0",
    ),
    (
        "dead-neurons",
        "momentum is dropped",
        "network.py",
        "velocity *= self.momentum",
        "velocity *= 0.0",
    ),
    (
        "training",
        "the package's step is not the chapter's",
        "network.py",
        "velocity -= self.learning_rate * gradient",
        "velocity -= 1.01 * self.learning_rate * gradient",
    ),
]


@pytest.mark.parametrize(("name", "what", "file", "old", "new"), CAUSES)
def test_a_broken_cause_is_noticed(name, what, file, old, new, tmp_path):
    copy = tmp_path / "code" / "rectified"
    shutil.copytree(PACKAGE, copy)
    text = (copy / file).read_text("utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), "utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(copy.parent),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    chapter = rules.Chapter((rules.ROOT / "chapters" / f"{name}.md").read_text("utf-8"))
    # One process runs the cells until one fails; explorers and figures are not drawn.
    script = tmp_path / "chapter.py"
    script.write_text("\n".join(cell.source for _, cell in chapter.code), "utf-8")
    command = [sys.executable, script]
    broken = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert "AssertionError" in broken.stderr, f"no assertion noticed: {broken.stderr[-2000:]}"
