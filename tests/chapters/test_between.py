"""An explorer draws at any value on the page that runs, or its cell says that it has only frames.

Each is drawn halfway between two of its frames, after the cells that it needs, as the page finds
them; here in CPython.
"""

import json
import os
import subprocess
import sys

import jupytext
import pytest

from tests.chapters import rules

CHAPTERS = sorted((rules.ROOT / "chapters").glob("*.md"))
CHAPTERS = [path.stem for path in CHAPTERS if "\nexplore(" in path.read_text("utf-8")]
RUN = """
import json, sys
import kernel

said = []
kernel.begin(lambda text: said.append(text) if '"type": "error"' in text else None)
codes, explorers = json.load(sys.stdin)
ran, troubles = set(), {}
for at in explorers:
    cells = [{"code": code, "ran": int(n in ran), "changed": 0} for n, code in enumerate(codes)]
    for number in json.loads(kernel.plan(json.dumps(cells), at)):
        assert kernel.run(codes[number], f"cell {number}", number), said
        ran.add(number)
    explorer = kernel.EXPLORERS[at]
    values = []
    for each in explorer.parameters.values():
        number = not isinstance(each[0], str) and len(each) > 1
        middle = number and (each[-2] + each[-1]) / 2
        whole = number and all(isinstance(value, int) for value in each)
        values.append((int(middle) if whole else middle) if number else each[0])
    drawn = json.loads(kernel.draw(at, json.dumps(values)))
    if "error" in drawn:
        troubles[explorer.draw.__name__] = drawn["error"]
sys.__stdout__.write(json.dumps(troubles))
"""


@pytest.mark.parametrize("source", CHAPTERS)
def test_explorers_draw_between_their_frames(source):
    cells = jupytext.read(rules.ROOT / "chapters" / f"{source}.md").cells
    cells = [cell for cell in cells if cell.cell_type == "code"]
    between = [cell.metadata.get("live", {}).get("between", True) for cell in cells]
    explorers = [n for n, cell in enumerate(cells) if "explore(" in cell.source and between[n]]
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps([[cell.source for cell in cells], explorers]),
        cwd=rules.ROOT,
        env=os.environ | {"PYTHONPATH": rules.PATH, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr[-3000:]
    assert not json.loads(done.stdout)
