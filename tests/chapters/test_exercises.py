"""Each exercise that asks for code or for a number says what is wrong with an answer.

By the same few lines that run a page in the browser, here in CPython.
"""

import ast
import json
import os
import re
import subprocess
import sys

import jupytext
import pytest

from tests.chapters import rules
from tests.chapters.wrong_answers import WRONG
from tools.book.site import live

CHAPTERS = sorted(path.stem for path in (rules.ROOT / "chapters").glob("*.md"))
#: Solutions with code that answers no question: `%timeit`, and a rank that is looked up.
NO_ANSWER = {("activation-functions", "4"), ("what-it-costs", "1")}
#: Solutions that train for seconds. The build runs them too, each before its check.
LONG = {("sparsity", "1"), ("strengths", "3"), ("strengths", "4"), ("today", "2")}
LONG |= {
    ("plasticity", "1"),
    ("training", "4"),
    ("training", "5"),
    ("claims", "2"),
    ("claims", "3"),
}
RUN = """
import json, sys
import kernel

failed = []
kernel.begin(lambda text: failed.append(text) if '"type": "error"' in text else None)
codes, exercises = json.load(sys.stdin)
ran, told = set(), []
for at, check, answers in exercises:
    told.append([])
    for answer in answers:
        asked = codes[:at] + [answer + "\\n" + check["code"]]
        cells = [{"code": code, "ran": int(n in ran), "changed": 0} for n, code in enumerate(asked)]
        for number in json.loads(kernel.plan(json.dumps(cells), at))[:-1]:
            assert kernel.run(codes[number], f"cell {number}", number), failed
            ran.add(number)
        ok = kernel.run(answer, "your answer", at, json.dumps(check["wanted"]))
        told[-1].append(json.loads(kernel.check(at, json.dumps(check))) if ok else failed[-1])
sys.__stdout__.write(json.dumps(told))
"""


def exercises(name):
    """For each exercise: its number, the place of its first code cell, its solution, its check."""
    found, codes, inside = [], [], False
    for cell in jupytext.read(rules.ROOT / "chapters" / f"{name}.md").cells:
        if cell.cell_type == "code":
            if inside and found:
                found[-1]["cells"].append(cell)
            codes.append(cell.source)
            continue
        for line in cell.source.splitlines():
            inside = line == "## Exercises" if line.startswith("## ") else inside
            number = re.match(r"\*\*(\d+)\. ", line)
            if inside and number:
                found.append({"number": number[1], "at": len(codes), "cells": []})
    for each in found:
        sources = [cell.source for cell in each["cells"]]
        each["check"] = next(filter(None, map(live.check_of, sources)), None)
        each["solution"] = "\n".join(live.CHECK.split(source)[0] for source in sources)
    return found, codes


def defined(name, codes):
    """Return the chapter's own function of that name."""
    trees = [node for code in codes for node in ast.parse(code).body]
    functions = [each for each in trees if isinstance(each, ast.FunctionDef)]
    return next(ast.unparse(each) for each in functions if each.name == name)


def tell(name):
    """Ask a chapter's checks about the empty cell, a wrong answer, and the solution."""
    found, codes = exercises(name)
    asked = []
    for each in found:
        if check := each["check"]:
            solution = each["solution"]
            own = [n for n in check["wanted"] if not re.search(rf"\b{n}\b", solution)]
            solution += "\n" + "\n\n".join(defined(n, codes) for n in own)
            wrong, _ = WRONG[name, each["number"]]
            answers = [check["stub"], wrong, solution]
            asked.append((each["at"], check, answers[: 2 if (name, each["number"]) in LONG else 3]))
    environment = os.environ | {"PYTHONPATH": rules.PATH, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps([codes, asked]),
        cwd=rules.ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr[-3000:]
    checked = [each for each in found if each["check"]]
    return list(zip(checked, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", sorted({chapter for chapter, _ in WRONG}))
def test_a_check_tells_right_from_wrong(name):
    for exercise, (stub, wrong, *solution) in tell(name):
        number = exercise["number"]
        assert stub["right"] is False, f"exercise {number}"
        assert isinstance(wrong, dict), f"exercise {number}: {wrong}"
        assert not wrong["right"] and WRONG[name, number][1] in wrong["text"], wrong["text"]
        assert all(each["right"] is True for each in solution), f"exercise {number}: {solution}"


def test_each_exercise_with_code_in_its_solution_has_a_check_and_a_wrong_answer():
    checked = set()
    for name in CHAPTERS:
        for each in exercises(name)[0]:
            key = name, each["number"]
            if each["check"]:
                checked.add(key)
                assert each["check"]["exercise"] == each["number"]
            elif key not in NO_ANSWER:
                assert not [cell for cell in each["cells"] if "hide-cell" in rules.tags(cell)], key
    assert checked == set(WRONG)
