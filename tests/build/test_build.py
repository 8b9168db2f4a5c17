"""The build shows what a build from nothing shows, or says what is wrong."""

import re
import signal
from types import SimpleNamespace

import nbformat.v4 as notebooks
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase

from tools.book.site import execution

RUNNING = ": running"
EXPLORER = """

```{code-cell}
from rectified.explorer import explore

def draw(slope):
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, slope])
    return fig, f"A slope of {slope}."

explore(draw, slope=[1, 2, 3])
```
"""


def test_builds_are_equal_to_the_byte_and_a_second_is_nearly_free(small_book, reference):
    output = small_book.build()
    assert "chapters/definition: running" in output and "chapters/references: running" in output
    *_, built, doors = output.splitlines()
    assert built.endswith((small_book.html / "index.html").as_uri())
    assert doors == "Its pages do not run: `make runtime` fetches what they need for that."
    first = small_book.pages()
    assert RUNNING not in (again := small_book.build()) and "Nothing has changed" in again
    assert reference == first
    page = first["chapters/definition.html"]
    assert b"relu of 3 is 3.0" in page
    assert b"Date" not in b"".join(data for name, data in first.items() if name.endswith(".svg"))


def test_it_is_an_ordinary_jupyter_book(small_book, reference):
    """Its commands do what they say, and its pages are those of `make book`."""
    output = small_book.command("jupyter-book", "build", ".")
    assert "Finished generating HTML for book" in output
    assert small_book.pages() == reference
    small_book.command("jupyter-book", "config", "sphinx", ".")
    assert "html_theme = 'rectified'" in (small_book.root / "conf.py").read_text()
    small_book.command(
        "python", "-m", "sphinx", "-q", "-d", "_build/trees", ".", "_build/sphinx/html"
    )
    assert small_book.pages(small_book.root / "_build" / "sphinx" / "html") == reference
    small_book.command("jupyter-book", "clean", ".")
    assert {path.name for path in (small_book.root / "_build").glob("*/")} == {".jupyter_cache"}


def test_an_editor_adds_a_chapter_and_takes_it_away(built_book, reference):
    """One file and one line of the contents: a figure, an explorer, and the links to them."""
    contents = built_book.root / "_toc.yml"
    before = contents.read_text()
    built_book.chapter("chapters/added", built_book.words["chapters/definition"] + EXPLORER)
    contents.write_text(before + "  - file: chapters/added\n")
    output = built_book.build()
    assert output.count(": running") == 1 and "chapters/added: running" in output
    page = built_book.pages()["chapters/added.html"]
    assert b"role=img class=figure" in page
    assert b"A slope of 2." in page and b"<input type=range" in page
    assert b'href="added.html"' in built_book.pages()["chapters/definition.html"]
    contents.write_text(before)
    assert "isn't included in any toctree" in built_book.fail()
    (built_book.root / "chapters" / "added.md").unlink()
    assert RUNNING not in built_book.build()
    assert built_book.pages() == reference


def test_no_stale_output_after_a_change(built_book):
    # The package: its function and, apart from it, its style.
    source = built_book.root / "code" / "rectified" / "activations.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(text + "\n\ndef relu(z):\n    return z * 0 - 41.5\n", encoding="utf-8")
    assert "chapters/definition: running" in built_book.build()
    assert b"relu of 3 is -41.5" in built_book.pages()["chapters/definition.html"]
    style = built_book.root / "code" / "rectified" / "style.mplstyle"
    lines = [line for line in style.read_text().splitlines() if "axes.linewidth" not in line]
    style.write_text("\n".join([*lines, "axes.linewidth: 7", ""]))
    before = built_book.pages()
    assert "chapters/definition: running" in built_book.build()
    after = built_book.pages()
    assert before != after
    # A pin, a setting, the words of one chapter, its code.
    pins = built_book.root / "requirements.txt"
    pins.write_text(pins.read_text() + "# changed\n")
    assert "chapters/definition: running" in built_book.build()
    settings = built_book.root / "_config.yml"
    settings.write_text(settings.read_text().replace("title: ", "title: Changed "))
    assert RUNNING not in built_book.build()
    assert b"Changed " in built_book.pages()["chapters/definition.html"]
    built_book.chapter("index", built_book.words["index"] + "\nNew words.\n")
    assert RUNNING not in built_book.build()
    assert b"New words." in built_book.pages()["index.html"]
    built_book.chapter(
        "chapters/references",
        built_book.words["chapters/references"].replace("a while", "some time"),
    )
    output = built_book.build()
    assert "chapters/references: running" in output and "chapters/definition: running" not in output
    incremental = built_book.pages()
    assert b"takes some time" in incremental["chapters/references.html"]
    assert built_book.from_nothing() == incremental


def test_what_is_edited_during_a_build_waits_for_the_next(small_book, reference):
    """Outputs are of the package as it was at the start, under whose name they are kept."""
    source = small_book.root / "code" / "rectified" / "activations.py"
    text = source.read_text(encoding="utf-8")
    process = small_book.start()
    for line in process.stdout:
        if RUNNING in line:
            source.write_text("raise SystemExit\n", encoding="utf-8")
            break
    process.communicate(timeout=300)
    source.write_text(text, encoding="utf-8")
    assert "Nothing has changed" not in small_book.build()
    assert small_book.pages() == reference


def test_a_failing_cell_is_named_and_the_old_book_stays(built_book, reference):
    words = built_book.words["chapters/definition"]
    built_book.chapter("chapters/definition", words.replace("print(", "1 / 0\nprint(", 1))
    output = built_book.fail()
    place = r"^chapters/definition.md:\d+ \(cell 2\): WARNING: .*ZeroDivisionError"
    assert re.search(place, output, flags=re.MULTILINE | re.DOTALL)
    assert "_build/html is as it was before" in output and str(built_book.root) not in output
    assert built_book.pages() == reference
    built_book.chapter("chapters/definition", words)
    assert "Nothing has changed" in built_book.build()


def test_what_else_is_wrong_is_named_all_at_once(small_book):
    words = small_book.words["chapters/definition"].replace("`someone`", "`nobody`")
    words = words.replace("import time", "import sys; sys.stderr.write('oh')\nimport time")
    words += "\n[nowhere](nowhere.md)\n\n```{code-cel}\n1\n```\n"
    small_book.chapter("chapters/definition", words)
    output = small_book.fail()
    for expected in ["nobody", "stderr", "nowhere.md", "code-cel"]:
        lines = [line for line in output.splitlines() if expected in line]
        assert any("chapters/definition.md:" in line and "(cell " in line for line in lines), output
    assert not small_book.html.exists() and str(small_book.root) not in output


def test_a_chapter_that_is_not_there(small_book):
    (small_book.root / "chapters" / "references.md").unlink()
    assert "nonexisting document 'chapters/references'" in small_book.fail()


@pytest.mark.parametrize(
    ("when", "how"),
    [
        (RUNNING, signal.SIGINT),
        (RUNNING, signal.SIGKILL),
        ("Writing the pages", signal.SIGKILL),
    ],
    ids=["Ctrl-C", "kill", "kill while writing"],
)
def test_an_interrupted_build_leaves_nothing_that_looks_good(small_book, reference, when, how):
    small_book.interrupt(when, how)
    assert not small_book.html.exists()
    small_book.build()
    assert small_book.pages() == reference


def test_a_full_disk(small_book, reference):
    """Files can grow to 20 kB only, so that writing the outputs and the pages fails."""
    resource = pytest.importorskip("resource")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    # Python itself would leave its compiled modules cut off, and stumble over them afterwards.
    process = small_book.start(preexec_fn=limit, env={"PYTHONDONTWRITEBYTECODE": "1"})
    process.communicate(timeout=300)
    assert process.returncode != 0 and not small_book.html.exists()
    small_book.build()
    assert small_book.pages() == reference


def test_a_chapter_is_kept_while_another_is_about_to_be(tmp_path, monkeypatch):
    """The other one's record is there, its file not yet: a cache that throws out would fail."""
    # Beside this folder of an environment those of others are thrown out: it needs a parent.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "environments" / "one" / "ipython"))
    # So that it comes back after the test.
    monkeypatch.setattr(JupyterCacheBase, "truncate_caches", JupyterCacheBase.truncate_caches)
    config = SimpleNamespace(external_site_map={}, nb_execution_excludepatterns=[])
    execution.choose_cache(tmp_path, config)
    cache = get_cache(config.nb_execution_cache_path)
    cache.change_cache_limit(1)  # for what other builds do between two questions to the database
    NbCacheRecord.create_record("other.md", "no file yet", cache.db)
    page = CacheBundleIn(notebooks.new_notebook(cells=[notebooks.new_code_cell("1")]), "page.md")
    cache.cache_notebook_bundle(page, check_validity=False)
    assert [each.uri for each in cache.list_cache_records()] == ["other.md", "page.md"]


def test_one_build_at_a_time(small_book):
    first = small_book.start()
    for line in first.stdout:
        if RUNNING in line:
            break
    output = small_book.build()
    assert "Waiting: another process is building here." in output
    assert "Nothing has changed" in output
    first.communicate()
