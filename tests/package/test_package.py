"""The package as a whole: what it exports, what it says of itself, what it imports."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rectified

ROOT = Path(__file__).parents[2]
MODULES = ["activations", "datasets", "diagnostics", "figures", "initialization", "network"]


def in_a_fresh_python(code):
    """What a new interpreter, standing in the repository's root, prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_code_is_still_the_standard_librarys():
    """A package in the folder code/ would break pdb, pytest and every Jupyter kernel."""
    assert in_a_fresh_python(
        "import code; print(code.InteractiveConsole.__name__, code.__file__)"
    ) == (f"InteractiveConsole {importlib.import_module('code').__file__}")
    assert not (ROOT / "code" / "__init__.py").exists()


def test_importing_the_package_is_light():
    heavy = (
        "{'matplotlib', 'matplotlib.pyplot', 'ipywidgets', 'IPython', 'scipy', 'sklearn', 'torch'}"
    )
    code = f"import sys, rectified; print(sorted({heavy} & sys.modules.keys()))"
    assert in_a_fresh_python(code) == "[]"


def test_the_top_exports_what_the_modules_export():
    names = [
        name
        for module in MODULES
        for name in importlib.import_module(f"rectified.{module}").__all__
    ]
    assert len(names) == len(set(names)), "two modules export one name"
    assert names == rectified.__all__
    assert all(hasattr(rectified, name) for name in names)


def test_all_lists_every_public_name():
    for module in MODULES:
        tree = ast.parse((ROOT / "code" / "rectified" / f"{module}.py").read_text("utf-8"))
        defined = {
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        }
        assert defined <= set(importlib.import_module(f"rectified.{module}").__all__)


EXPERIMENTS = [
    importlib.import_module(f"rectified.experiments.{path.stem}")
    for path in sorted((ROOT / "code" / "rectified" / "experiments").glob("[a-z]*.py"))
]
PUBLIC = [rectified, *EXPERIMENTS]
OFFERED = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in PUBLIC
    for name in module.__all__
}
FUNCTIONS = {name: value for name, value in OFFERED.items() if inspect.isfunction(value)}
OF_THE_PACKAGE = {name: each for name, each in FUNCTIONS.items() if "experiments" not in name}
CHAPTERS = {path.stem for path in (ROOT / "chapters").glob("*.md")}
CLASSES = {name: value for name, value in OFFERED.items() if inspect.isclass(value)}


@pytest.mark.parametrize("function", OF_THE_PACKAGE.values(), ids=OF_THE_PACKAGE.keys())
def test_docstrings_say_what_is_needed(function):
    """Chapter, arguments and an example; what all functions of a module share, it says once."""
    text, _, example = inspect.getdoc(function).partition(">>>")
    text += inspect.getdoc(inspect.getmodule(function))
    assert "Chapter" in text, "the docstring names the chapter it belongs to"
    for argument in inspect.signature(function).parameters:
        assert re.search(rf"\b{argument}\b", text), argument
    assert f"{function.__name__}(" in example


@pytest.mark.parametrize("name", OFFERED)
def test_the_chapter_that_is_named_exists(name):
    for named in re.findall(r"Chapter: ([^.\s]+)", inspect.getdoc(OFFERED[name]) or ""):
        assert named in CHAPTERS


@pytest.mark.parametrize("module", EXPERIMENTS, ids=lambda module: module.__name__)
def test_a_module_of_experiments_names_the_chapters_that_explain_it(module):
    named = re.search(r"^Chapters?: (.+)\.$", inspect.getdoc(module), re.M)[1].split(", ")
    assert set(named) <= CHAPTERS


def test_the_reference_lists_every_module():
    page = (ROOT / "chapters" / "api.md").read_text("utf-8")
    modules = [path for path in (ROOT / "code" / "rectified").rglob("[a-z]*.py")]
    names = [".".join(path.relative_to(ROOT / "code").with_suffix("").parts) for path in modules]
    unlisted = {name for name in names if f".. automodule:: {name}\n" not in page}
    assert unlisted == {"rectified.svg"}, "svg.py is what the explorer draws with, not for readers"


@pytest.mark.parametrize("name", CLASSES)
def test_classes_and_their_methods_are_documented(name):
    text = inspect.getdoc(CLASSES[name]) or ""
    # Named tuples and dataclasses without words of their own get "Name(field, ...)".
    assert text and not text.startswith(f"{CLASSES[name].__name__}(")
    for method, value in vars(CLASSES[name]).items():
        if inspect.isfunction(value) and not method.startswith("_"):
            assert inspect.getdoc(value), method
