"""The live form of an explorer, in a real JupyterLab: the kernel draws at each move."""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

SOURCE = """
import os, time
import numpy as np
from matplotlib import pyplot as plt
from rectified import leaky_relu
from rectified.explorer import explore

plt.style.use("rectified.style")
z = np.linspace(-3, 3, 201)

def draw(slope, kind):
    figure, axes = plt.subplots()
    axes.plot(z, leaky_relu(z, slope), "-" if kind == "line" else ".")
    axes.set(xlim=(-3, 3), ylim=(-3, 3))
    return figure, f"A {kind} of slope {slope:g}, drawn by process {os.getpid()}."

slopes, kinds = np.linspace(0, 1, 41), ["line", "points"]
explore(draw, slope=slopes, kind=kinds, default={"slope": 0.1}, label="A leak")
"""
# When the text under the figure changes, and when the slider asked for it.
STOPWATCH = """
window.latencies = []
let asked
addEventListener('keydown', () => { asked = performance.now() }, true)
new MutationObserver(() => {
  const text = document.querySelector('.rectified-explorer .readout')?.textContent
  if (asked && text && text != window.lastText) {
    if (window.lastText) latencies.push(performance.now() - asked)
    asked = undefined
  }
  window.lastText = text
}).observe(document, { childList: true, subtree: true, characterData: true })
"""


@pytest.fixture
def lab(tmp_path):
    """Address of a JupyterLab of its own, with one notebook in its folder."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE.strip())])
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    }
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "leak.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key != "RECTIFIED_STATIC"}
    environment |= {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [
        f"--port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    command += [f"--ServerApp.root_dir={tmp_path / 'notebooks'}"]
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(240):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{address}api/status") as answer,
            ):
                json.load(answer)
                break
            assert server.poll() is None, (tmp_path / "lab.log").read_text()
            time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.mark.alone
def test_slider_redraws_through_the_kernel(lab, browser):
    """A key on the slider changes the drawing, by a process that is not this one, within 150 ms."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.add_init_script(STOPWATCH)
    page.goto(f"{lab}lab/tree/leak.ipynb")
    page.wait_for_selector(".jp-CodeCell .cm-content", timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    explorer = page.locator("figure.rectified-explorer")
    explorer.wait_for(timeout=60_000)
    readout = explorer.locator(".readout")
    assert "slope 0.1," in readout.inner_text()
    process = int(readout.inner_text().split("process ")[1].rstrip("."))
    assert process != os.getpid()

    drawing = explorer.locator("svg").first
    before = drawing.inner_html()
    handle = page.locator(".noUi-handle").first
    handle.focus()
    medians = []
    for key in ("ArrowRight", "ArrowLeft", "ArrowRight"):
        page.evaluate("latencies.length = 0")
        for step in range(1, 21):
            page.keyboard.press(key)
            page.wait_for_function(f"latencies.length >= {step}", timeout=10_000)
        medians.append(statistics.median(page.evaluate("latencies")))
    assert drawing.inner_html() != before
    assert "slope 0.6," in readout.inner_text()
    assert drawing.get_attribute("aria-label") == readout.inner_text()
    page.get_by_role("radio", name="points").click()
    readout.filter(has_text="A points of slope 0.6").wait_for(timeout=10_000)
    context.close()
    assert min(medians) < 150  # of three rounds: other work on the machine can only slow one
