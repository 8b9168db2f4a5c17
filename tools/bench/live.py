"""The page that runs: bytes, seconds to the first output, whole chapters beside CPython, explorers.

The tests of the page use the same functions.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.book import chromium, serve
from tools.book.inputs import ROOT
from tools.book.site import downloads

LONGEST = 600_000  # milliseconds that a whole chapter may take before it is given up
#: Bars, on two cores from a local server: seconds, megabytes over the wire, milliseconds.
COLD, WARM, WHOLE = 15, 6, 90
COLD_SIZE, WARM_SIZE = 27, 0.5
ANSWER = 500
FIRST = "div.cell .cell_output"
# What is printed, each cell by itself; a figure is no text, an explorer's sentence is.
PRINTED = """() => [...document.querySelectorAll('div.cell')].map(cell =>
  [...cell.querySelectorAll('.cell_output pre, .cell_output .readout')]
    .map(each => each.textContent.trim()).join('\\n'))"""

CELLS = """async () => {
  const { live, page } = document.querySelector('main').dataset
  const address = new URL(`${live}cells/${page}.json`, location)
  return (await (await fetch(address)).json()).cells
}"""


def chapter_names() -> list[str]:
    """Names of the chapters that have code, from their sources, and the first page's."""
    paths = sorted((ROOT / "chapters").glob("*.md"))
    return ["index", *(path.stem for path in paths if downloads.has_code(path))]


def place(name: str) -> str:
    """Where a page lies in the book."""
    return "index.html" if name == "index" else f"chapters/{name}.html"


def press(page) -> None:
    """Press the button, and wait until the editors are there."""
    page.get_by_role("button", name="Run this page").click()
    page.locator(".live-bar").wait_for()


def settle(page) -> None:
    """Wait until nothing runs."""
    page.wait_for_function(
        "/ready|failed/.test(document.querySelector('.live-bar').dataset.state)", timeout=LONGEST
    )


def whole_chapter(browser, address: str, name: str) -> dict:
    """Run a chapter from top to bottom in its page; return what it shows, says and asked for."""
    return finish(begin(browser, address, name))


def begin(browser, address: str, name: str) -> dict:
    """Open a chapter and have all of it run."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    asked, console = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.goto(f"{address}{place(name)}")
    told = {"page": page, "before": page.evaluate(PRINTED), "asked": asked, "console": console}
    press(page)
    page.get_by_role("button", name="Run all").click()
    return told


def finish(told: dict) -> dict:
    """Wait until it has run; add what it shows and says."""
    page = told.pop("page")
    settle(page)
    after = page.evaluate(PRINTED)
    cells = page.evaluate(CELLS)
    chance = [cell.get("chance") for cell in cells if not cell.get("hidden")]
    state = page.locator(".live-state").inner_text()
    seconds = re.search(r"in ([\d.]+) s\.$", state)
    told |= {
        "state": state,
        "seconds": float(seconds[1]) if seconds else float("nan"),
        "broken": page.locator(".live-bar").get_attribute("data-broken"),
        "errors": "\n".join(page.locator(".traceback").all_text_contents()),
        "differ": [
            (was, now)
            for was, now, free in zip(told["before"], after, chance, strict=True)
            if not free and not alike(was, now)
        ],
    }
    page.context.close()
    return told


def alike(was: str, now: str) -> bool:
    """Whether two printed texts are the same, spaces apart."""
    return "".join(was.split()) == "".join(now.split())


def figure_latency(page, moves: int) -> list[float]:
    """Milliseconds from a move of the first explorer to the picture that Python drew for it."""
    explorer = page.locator("figure.rectified-explorer").first
    if not explorer.locator("input[type=number]").count():
        explorer.locator("input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        explorer.locator("input[type=number]").first.wait_for()
    page.evaluate("document.querySelector('figure.rectified-explorer').scrollIntoView()")
    return explorer.evaluate(
        """async (figure, moves) => {
          const slider = figure.querySelector('input[type=range]'), found = []
          for (let move = 0; move < moves; move++) {
            const svg = figure.querySelector('svg'), start = performance.now()
            slider.value = (+slider.value + 3) % (+slider.max + 1)
            slider.dispatchEvent(new Event('input', { bubbles: true }))
            while (figure.querySelector('svg') == svg) await new Promise(requestAnimationFrame)
            found.push(performance.now() - start)
          }
          return found
        }""",
        moves,
    )


def first_output(context, address: str, name: str) -> tuple[float, float]:
    """Seconds from the button to the first cell's output, and megabytes over the wire."""
    page = context.new_page()
    asked = []
    page.goto(f"{address}{place(name)}", wait_until="networkidle")
    page.on("requestfinished", lambda request: asked.append(request))
    start = time.perf_counter()
    press(page)
    page.locator("div.cell").first.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function(
        "document.querySelector('.live-cell-state').textContent.startsWith('ran')", timeout=LONGEST
    )
    seconds = time.perf_counter() - start
    size = sum(request.sizes()["responseBodySize"] for request in asked) / 1e6
    page.close()
    return seconds, size


def changed_cell(page) -> float:
    """Milliseconds from Shift+Enter in the first cell, once changed, to its new output."""
    editor = page.locator(".cm-content").first
    editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nprint('changed')")
    start = time.perf_counter()
    page.keyboard.press("Shift+Enter")
    page.locator(FIRST).first.get_by_text("changed").wait_for()
    return 1000 * (time.perf_counter() - start)


NATIVE = """
import json, sys, time
import kernel
kernel.begin(lambda text: None)
start = time.perf_counter()
for number, cell in enumerate(json.load(open(sys.argv[1]))["cells"]):
    kernel.run(cell["code"], f"cell {number}", number)
sys.__stdout__.write(str(time.perf_counter() - start))
"""


def natively(cells: Path) -> float:
    """Seconds that the same cells take in CPython, run by the same few lines."""
    threads = {f"{each}_NUM_THREADS": "1" for each in ("OMP", "OPENBLAS", "MKL")}
    path = os.pathsep.join(str(ROOT / each) for each in ("code", "tools/book/live"))
    environment = {**os.environ, **threads, "PYTHONPATH": path}
    command = [sys.executable, "-c", NATIVE, str(cells)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return float(done.stdout or "nan")


def main() -> bool:
    parser = argparse.ArgumentParser(prog="make bench PART=live", description=__doc__)
    parser.add_argument("names", nargs="*", default=chapter_names(), help="chapters to run whole")
    options = parser.parse_args()
    book = ROOT / "_build" / "html"
    if not (book / "live").exists():
        sys.exit("The book has no Python for the browser yet: make runtime, then make book")
    from playwright.sync_api import sync_playwright

    over = []

    def judge(text: str, value: float, bar: float, unit: str) -> None:
        mark = "" if value <= bar else "   over the bar"
        over.extend([text] if mark else [])
        print(f"{text:44}{value:8.1f} {unit:3} (bar {bar:g}){mark}", flush=True)

    with (
        serve.running(book) as address,
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as profile,
    ):
        kind = playwright.chromium
        path, arguments = chromium.find(), chromium.arguments()
        context = kind.launch_persistent_context(profile, executable_path=path, args=arguments)
        for way, seconds, size in (("cold", COLD, COLD_SIZE), ("warm", WARM, WARM_SIZE)):
            taken = first_output(context, address, "definition")
            judge(f"{way}: button to first output", taken[0], seconds, "s")
            judge(f"{way}: over the wire, compressed", taken[1], size, "MB")
        page = context.new_page()
        page.goto(f"{address}chapters/definition.html")
        press(page)
        page.locator("div.cell").first.get_by_role("button", name="Run", exact=True).click()
        settle(page)
        judge("a changed cell of definition answers", changed_cell(page), ANSWER, "ms")
        measured = figure_latency(page, 25)
        judge("explorer: input to figure, median", statistics.median(measured), ANSWER, "ms")
        judge("explorer: p95", statistics.quantiles(measured, n=20)[-1], ANSWER, "ms")
        context.close()
        browser = kind.launch(executable_path=path, args=arguments)
        print(f"\n{'whole chapter':32}{'browser':>10}{'CPython':>10}{'times':>8}", flush=True)
        for name in options.names:
            told = whole_chapter(browser, address, name)
            native = natively(book / "live" / "cells" / f"{name}.json")
            mark = "   over the bar" if told["seconds"] > WHOLE else ""
            mark += "" if told["state"].startswith("All cells ran") else f"   {told['state']}"
            over += [name] if mark else []
            times = told["seconds"] / native
            print(f"{name:32}{told['seconds']:8.1f} s{native:8.1f} s{times:8.1f}{mark}", flush=True)
        browser.close()
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
