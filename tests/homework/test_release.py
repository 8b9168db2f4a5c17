"""What students get: nothing secret in it, and every fault of a source named."""

import html
import json
import re
import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest
from threadpoolctl import threadpool_limits

from tools.homework import rehearse, release, sources, student
from tools.homework.settings import Course, HomeworkError

TINY = Path(__file__).parent / "course"
NAMES = Course().names


@pytest.fixture
def course(tmp_path):
    """A copy of the tiny course, to be spoilt."""
    shutil.copytree(TINY, tmp_path / "course")
    return Course(homework=tmp_path / "course", build=tmp_path / "build")


def spoil(course, old, new):
    path = course.homework / "tiny.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_tiny_is_released(course):
    path = release.release(course, ["tiny"])["tiny"]
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "def double(z):" in text and "raise NotImplementedError()" in text
    assert "2.0 * np.asarray(z)" not in text and "checks" not in text and "Rubric" not in text
    assert [cell.id for cell in notebook.cells if "nbgrader" in cell.metadata] == [
        *["double-answer", "double", "half-answer", "half", "words"]
    ]
    first = path.read_bytes()
    assert release.release(course, ["tiny"])["tiny"].read_bytes() == first


ANSWER = "    ### BEGIN SOLUTION\n    return 2.0 * np.asarray(z)\n    ### END SOLUTION\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("### BEGIN HIDDEN TESTS", "### BEGIN HIDEN TESTS", "misspelt marker"),  # codespell:ignore
        ("### BEGIN SOLUTION", "### BEGIN SOLUTON", "misspelt marker"),  # codespell:ignore
        ("### END HIDDEN TESTS", "# end hidden tests", "misspelt marker"),
        ("### END SOLUTION", "", "never ended"),
        (ANSWER, "    return 2.0 * np.asarray(z)\n", "without ### BEGIN SOLUTION"),
        ('"grade_id": "half"', '"grade_id": "double"', "used twice"),
        (
            "import numpy as np\n",
            "import numpy as np\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n",
            "not marked",
        ),
        (
            "import numpy as np\n",
            "return_value = None\nreturn 2.0 * np.asarray(z)\n",
            "secret line of cell",
        ),
        (
            "Two functions and a sentence.",
            '+++ {"tags": ["x"]}\n\n+++\n\nMore.',
            "empty Markdown cell",
        ),
    ],
)
def test_a_fault_of_the_source_is_named(course, old, new, message):
    spoil(course, old, new)
    with pytest.raises(HomeworkError, match=re.escape(message)) as caught:
        release.release(course, ["tiny"])
    assert "cell " in str(caught.value)


def test_an_answer_in_an_unmarked_cell_is_found_by_the_blank_notebook(course, workers):
    """The stub does not hide a definition that follows it."""
    spoil(
        course,
        "Write a function that halves.",
        "```{code-cell} ipython3\ndouble = lambda z: np.asarray(z) + z\n```\n\nHalve.",
    )
    # nbgrader runs it before the tests only if it stands before them.
    text = (course.homework / "tiny.md").read_text("utf-8")
    cell = re.search(r"```\{code-cell\} ipython3\ndouble = .*?```\n", text, re.DOTALL)[0]
    test = text.index('```{code-cell} ipython3\n:nbgrader: {"grade": true, "grade_id": "double"')
    text = text.replace(cell, "")
    (course.homework / "tiny.md").write_text(text[:test] + cell + "\n" + text[test:], "utf-8")
    with pytest.raises(HomeworkError, match="blank: double gave 3 points, not 0"):
        list(rehearse.run(course, ["tiny"], pool=workers))


def test_mutants_that_survive_or_harm_others_are_named(course, workers):
    (course.homework / "tiny.mutants.py").write_text(
        "# %% double: squares\ndef double(z):\n    return np.asarray(z) ** 2\n\n"
        "# %% double: is right\ndef double(z):\n    return np.asarray(z) + z\n\n"
        "# %% half: breaks everything\ndel double\n",
        "utf-8",
    )
    with pytest.raises(HomeworkError) as caught:
        list(rehearse.run(course, ["tiny"], pool=workers))
    message = str(caught.value)
    assert "double: squares" not in message
    assert "double: is right: double gave 3 points, not 0" in message
    (course.homework / "tiny.mutants.py").write_text("# %% third: no such thing\nx = 1\n", "utf-8")
    with pytest.raises(HomeworkError, match="no exercise 'third'"):
        list(rehearse.run(course, ["tiny"], pool=workers))


def test_solution_notebook_passes_its_own_tests(course):
    path = release.solution(course, "tiny")
    notebook = nbformat.read(path, as_version=4)
    assert "2.0 * np.asarray(z)" in "\n".join(cell.source for cell in notebook.cells)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("name", NAMES)
def test_shape_of_a_homework(name):
    notebook = sources.read(Course().source(name))
    graded = sources.cells(notebook, grade=True)
    words = sources.cells(notebook, grade=True, solution=True)
    mutants = rehearse.read_mutants(Course(), name)
    assert sum(cell.metadata.nbgrader.points for cell in graded.values()) == 20
    assert len(graded) >= 3
    assert [cell.cell_type for cell in words.values()] == ["markdown"]
    assert all("Rubric" in cell.source for cell in words.values())
    assert len(mutants) >= 6
    assert {exercise for exercise, _, _ in mutants} == set(graded) - set(words)
    for exercise, cell in graded.items():
        if exercise not in words:
            assert "### BEGIN HIDDEN TESTS" in cell.source
            assert cell.source.index("assert") < cell.source.index("### BEGIN"), "no visible check"
    # The chapter of the first homework stands before the digits are shown.
    assert name == "definition" or any(
        "load_digits" in cell.source or "split_digits" in cell.source for cell in notebook.cells
    )


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The students' notebooks, as nbgrader makes them."""
    return release.release(Course(build=tmp_path_factory.mktemp("released")), NAMES)


def test_the_book_s_own_notebooks_are_those_that_nbgrader_releases(released, tmp_path):
    """To the byte: the book is built without nbgrader, and no mark may hang on that."""
    for name, path in released.items():
        student.write(Course().source(name), tmp_path)
        assert (tmp_path / f"{name}.ipynb").read_bytes() == path.read_bytes(), name


def test_a_student_needs_only_the_book(released, monkeypatch):
    """The released notebooks run without the grader's modules; their checks let the model pass."""
    monkeypatch.setitem(sys.modules, "checks", None)
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    for name, path in released.items():
        model = sources.cells(sources.read(Course().source(name)), solution=True)
        blank, solved = {}, {}
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                answer = model.get(cell.id)
                exec(answer.source if answer else cell.source, solved)
                is_test = cell.metadata.get("nbgrader", {}).get("grade")
                with pytest.raises(NotImplementedError) if is_test else nullcontext():
                    exec(cell.source, blank)


def test_blank_and_model(workers):
    """Graded by the grader itself, in the sandbox."""
    assert [name for name, _ in rehearse.run(Course(), NAMES, mutants=False, pool=workers)] == NAMES


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", NAMES)
def test_mutants(name, monkeypatch):
    """Each loses its exercise and no other; here without a kernel, which `make homework` uses."""
    monkeypatch.syspath_prepend(Course().homework)
    notebook = sources.read(Course().source(name))
    tests = set(sources.cells(notebook, grade=True, solution=False))
    for exercise, fault, code in rehearse.read_mutants(Course(), name):
        names, failed = {}, set()
        for cell in notebook.cells:
            if cell.cell_type == "code":
                try:
                    with threadpool_limits(1):  # as in the sandbox
                        exec(code if cell.id == f"{exercise}-answer" else cell.source, names)
                except Exception:
                    failed.add(cell.id)
        assert failed & tests == {exercise}, fault


def secrets():
    return {
        line: f"{name}, {where}"
        for name in NAMES
        for line, where in release.secrets_of(Course(), name).items()
    }


def lines_of(path):
    """Every line that a reader could find in a published file."""
    text = path.read_text("utf-8", errors="ignore")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
    elif path.suffix in (".html", ".xml"):
        text = html.unescape(re.sub(r"<[^>]+>", "", text))
    return {line.strip() for line in text.splitlines()}


def test_no_secret_is_published(book):
    hidden = secrets()
    assert len(hidden) > 200
    pages = {path.stem for path in (book / "homework").glob("*.html")}
    assert pages == set(NAMES)
    scripts = {"build", "extensions"}  # JupyterLite's own
    files = [path for path in book.rglob("*") if path.is_file()]
    files = [path for path in files if not scripts & set(path.relative_to(book).parts)]
    leaks = [
        (path.relative_to(book), line, hidden[line])
        for path in files
        if path.suffix in (".html", ".ipynb", ".md", ".txt", ".json", ".js", ".xml")
        for line in lines_of(path) & hidden.keys()
    ]
    assert not leaks
    # The search's index and other data hold text without its lines.
    long = {line for line in hidden if len(line) > 25}
    data = [path for path in files if path.suffix in (".js", ".json")]
    assert not [(path, line) for path in data for line in long if line in path.read_text("utf-8")]
