"""JupyterLite beside the book: the whole notebook in a browser, with nothing from elsewhere.

A person's way in each test: a page of the book, its door, and then keyboard and menus.
"""

import json
import re
from urllib.parse import urlsplit

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from tools.book import serve
from tools.homework import grade as grading
from tools.homework.settings import Course
from tools.homework.workers import Workers

DOOR = "Open in the browser"
SLOW = 240_000  # milliseconds: Python comes over the wire and starts, perhaps beside other tests
#: What somebody might answer; none of it is the model solution.
ANSWERS = {
    "def relu_list": ["def relu_list(values):", "return [max(0, value) for value in values]"],
    "def relu_array": [
        "def relu_array(z):",
        "z = np.array(z, dtype=float)",
        "return np.where(z < 0, 0.0, z)",
    ],
    "def hinge_weights": [
        "def hinge_weights(x, y):",
        "rise, run = np.diff(y), np.diff(x)",
        "slope = rise / run",
        "return np.concatenate([slope[:1], slope[1:] - slope[:-1]])",
    ],
    "def kinks": [
        "def kinks(weights, biases):",
        "pairs = zip(weights, biases)",
        "return np.array(sorted({-b / w for w, b in pairs if w}))",
    ],
}
WORDS = "Straight on each piece only: 64 units gave 65 pieces, each with a slope of its own."


@pytest.fixture(scope="module")
def below(book):
    """The book below a path, as GitHub Pages serves it."""
    with serve.running(book, under="/rectified/") as address:
        yield address


@pytest.fixture(scope="module")
def reader(browser):
    """One person's browser, which keeps what it has loaded; notes what went elsewhere or wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.asked, context.failed = [], []
    context.on("request", lambda request: context.asked.append(request))
    context.on("response", lambda answer: answer.status < 400 or failed(answer.request))
    # A page that sends on to another one is itself given up.
    given_up = "net::ERR_ABORTED"
    context.on("requestfailed", lambda request: request.failure == given_up or failed(request))

    def failed(request):
        if request in context.asked:  # not one that the tab of the test before left behind
            context.failed.append(request.url)

    yield context
    context.close()


@pytest.fixture(autouse=True)
def nothing_from_elsewhere(reader, below):
    reader.asked.clear()
    reader.failed.clear()
    yield
    addresses = [request.url for request in reader.asked]
    hosts = {urlsplit(url).netloc for url in addresses if url.startswith("http")}
    assert hosts <= {urlsplit(below).netloc}
    # An icon's request may be cut off with its tab; that the icon is there is checked below.
    assert not [url for url in reader.failed if not url.endswith("favicon.ico")]


def open_door(reader, address):
    """Go through a page's door."""
    page = reader.new_page()
    page.goto(address)
    page.get_by_role("link", name=DOOR).click()
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=SLOW)
    return page


def choose(page, menu, item):
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def run_all(page):
    """Run all cells; wait until the first has its number, and none is left to run."""
    prompts = (
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
    )
    for _ in range(30):
        choose(page, "Run", "Run All Cells")
        page.wait_for_timeout(2000)
        if page.evaluate(f"{prompts}.some(text => /[*\\d]/.test(text))"):
            break  # in its first second JupyterLite has no kernel yet, and lets a run fall
    done = f"() => /\\d/.test({prompts}[0]) && !{prompts}.some(text => text.includes('*'))"
    page.wait_for_function(done, timeout=SLOW)


def failures(page):
    return page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]').all_inner_texts()


def test_a_chapter_runs_and_its_explorer_moves(reader, below):
    page = open_door(reader, f"{below}chapters/definition.html")
    run_all(page)
    assert failures(page) == []
    explorer = page.locator(".jp-OutputArea-output", has=page.locator(".widget-slider")).first
    picture = explorer.get_by_role("img").first
    before = picture.get_attribute("aria-label")
    explorer.locator(".noUi-handle").first.press("ArrowRight")
    expect(picture).not_to_have_attribute("aria-label", before, timeout=SLOW)
    with reader.expect_page() as opened:
        page.locator("#jp-NotebookLogo").click()
    opened.value.get_by_text("homework", exact=True).first.wait_for(timeout=SLOW)
    opened.value.close()
    page.close()


def test_a_homework_from_the_door_to_full_marks(reader, below, tmp_path):
    address = f"{below}homework/definition.html"
    page = open_door(reader, address)
    for first, lines in ANSWERS.items():
        cell = page.locator(".jp-CodeCell", has_text=first).first
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+A")
        page.keyboard.type(lines[0])
        for line in lines[1:]:
            page.keyboard.press("Enter")
            page.keyboard.press("Shift+Home")  # over what the editor may have indented by itself
            page.keyboard.type(f"    {line}")
    words = page.locator(".jp-MarkdownCell", has_text="YOUR ANSWER HERE").last
    words.dblclick()
    words.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(WORDS)
    page.keyboard.press("Shift+Enter")
    run_all(page)
    assert failures(page) == []  # the visible checks say nothing
    expect(page.locator(".jp-OutputArea-output", has_text="64 units: 65 pieces")).to_be_visible()
    page.keyboard.press("Control+S")
    with page.expect_download() as downloading:
        choose(page, "File", "Download")
    page.close()

    again = open_door(reader, address)  # another tab, another day
    for _, *lines in ANSWERS.values():
        expect(again.locator(".jp-CodeCell", has_text=lines[-1])).to_be_visible()
    expect(again.locator(".jp-MarkdownCell", has_text=WORDS)).to_be_visible()
    again.close()

    file = tmp_path / "submitted" / "ada" / "definition.ipynb"
    downloading.value.save_as(file)
    named = [cell["metadata"].get("nbgrader") for cell in json.loads(file.read_text())["cells"]]
    assert sum(bool(data) for data in named) == 9
    assert {"grade_id", "checksum", "points"} <= set(next(d for d in named if d and d["grade"]))
    course = Course(build=tmp_path / "grading")
    with Workers(1) as workers:
        (row,) = grading.grade(course, "definition", file.parents[1], pool=workers, log=print)
        assert (row["status"], float(row["total"])) == ("needs-manual", 17)
        with Gradebook(course.db_url) as gradebook:  # what the instructor gives for the words
            mark = gradebook.find_grade("words", "definition", "definition", "ada")
            mark.manual_score, mark.needs_manual_grade = 3, False
            gradebook.db.commit()
        (row,) = grading.grade(course, "definition", file.parents[1], pool=workers, log=print)
    assert (row["status"], float(row["total"])) == ("graded", 20)
    assert not row["review"]


def test_every_chapter_and_homework_has_its_door(book, reader):
    """The door leads to a notebook that is there, with the one name of a kernel that starts."""
    pages = [*book.glob("chapters/*.html"), *book.glob("homework/*.html")]
    with_code = [page for page in pages if "notebooks/" in page.read_text(encoding="utf-8")]
    assert len(with_code) > 20
    for page in with_code:
        text = page.read_text(encoding="utf-8")
        (target,) = re.findall(r'href="\.\./lite/notebooks/index\.html\?path=([^"]+)"', text)
        notebook = json.loads((book / "lite" / "files" / target).read_text(encoding="utf-8"))
        assert notebook["metadata"]["kernelspec"]["name"] == "python"
    assert DOOR not in (book / "index.html").read_text(encoding="utf-8")


def test_from_disk_the_page_says_why_there_is_no_door(book, reader):
    page = reader.new_page()
    page.goto((book / "chapters" / "definition.html").as_uri())
    assert page.get_by_role("link", name=DOOR).is_hidden()
    expect(page.get_by_text("Read from a web server")).to_be_visible()
    page.close()


def test_what_is_shipped_is_listed_with_its_licence(book):
    text = (book / "licences.html").read_text(encoding="utf-8")
    for name in ("pyodide", "python", "numpy", "matplotlib", "ipywidgets", "jupyterlite-core"):
        assert re.search(rf"<tr><td>{name}</td><td>[\d.]+</td><td>[A-Z][\w .-]+</td></tr>", text)
    assert 'href="licences.html"' in (book / "index.html").read_text(encoding="utf-8")
    assert (book / "lite" / "build" / "third-party-licenses.json").exists()
    assert not list(book.glob("lite/**/*.map"))
    assert (book / "lite" / "lab" / "favicon.ico").exists()
