"""The page that runs: every chapter in a real browser, and whatever a reader or a network may do.

One boot of Python serves as many of these tests as it can; it takes seconds.
"""

import re
import statistics
from urllib.parse import urlsplit

import pytest

from tests.site.test_pages import violations
from tools.bench import live
from tools.book import serve

READY = "document.querySelector('.live-bar')?.dataset.state == 'ready'"
BOOT = 120_000  # milliseconds; a busy machine is slow
FIGURE = 500  # milliseconds from an explorer's input to its new figure, 95th percentile


@pytest.fixture(scope="session")
def address(book):
    """The book below a path, as on a project's own pages."""
    with serve.running(book, "/rectified/") as address:
        yield address


@pytest.fixture
def open_page(address, browser):
    """Open a chapter in a context of its own, perhaps with a script before all others."""
    contexts = []

    def open_page(name="definition", script="", start=True, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(BOOT)
        if script:
            page.add_init_script(script)
        page.goto(f"{address}chapters/{name}.html")
        if start:
            live.press(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def running(address, browser):
    """The chapter `definition`, running; what a test changes it undoes."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(BOOT)
    page.goto(f"{address}chapters/definition.html")
    live.press(page)
    page.wait_for_function(READY)
    yield page
    context.close()


@pytest.fixture
def page(running):
    yield running
    undo = running.get_by_role("button", name="Undo all changes")
    if undo.is_enabled():
        undo.click()


def cell(page, number):
    return page.locator("div.cell").nth(number - 1)


def write(page, number, code):
    editor = cell(page, number).locator(".cm-content")
    editor.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


def run(page, number):
    """Run a cell by the keyboard, wait until it has, and return what it shows."""
    cell(page, number).locator(".cm-content").focus()
    page.keyboard.press("Shift+Enter")
    settled(page, number)
    return cell(page, number).locator(".cell_output").inner_text()


def settled(page, number):
    page.wait_for_function(
        "number => /^(ran|error|stopped)/.test(document.querySelectorAll('div.cell')[number]"
        ".querySelector('.live-cell-state').textContent)",
        arg=number - 1,
    )


def state(page):
    return page.locator(".live-state").inner_text()


def test_nothing_is_loaded_and_nothing_runs_before_the_button(address, browser):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for ending in ("", "?run=1&code=print(1)", "#run"):
        page.goto(f"{address}chapters/definition.html{ending}", wait_until="networkidle")
        assert page.get_by_role("button", name="Run this page").is_visible()
    assert asked and not [url for url in asked if "/live/" in url]
    assert not page.locator(".cm-editor, .live-bar").count()
    context.close()


def test_from_disk_the_page_says_why_it_does_not_run(book, browser):
    page = browser.new_page()
    page.goto((book / "chapters" / "definition.html").as_uri())
    assert not page.get_by_role("button", name="Run this page").count()
    assert "from a web server" in page.locator(".tools").inner_text()
    page.close()


def test_a_changed_cell_changes_its_print_and_its_figure(page):
    before = cell(page, 2).locator("svg").inner_html()
    write(page, 1, cell_code(page, 1).replace("max(0, x)", "max(-2, x)"))
    assert "-2 -2 -2" in run(page, 1)
    run(page, 2)
    figure = cell(page, 2).locator("svg")
    assert figure.inner_html() != before
    assert "you changed" in figure.get_attribute("aria-label")
    cell(page, 1).get_by_role("button", name="Restore").click()
    assert "0 0 0" in cell(page, 1).locator(".cell_output").inner_text()


def cell_code(page, number):
    lines = cell(page, number).locator(".cm-line").all_inner_texts()
    return "\n".join(line.replace("\n", "") for line in lines)


def test_a_cell_runs_first_what_it_needs(open_page):
    """The seventh cell needs the first and the fourth, and the figure between them not."""
    page = open_page()
    assert "[ 0.  2. 12.] [ 0.  2. 12.]" in run(page, 7)
    states = page.locator(".live-cell-state").evaluate_all("all => all.map(e => e.textContent)")
    ran = [number for number, state in enumerate(states, 1) if state.startswith("ran")]
    assert ran == [1, 4, 7]


def test_cells_run_in_any_order_take_what_the_page_gives_them(open_page):
    """The tenth cell fetches the fourth, which sets `z` anew; the ninth has to run again."""
    page = open_page("derivative")
    run(page, 9)
    run(page, 10)
    assert "error" not in page.locator(".live-cell-state").all_inner_texts()
    assert state(page).startswith("Cell 10 ran")


def test_an_error_reads_as_pythons_and_names_the_line(page):
    write(page, 3, "a = 1\nb = a + missing_name\n")
    said = run(page, 3)
    assert 'File "cell 3", line 2, in <module>' in said
    assert "b = a + missing_name" in said and "NameError" in said
    assert "kernel" not in said
    assert "NameError" in state(page)
    write(page, 3, "print(1\n")
    said = run(page, 3)
    assert "SyntaxError" in said and "ast.py" not in said
    write(page, 3, "largest_error(1)")
    run(page, 3)
    cell(page, 3).get_by_text("largest_error gets its value further down, in cell 23").wait_for()


def test_what_is_printed_is_seen_while_the_cell_runs_and_a_loop_can_be_stopped(page):
    write(page, 3, "print('begun')\nwhile True: pass")
    cell(page, 3).get_by_role("button", name="Run", exact=True).click()
    cell(page, 3).get_by_text("begun", exact=True).wait_for()
    page.get_by_role("button", name="Stop").click()
    assert "lost" in state(page)
    write(page, 3, "np.arange(3)")
    assert "array([0, 1, 2])" in run(page, 3)  # Python has started again, and NumPy's cell has run


def test_changes_survive_a_reload_and_can_be_thrown_away(open_page):
    page = open_page()
    write(page, 3, "print(6 * 7)")
    page.reload()
    assert not page.locator(".live-bar").count()  # nothing starts by itself
    live.press(page)
    assert cell_code(page, 3) == "print(6 * 7)"
    assert "in cell 3;" in page.locator(".live-note").inner_text()
    assert cell(page, 3).locator(".live-cell-state").inner_text() == "changed"
    assert "42" not in cell(page, 3).locator(".cell_output").inner_text()
    page.get_by_role("button", name="Undo all changes").click()
    assert "np.maximum" in cell_code(page, 3)
    assert page.evaluate("Object.keys(localStorage).filter(key => /live/.test(key)).length") == 0
    assert "published" in page.locator(".live-note").inner_text()
    run(page, 3)
    assert not page.locator(".live-note").inner_text()  # a note is gone with the next action


@pytest.mark.parametrize(
    "script",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden') }})",
        "Storage.prototype.setItem = () => { throw new Error('full') }",
    ],
    ids=["forbidden", "full"],
)
def test_storage_may_be_forbidden_or_full(open_page, script):
    page = open_page(script=script)
    write(page, 3, "print(1)")
    assert "keeps no data" in page.locator(".live-note").inner_text()


def test_slow_network_shows_progress(open_page, monkeypatch):
    whole = serve.Files.get_content.__func__

    def slowly(cls, path, start=None, end=None):
        import time

        for piece in whole(cls, path, start, end):
            time.sleep(0.02 if "pyodide" in path else 0)
            yield piece

    monkeypatch.setattr(serve.Files, "get_content", classmethod(slowly))
    page = open_page()
    assert "Loading Python" in state(page)
    seen = set()
    for _ in range(30):
        seen.add(page.locator(".live-count").inner_text())
        page.wait_for_timeout(100)
    loaded = [float(each.split(" of ")[0]) for each in seen if " of " in each]
    assert len(loaded) > 3 and max(loaded) > min(loaded)
    write(page, 3, "1 + 1")  # meanwhile the page answers
    assert cell_code(page, 3) == "1 + 1"


def test_missing_file_is_named(open_page, monkeypatch):
    place = serve.Files.get_absolute_path.__func__

    def without_numpy(cls, root, path):
        return place(cls, root, path + ".gone" if "/numpy-" in path else path)

    monkeypatch.setattr(serve.Files, "get_absolute_path", classmethod(without_numpy))
    page = open_page()
    page.locator(".live-bar[data-state=failed]").wait_for()
    assert re.search(r"numpy-\S+\.whl did not come \(404\)", state(page))
    monkeypatch.undo()
    assert "array" in run(page, 3)


def test_explorer_follows_the_code_at_any_value(page):
    explorer = page.locator("figure.rectified-explorer").first
    number = cell_of(explorer)
    frames = explorer.locator("input[type=range]").first
    frames.focus()
    page.keyboard.press("ArrowRight")
    settled(page, number)
    slider = explorer.locator("input[type=number]").first
    slider.wait_for()
    said = explorer.locator(".readout").inner_text
    slider.fill("0.75")
    slider.press("Enter")
    page.wait_for_function("document.querySelector('.readout').innerText.includes('0.75')")
    drawn = explorer.locator("svg").inner_html()
    slider.fill("-1.25")
    slider.press("Enter")
    page.wait_for_function("document.querySelector('.readout').innerText.includes('−1.25')")
    assert explorer.locator("svg").inner_html() != drawn
    assert explorer.locator("svg").get_attribute("aria-label") == said()


def unfold(page, number):
    folds = cell(page, number).locator("details")
    folds.evaluate_all("all => all.forEach(each => { each.open = true })")


def cell_of(explorer):
    """The number of the cell that an explorer stands in."""
    place = "each => [...document.querySelectorAll('div.cell')].indexOf(each.closest('.cell')) + 1"
    return explorer.evaluate(place)


def move(page, explorer, key="ArrowLeft"):
    explorer.locator("input:not([type=number])").first.focus()
    page.keyboard.press(key)


def test_explorer_with_frames_alone_goes_from_one_to_the_next(open_page):
    page = open_page("signals-through-depth")
    page.wait_for_function(READY)
    explorer = page.locator("figure.rectified-explorer").first
    number = cell_of(explorer)
    move(page, explorer)
    page.wait_for_timeout(1000)
    assert not explorer.locator("input[type=number]").count()  # nothing runs unasked
    unfold(page, number)
    cell(page, number).get_by_role("button", name="Run", exact=True).click()
    box = explorer.locator("input[type=number]").first
    box.wait_for()
    frames = explorer.locator("input[type=range]").first
    box.fill(str(float(box.input_value()) - 1))  # the nearest frame is the one that is there
    box.press("Enter")
    said = explorer.locator(".readout").inner_text()
    move(page, explorer, "ArrowRight")
    page.wait_for_function("said => document.querySelector('.readout').innerText != said", arg=said)
    assert not explorer.locator(".readout.stderr").count()
    assert int(frames.get_attribute("max")) < 20


def test_explorer_that_takes_long_asks_first(open_page):
    """The last of today's chapter shows runs of more than a minute."""
    page = open_page("today")
    page.wait_for_function(READY)
    explorer = page.locator("figure.rectified-explorer").last
    slow = cell_of(explorer)
    move(page, explorer, "ArrowRight")
    page.wait_for_timeout(1000)
    assert state(page).startswith("Python is ready")
    unfold(page, 1)
    write(page, 1, cell_code(page, 1) + "\n# changed")
    move(page, explorer, "ArrowLeft")
    offer = cell(page, slow).get_by_role("button", name="Let Python draw")
    offer.wait_for()
    assert state(page).startswith("Python is ready")


def test_explorer_latency(page):
    """From the input to the new figure, each drawn by Python; other work can only slow a round."""
    rounds = []
    for _ in range(3):
        rounds.append(statistics.quantiles(live.figure_latency(page, 10), n=20)[-1])
        if rounds[-1] <= FIGURE:
            break
    assert min(rounds) <= FIGURE


def test_keyboard_leaves_the_editor(page):
    cell(page, 3).locator(".cm-content").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"


def test_print_has_code_and_no_buttons(page):
    page.emulate_media(media="print")
    assert cell(page, 3).locator(".cm-line").first.is_visible()
    assert not page.locator(".live-bar").is_visible()
    assert not page.locator(".live-cell").first.is_visible()
    page.emulate_media(media="screen")


def test_exercise_has_a_cell_and_a_check(page):
    answer = page.locator(".live-answer").first
    check = answer.get_by_role("button", name="Check")
    verdict = answer.locator(".verdict")
    check.click()  # the cell as it came
    verdict.filter(has_text="three dots").wait_for()
    said = {
        "": "There is no tooth yet",
        "def tooth(x):\n    return relu(x)": "first hinge",
        "tooth = lambda x: relu(x - 1) - 2 * relu(x - 2) + relu(x - 3)": "nothing wrong",
        "def tooth(x): return nothing": "NameError",
    }
    for code, words in said.items():
        answer.locator(".cm-content").focus()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(code) if code else page.keyboard.press("Delete")
        check.click()
        verdict.filter(has_text=words).wait_for()


@pytest.mark.parametrize("width, scheme", [(1280, "light"), (1280, "dark"), (360, "dark")])
def test_while_it_runs_it_is_accessible_and_fits(page, width, scheme):
    """The last on this page: axe takes its drawings away."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    write(page, 3, "1 / 0")
    run(page, 3)
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    page.evaluate(
        "document.querySelectorAll('.awaits').forEach(each => each.classList.add('open'))"
    )
    page.wait_for_timeout(200)
    troubles = violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    assert not troubles
    assert wide <= 0


# Every chapter


def pytest_generate_tests(metafunc):
    if "chapter" in metafunc.fixturenames:
        metafunc.parametrize("chapter", live.chapter_names())


def test_whole_chapter_runs_as_it_is_printed(address, browser, chapter):
    """All cells, hidden checks among them, hold; each prints what the page says, chance apart."""
    told = live.whole_chapter(browser, address, chapter)
    assert told["state"].startswith("All cells ran"), told["state"] + told["errors"]
    assert told["broken"] == ""
    differ = [f"{before}\n→\n{after}" for before, after in told["differ"]]
    assert not differ, "\n".join(differ)
    host = urlsplit(address).netloc
    assert not [url for url in told["asked"] if urlsplit(url).netloc not in (host, "")]
    assert not told["console"]
