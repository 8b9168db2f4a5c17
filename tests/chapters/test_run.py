"""The numbers of a chapter hang on their causes: with one broken, its assertions fail.

That a chapter runs when nothing is broken is what the build of the book shows. Each line of CAUSES
is a chapter, what is broken, the file of the package, what stands in it, and what is put there.
"""

import ast
import os
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.chapters import rules

PACKAGE = rules.ROOT / "code" / "rectified"
ACTIVATIONS = "activations.py"
RELU = 'result = np.maximum(_as_float(z, "z"), 0.0)'
SLOPE = "return np.heaviside(z, at_zero)"
CAUSES = [
    ("activation-functions", "ReLU no longer bends",
     ACTIVATIONS, RELU, 'result = _as_float(z, "z") + 0.0'),
    ("definition", "ReLU rises by 1.01",
     ACTIVATIONS, RELU, f"{RELU} * 1.01"),
    ("derivative", "the slope above zero is 1.01",
     ACTIVATIONS, SLOPE, "return 1.01 * np.heaviside(z, at_zero)"),
    ("training", "the package's step is not the chapter's",
     "network.py",
     "parameter -= self.learning_rate * gradient",
     "parameter -= 1.01 * self.learning_rate * gradient"),
    ("strengths", "the disguise forgets the minus one",
     "experiments/strengths.py", "bias -= weight.sum(axis=0)", "bias -= 0.0"),
    ("dead-neurons", "a unit that is off once counts as dead",
     "diagnostics.py", "~np.any(z > 0.0, axis=0)", "~np.all(z > 0.0, axis=0)"),
    ("waking", "momentum is dropped",
     "network.py", "velocity *= self.momentum", "velocity *= 0.0"),
    ("zero-centering", "ReLU's output is centred",
     ACTIVATIONS, RELU, f"{RELU} - 0.4"),
    ("leaky-relu", "the leak lets no gradient back",
     ACTIVATIONS, "return step + slope * (1.0 - step)", "return step"),
    ("maxout", "the smallest piece wins",
     ACTIVATIONS, "return np.max(z, axis=axis)", "return np.min(z, axis=axis)"),
    ("today", "SiLU has no dip",
     ACTIVATIONS, "return np.maximum(z, np.finfo(z.dtype).min) * sigmoid(z)", "return relu(z)"),
    ("plasticity", "a bias is raised twice as far",
     "experiments/plasticity.py", "biases[layer][rare] -= ", "biases[layer][rare] -= 2 * "),
    ("claims", "the slope above zero is 0.9",
     ACTIVATIONS, SLOPE, "return 0.9 * np.heaviside(z, at_zero)"),
    ("kinds-of-activation", "ReLU no longer bends",
     ACTIVATIONS, RELU, 'result = _as_float(z, "z") + 0.0'),
    ("what-hinges-can-build", "the sigmoid no longer bends",
     ACTIVATIONS,
     "return np.exp(np.minimum(z, 0.0)) / (1.0 + np.exp(-np.abs(z)))", "return z + 0.0"),
    ("the-value-at-zero", "the slope at zero is 1",
     ACTIVATIONS, SLOPE, "return np.heaviside(z, 1.0)"),
    ("optimisers", "momentum is dropped",
     "network.py", "velocity *= self.momentum", "velocity *= 0.0"),
    ("signals-through-depth", "nobody trains",
     "experiments/signals_through_depth.py", '"epochs": epochs', '"epochs": 0'),
    ("what-it-costs", "ReLU takes a tanh of an exponential",
     "experiments/what_it_costs.py",
     '"relu: maximum(z, 0)": lambda z, zeros: np.maximum(z, 0.0)',
     '"relu: maximum(z, 0)": lambda z, zeros: np.maximum(np.tanh(np.exp(z)), 0.0)'),
    ("sparsity", "ReLU lets a little through",
     ACTIVATIONS, RELU, f"{RELU} + 0.01"),
    ("what-the-dead-cost", "centred pixels keep their mean",
     "datasets.py", "split.x_train.mean(axis=0) if", "0.0 if"),
    ("born-dead", "ReLU folds up what is negative",
     ACTIVATIONS, RELU, 'result = np.abs(_as_float(z, "z"))'),
    ("three-sixteenths", "ReLU rises by 1.01",
     ACTIVATIONS, RELU, f"{RELU} * 1.01"),
    ("same-sign-gradients", "the bell is too wide",
     "experiments/same_sign_gradients.py",
     "np.exp(-0.5 * _GRID**2)", "np.exp(-0.4 * _GRID**2)"),
    ("conditioning", "the law forgets the number of features",
     "experiments/conditioning.py", "1.0 + n_features * moments.ratio", "1.0 + moments.ratio"),
    ("relatives", "ELU lets no gradient back",
     ACTIVATIONS,
     "return step + (1.0 - step) * (alpha * np.exp(np.minimum(z, 0.0)))", "return step"),
    ("which-bend", "the model learns for a tenth of its steps",
     "experiments/today.py", "range(1, steps + 1)", "range(1, steps // 10 + 1)"),
]  # fmt: skip


def run(chapter, folder, package=PACKAGE):
    script = folder / "chapter.py"
    script.write_text("\n".join(cell.source for _, cell in chapter.code), "utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(package.parent),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder)


@pytest.mark.parametrize(("name", "what", "file", "old", "new"), CAUSES)
def test_a_broken_cause_is_noticed(name, what, file, old, new, tmp_path):
    copy = shutil.copytree(PACKAGE, tmp_path / "code" / "rectified")
    text = (copy / file).read_text("utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), "utf-8")
    chapter = rules.Chapter((rules.ROOT / "chapters" / f"{name}.md").read_text("utf-8"))
    broken = run(chapter, tmp_path, copy)
    assert "AssertionError" in broken.stderr, f"no assertion noticed: {broken.stderr[-2000:]}"


def test_there_is_a_cause_for_every_chapter():
    contents = yaml.safe_load((rules.ROOT / "_toc.yml").read_text("utf-8"))
    chapters = {each["file"] for part in contents["parts"][:3] for each in part["chapters"]}
    chapters = {each for each in chapters if checks_the_package(each)}
    assert {f"chapters/{row[0]}" for row in CAUSES} >= chapters and len(chapters) > 20


def checks_the_package(page):
    """Whether a page asserts something and takes something from the package: else, no cause."""
    chapter = rules.Chapter((rules.ROOT / f"{page}.md").read_text("utf-8"))
    imported = [node.module or "" for _, node in chapter.nodes(ast.ImportFrom)]
    asserts = chapter.nodes(ast.Assert)
    return bool(asserts) and any(module.split(".")[0] == "rectified" for module in imported)
