"""The numbers hang on their causes: break one in the package, and a chapter's assertions fail.

That they hold when nothing is broken is what the build of the book shows.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest
from tools import chapter_rules

PACKAGE = chapter_rules.ROOT / "code" / "rectified"
# The call that names the section to run; the file, what stands in it, and what is put there.
CAUSES = {
    "He weights become uniform": (
        "strengths",
        "signal_through_depth(",
        "initialization.py",
        "return rng.normal(0.0, math.sqrt(2.0 / fan_in), (fan_in, fan_out))",
        "return uniform(fan_in, fan_out, rng)",
    ),
    "momentum is dropped": (
        "dead-neurons",
        "outputs_after_death(",
        "network.py",
        "velocity *= self.momentum",
        "velocity *= 0.0",
    ),
    "the package's step is not the chapter's": (
        "training",
        "network = MLP([64, 64, 10], seed=0)",
        "network.py",
        "velocity -= self.learning_rate * gradient",
        "velocity -= 1.01 * self.learning_rate * gradient",
    ),
}
CUMULATIVE = {"training"}  # what a section needs was built in the sections before it


def script(name, call):
    """The first cell of a chapter, its later imports, and the section that makes the call."""
    text = (chapter_rules.CHAPTERS / f"{name}.md").read_text("utf-8")
    cells = chapter_rules.parse(text, name).code
    (section, *_) = [cell.section for cell in cells if call in cell.source]
    if name in CUMULATIVE:
        last = max(at for at, cell in enumerate(cells) if cell.section == section)
        return "\n".join(cell.source for cell in cells[: last + 1])
    imports = re.findall(r"^from rectified.*", "\n".join(cell.source for cell in cells), re.M)
    wanted = [cell.source for cell in cells[1:] if cell.section == section]
    return "\n".join([cells[0].source, *imports, *wanted])


def run(source, package, folder):
    environment = os.environ | {
        "PYTHONPATH": str(package.parent),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    (folder / "section.py").write_text(source, "utf-8")
    command = [sys.executable, "section.py"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_broken_cause_is_noticed(cause, tmp_path):
    name, call, file, old, new = CAUSES[cause]
    copy = tmp_path / "code" / "rectified"
    shutil.copytree(PACKAGE, copy)
    text = (copy / file).read_text("utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), "utf-8")
    broken = run(script(name, call), copy, tmp_path)
    assert "AssertionError" in broken.stderr, "no assertion of the chapter noticed"
