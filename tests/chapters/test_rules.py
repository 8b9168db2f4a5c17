"""Each rule for chapters sees the fault that it is there for."""

import pytest

from tests.chapters import rules

GOOD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A sample

Some words.

```{code-cell} ipython3
import numpy as np
from matplotlib import pyplot as plt
from rectified import relu
plt.style.use("rectified.style")
share = relu(np.arange(3)).mean()
z = np.linspace(-3, 3)
def curve(slope):
    return slope * z
def draw(slope):
    figure, axes = plt.subplots()
    axes.plot(z, curve(slope))
    return figure, f"A slope of {slope}."
explore(draw, slope=[1, 2])
```

```{code-cell} ipython3
---
tags: [remove-cell]
jupyter: {source_hidden: true}
---
# Checked at each build.
figure = [z for z in range(3)]
assert 0.3 < share < 0.6
```

## Check yourself

**1. Why?**

<details>
<summary>because</summary>

Yes. It is so.

</details>
<details>
<summary>for no reason</summary>

No. There is one.

</details>

## Exercises

```{code-cell} ipython3
---
tags: [hide-cell]
jupyter: {source_hidden: true, outputs_hidden: true}
---
# Solution
relu(values)
```
"""
FAULTS = [
    ("imports", "import relu", "import *", "import *"),
    ("imports", "from rectified import relu", "import rectified", "from rectified import"),
    ("imports", "import numpy as np", "import sys; sys.path.append('..')", "sys.path"),
    ("imports", "share =", "%matplotlib inline\nshare =", "magic"),
    ("imports", "share =", "warnings.simplefilter('ignore')\nshare =", "mended, not hidden"),
    ("imports", 'plt.style.use("rectified.style")', "plt.figure()", "plt.style.use"),
    ("names", "share =", "relu = 3\nshare =", "given another value"),
    ("explorers", "relu(values)", "z = values", "cell 5: z is used by the explorer of cell 2"),
    ("explorers", "relu(values)", "for z, k in values: print(k)", "z is used"),
    ("explorers", "relu(values)", "def curve(s): return s", "curve is used"),
    ("explorers", "relu(values)", "z += 1", "z is used"),
    ("hidden_cells", "jupyter: {source_hidden: true}\n", "", "source_hidden"),
    ("hidden_cells", "tags: [remove-cell]\n", "", "must be tagged remove-cell"),
    ("hidden_cells", "assert 0.3 < share < 0.6", "print(share)", "asserts nothing"),
    ("hidden_cells", ", outputs_hidden: true", "", "outputs_hidden"),
    ("hidden_cells", "# Checked at each build.\n", "", "first line of remove-cell"),
    ("hidden_cells", "# Solution\n", "# Solution: 42\n", "first line of hide-cell"),
    ("widths", "share =", f"sum_of_all = {'1 + ' * 20}1\nshare =", "wider than 88 columns"),
    ("timings", "share =", "start = time.perf_counter()\nshare =", "tagged timing"),
    ("self_checks", "No. There is one.", "There is one.", "begin with Yes or No"),
    ("self_checks", "No. There is one.", "Yes. There is.", "exactly one"),
    ("details", "<summary>because", "<summary>$x$", "as they are"),
    ("details", "because</summary>\n\n", "because</summary>\n", "blank line"),
    ("reach", "import relu", "import relu, train", "no line"),
    ("spelling", "Some words", "The colors are normalized", "colors"),
]


def test_the_good_sample_is_good():
    chapter = rules.Chapter(GOOD)
    assert [fault for rule in rules.RULES for fault in rule(chapter)] == []


@pytest.mark.parametrize(("rule", "old", "new", "said"), FAULTS)
def test_a_rule_sees_its_fault(rule, old, new, said):
    assert old in GOOD
    found = list(getattr(rules, rule)(rules.Chapter(GOOD.replace(old, new))))
    assert any(said in fault for fault in found), found


def test_every_rule_is_seen_to_fail():
    assert {fault[0] for fault in FAULTS} == {rule.__name__ for rule in rules.RULES}
