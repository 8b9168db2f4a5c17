"""The built pages in a browser: weight, requests, latency of the explorers, Lighthouse.

Lighthouse comes from npm, pinned below, into `_build/lighthouse`; without npm its columns stay
empty.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from tools.book import chromium, serve

ROOT = Path(__file__).resolve().parents[2]

LIGHTHOUSE = "lighthouse@13.5.0"
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
#: An explorer behind a prediction is there once the prediction is made.
REVEAL = """() => document.querySelectorAll('main details, .awaits').forEach(each => {
  each.open = true
  each.style.display = 'block'
})"""
STOPWATCH = """
window.latencies = []
addEventListener('input', () => {
  const start = performance.now()
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => latencies.push(performance.now() - start)
    port2.postMessage(0)
  })
}, true)
"""


def weigh(browser, address: str) -> tuple[int, int, list[str]]:
    """Return bytes over the wire, number of requests, and addresses asked of other hosts."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes, asked = [], []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    with contextlib.suppress(Exception):  # a stock page may wait for a host that cannot be reached
        page.goto(address, wait_until="networkidle", timeout=15_000)
    context.close()
    home = address.split("/")[2]
    return (
        int(sum(sizes)),
        len(asked),
        [url for url in asked if home not in url and "data:" not in url[:5]],
    )


def latency(browser, address: str, drags: int = 3) -> list[float]:
    """Return milliseconds from each input event to the new frame, sliders dragged to and fro."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(address)
    page.evaluate(REVEAL)
    for slider in page.locator("figure.rectified-explorer input[type=range]").all():
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 8, middle)
        page.mouse.down()
        for drag in range(drags):
            end = 8 if drag % 2 else box["width"] - 8
            page.mouse.move(box["x"] + end, middle, steps=40)
        page.mouse.up()
    found = page.evaluate("latencies")
    context.close()
    return found


def lighthouse() -> Path | None:
    """Return Lighthouse's command, installed now if need be."""
    folder = ROOT / "_build" / "lighthouse"
    command = folder / "node_modules" / ".bin" / "lighthouse"
    if not command.exists() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)]
        subprocess.run(["npm", "install", *options, LIGHTHOUSE], check=False)
    return command if command.exists() else None


def scores(command: Path, address: str, runs: int) -> tuple[list[int], list[str]]:
    """Return the medians of the four categories, and the audits that failed."""
    found, failed = [], set()
    flags = " ".join(["--headless", *chromium.arguments()])
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch, "report.json")
            options = [f"--chrome-path={chromium.find()}", f"--chrome-flags={flags}", "--quiet"]
            options += [
                "--output=json",
                f"--output-path={report}",
                f"--only-categories={','.join(CATEGORIES)}",
            ]
            subprocess.run([command, address, *options], check=False, capture_output=True)
            if not report.exists():
                continue
            result = json.loads(report.read_text())
        found.append(
            [round(100 * (result["categories"][each]["score"] or 0)) for each in CATEGORIES]
        )
        for each in CATEGORIES[1:]:
            for audit in result["categories"][each]["auditRefs"]:
                score = result["audits"][audit["id"]]["score"]
                if audit["weight"] and score is not None and score < 1:
                    failed.add(audit["id"])
    return [round(statistics.median(column)) for column in zip(*found, strict=True)], sorted(failed)


def report(folder: Path, names: list[str], runs: int) -> None:
    from playwright.sync_api import sync_playwright

    command = lighthouse() if runs else None
    print(
        f"{'page':30}{'kB':>7}{'requests':>10}{'elsewhere':>11}{'p95 ms':>8}   Lighthouse: "
        "performance, accessibility, best practices, search engines",
        flush=True,
    )
    with serve.running(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.arguments()
        )
        every = []
        for name in names:
            url = f"{address}{name}.html"
            size, requests, elsewhere = weigh(browser, url)
            times = latency(browser, url)
            every += times
            slow = f"{statistics.quantiles(times, n=20)[-1]:.1f}" if len(times) > 20 else "-"
            line = f"{name:30}{size / 1000:7.0f}{requests:10}{len(elsewhere):11}{slow:>8}"
            if command:
                values, failed = scores(command, url, runs)
                line += f"   {' '.join(f'{value:3}' for value in values)}  {', '.join(failed)}"
            print(line, flush=True)
        browser.close()
    if every:
        print(f"all explorers: {len(every)} moves, median {statistics.median(every):.1f} ms, "
              f"95th percentile {statistics.quantiles(every, n=20)[-1]:.1f} ms")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", help="names without .html; all, if none is given")
    runs = "Lighthouse runs a page; 0 leaves it out"
    parser.add_argument("--runs", type=int, default=5, help=runs)
    options = parser.parse_args()
    book = ROOT / "_build" / "html"
    if not (book / "index.html").exists():
        raise SystemExit("There is no book yet: make book")
    pages = (path.relative_to(book).with_suffix("") for path in book.rglob("*.html"))
    own = sorted(path.as_posix() for path in pages if path.parts[0] != "lite")
    report(book, options.pages or own, options.runs)


if __name__ == "__main__":
    main()
