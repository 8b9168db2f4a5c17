"""Each rule for chapters sees the fault that it is there for."""

import pytest
from tools import chapter_rules
from tools.chapter_rules import Evidence, defined_twice, evidence, parse, prose_numbers

GOOD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
description: A sample that keeps every rule, to show what each rule looks for.
---

# A sample

{words}

```{code-cell} ipython3
import numpy as np
from matplotlib import pyplot as plt
from rectified import relu
plt.style.use("rectified.style")
```

## A measurement

About 40 % of the values are above 0.25, over 20 draws.

```{code-cell} ipython3
values = np.random.default_rng(0).normal(size=20)
share = np.mean(values > 0.25)
```

```{code-cell} ipython3
---
tags: [remove-cell]
jupyter: {source_hidden: true}
---
# Checked at each build.
assert 0.3 < share < 0.6
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: "ReLU of the values: no point lies below zero, and half of them lie on it."
---
plt.plot(relu(values));
```

```{code-cell} ipython3
from rectified.explorer import explore

def draw_sample(shift):
    figure, axes = plt.subplots()
    axes.plot(relu(values + shift))
    return figure, f"{shift}"

explore(draw_sample, shift=[0, 1])
```

## Check yourself

{checks}

## Exercises

{exercises}

```{code-cell} ipython3
---
tags: [hide-cell]
jupyter: {source_hidden: true, outputs_hidden: true}
---
# Solution
# This.
relu(values)
```

## Further reading

- {cite:t}`glorot2011`, on why.
- {cite:t}`he2015`, on how.
- {cite:t}`maas2013`, on what else.
"""
QUESTION = """**{}. Why?**

<details>
<summary>because</summary>

Yes. It is so.

</details>
<details>
<summary>for no reason</summary>

No. There is one.

</details>
"""
EXERCISE = """**{}. Do this.**

<details>
<summary>Solution</summary>

Done.

</details>
"""
GOOD = GOOD.replace("{words}", "word " * 900)
GOOD = GOOD.replace("{checks}", "\n".join(map(QUESTION.format, (1, 2, 3))))
GOOD = GOOD.replace("{exercises}", "\n".join(map(EXERCISE.format, (1, 2, 3))))


def faults(text, rule=None):
    rules = [rule] if rule else chapter_rules.RULES
    return [fault for rule in rules for fault in rule(parse(text))]


def test_the_good_sample_is_good():
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        ("front_matter", "format_name: myst", "format_name: markdown", "myst"),
        ("front_matter", "name: python3", "name: sage", "kernelspec"),
        ("front_matter", "description:", "comment:", "description"),
        ("title", "## A measurement", "# A measurement", "one heading"),
        (
            "first_cell",
            "import numpy as np\n",
            "import numpy as np\nimport os, re\nimport json\n",
            "5",
        ),
        ("first_cell", 'plt.style.use("rectified.style")', "", "plt.style.use"),
        ("imports", "from rectified import relu", "from rectified import *", "import *"),
        ("imports", "from rectified import relu", "import rectified", "rectified is a function"),
        ("imports", "import numpy as np", "import sys; sys.path.append('..')", "sys.path"),
        ("imports", "share =", "%matplotlib inline\nshare =", "magic"),
        ("imports", "share =", "warnings.simplefilter('ignore')\nshare =", "mended, not hidden"),
        ("redefinitions", "share =", "def softplus(x):\n    return x\nshare =", "softplus is in"),
        ("redefinitions", "share =", "explore = lambda x: x\nshare =", "explore is in"),
        ("redefinitions", "share =", "relu = 3\nshare =", "given another value"),
        ("length", "word " * 200, "", "words"),
        ("length", "word " * 100, "word " * 1500, "words"),
        ("length", "share =", "x = 1\n" * 17 + "share =", "a cell of"),
        (
            "length",
            "## Exercises",
            "```{code-cell} ipython3\n1\n```\n" * 22 + "## Exercises",
            "visible",
        ),
        (
            "length",
            "## Exercises",
            ("```{code-cell} ipython3\n" + "1\n" * 5 + "```\n") * 9,
            "median",
        ),
        ("width", "share =", f"share = {'1 + ' * 30}", "columns"),
        ("hidden_cells", "jupyter: {source_hidden: true}\n", "", "source_hidden"),
        ("hidden_cells", "tags: [remove-cell]\n", "", "must be tagged remove-cell"),
        ("hidden_cells", "assert 0.3 < share < 0.6", "print(share)", "asserts nothing"),
        ("hidden_cells", ", outputs_hidden: true", "", "outputs_hidden"),
        ("hidden_cells", "# Checked at each build.\n", "", "first line of remove-cell"),
        ("hidden_cells", "# Solution\n", "# Solution: 42\n", "first line of hide-cell"),
        ("timings", "share =", "start = time.perf_counter()\nshare =", "tagged timing"),
        ("alt_texts", "    alt:", "    note:", "without alt text"),
        ("alt_texts", "ReLU of the values:", "Figure of the values:", "what is seen"),
        ("alt_texts", ": no point lies below zero, and half of them lie on it", "", "eight words"),
        ("explorers", "explore(draw_sample", "print(draw_sample", "no explorer"),
        ("self_checks", "Check yourself\n\n**1.", "Check yourself\n\n", "2 questions"),
        ("self_checks", "No. There is one.", "There is one.", "begin with Yes or No"),
        ("self_checks", "No. There is one.", "Yes. There is.", "exactly one"),
        ("exercises", "**3. Do this.**", "", "2 exercises"),
        ("exercises", EXERCISE.format(3), "**3.**\n**4.**\n**5.** Do this.", "5 exercises, 3 sol"),
        ("details", "<summary>because", "<summary>$x$", "as they are"),
        ("details", "because</summary>\n\n", "because</summary>\n", "blank line"),
        ("details", "It is so.\n\n</details>", "It is so.\n\n", "not closed"),
        ("further_reading", "`he2015`", "`he2051`", "he2051 is not in"),
        ("further_reading", "- {cite:t}`maas2013`", "- Maas", "each with a citation"),
        ("spelling", "word word", "the colors are normalized", "colors"),
        ("numbers", "About 40 %", "About 70 %", "70 %"),
        ("numbers", "above 0.25", "above 0.75", "0.75"),
        ("numbers", "over 20 draws", "over 2,000 draws", "2,000"),
        ("numbers", "assert 0.3 < share < 0.6", "assert share == 0.5", "40 %"),
        ("numbers", "assert 0.3 < share < 0.6", "assert 0.01 < share < 0.99", "40 %"),
    ],
)
def test_a_rule_sees_its_fault(rule, old, new, said):
    assert old in GOOD
    found = faults(GOOD.replace(old, new), getattr(chapter_rules, rule))
    assert any(said in fault for fault in found), found


def test_every_rule_is_seen_to_fail():
    parameters = test_a_rule_sees_its_fault.pytestmark[0].args[1]
    assert {row[0] for row in parameters} == {rule.__name__ for rule in chapter_rules.RULES}


def test_a_copy_under_another_name_is_seen():
    source = "def two_halves(z):\n    return np.minimum(_as_float(z, 'z'), 0.0)\nshare ="
    (fault,) = faults(GOOD.replace("share =", source), chapter_rules.redefinitions)
    assert "two_halves is prelu_slope_gradient of the package" in fault


def test_a_function_in_two_chapters_is_seen():
    one = parse(GOOD, "one")
    assert list(defined_twice([one])) == []
    assert "draw_sample is defined in one" in next(defined_twice([one, parse(GOOD, "two")]))
    renamed = parse(GOOD.replace("draw_sample", "draw_again"), "two")
    assert "has the body of draw_sample" in next(defined_twice([one, renamed]))


def test_lines_are_those_of_the_file():
    chapter = parse(GOOD)
    lines = GOOD.splitlines()
    for cell in chapter.cells:
        first = cell.source.splitlines()[0] if cell.kind == "text" else "```{code-cell} ipython3"
        assert lines[cell.line - 1] == first
    assert {cell.section for cell in chapter.cells} == {
        "",
        "A measurement",
        "Check yourself",
        "Exercises",
        "Further reading",
    }


# --- numbers --------------------------------------------------------------------------------


def found(text):
    (cell,) = parse(text).cells
    return [number.text for number in prose_numbers(cell)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It takes 1,797 digits, 0.25 s and .5 s.", ["1,797", "0.25", ".5"]),
        ("Between 40 and 60 % die, that is 3/16.", ["40", "60 %", "3/16"]),
        ("Inputs −10…10, in 2½ hours, 10⁶ draws, 4–7 times.", ["10", "10", "2½", "10⁶", "4", "7"]),
        ("> Of **12** units, 3.\n\n| a | 7 |\n| --- | --- |\n", ["12", "3", "7"]),
        ("From 0 to 1 it rises.", []),
        ("Half of them, ½ and ¼.", []),
        ("## 12 units\n\n`x = 3`, $y = 4$, $$z = 5$$, [link](page-6.md), <b id=7>b</b>", []),
        ("```python\nx = 8\n```", []),
        ("1. one\n2. two\n\n**3. Three?**", []),
        ("float32, ReLU6, 2nd, Python 3, layer 2, layers 2 and 3, claims 2, 3 and 4", []),
        ("Found in 1941, by others (2015). In November 2026 too.", []),
        ("It took 2000 steps.", ["2000"]),
        ("{cite:t}`he2015` found 4.94 %. We found 5 %.", ["5 %"]),
        ("See [issue 184572](https://example.org). Then 7 failed.", ["7"]),
    ],
)
def test_numbers_in_prose(text, numbers):
    assert found(text) == numbers


def holds(code, text):
    (cell,) = parse(text).cells
    known = evidence(parse(f"```{{code-cell}} ipython3\n{code}\n```\n").cells)
    return all(known.holds(number) for number in prose_numbers(cell))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("assert share == 0.4", "40 %"),
        ("assert count == 1797", "1,797"),
        ("assert p == 3 / 16", "3/16"),
        ("assert p == 1 - (1 - 2**-4) ** 9", "a chance of 0.441, or 0.44"),
        ("x = range(-10, 11)", "−10…10"),
        ("assert 0.4 < share < 0.6", "between 40 and 60 %, about 50 %"),
        ("assert 0.6 >= share >= 0.4", "about 50 %"),
        ("assert np.all(0.4 < share) and np.all(share < 0.6)", "40 %"),
        ("assert share > 0.4 and share < 0.6", "about 0.5"),
        ("assert abs(share - 0.5) < 0.1", "about 0.45"),
        ("MLP([64, 32, 10])", "32 units"),
        ("leaky_relu(z)", "0.01"),
    ],
)
def test_evidence(code, text):
    assert holds(code, text)
    assert not holds("pass", text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print('0.4')", "0.4"),
        ("# 0.4", "0.4"),
        ("assert 0.4 < other and share < 0.6", "about 0.5"),
        ("assert share > 0.4", "about 0.5"),
        ("assert 0 < share < 100", "about 50"),
        ("if 0.4 < share < 0.6: pass", "about 0.5"),
    ],
)
def test_no_evidence(code, text):
    assert not holds(code, text)


def test_no_evidence_at_all():
    (cell,) = parse("It is 7.").cells
    (number,) = prose_numbers(cell)
    assert not Evidence().holds(number)
