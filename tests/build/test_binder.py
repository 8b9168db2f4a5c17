"""Binder short of mybinder.org: repo2docker's frozen environment, our tree, a real JupyterLab."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.book.repository import Repository

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "_build" / "binder-test"
# What the chapters' interface is made of, among the packages that repo2docker freezes.
INTERFACE = """ipykernel ipython ipywidgets jupyter-offlinenotebook jupyter-resource-usage
jupyter_client jupyter_core jupyter_events jupyter_server jupyterhub-base jupyterlab
jupyterlab_server jupyterlab_widgets nbclient nbconvert-core nbformat notebook notebook-shim
pyzmq tornado traitlets""".split()
OUTPUTS = """() => jupyterapp.shell.currentWidget.content.widgets.map(cell =>
    cell.model.type === 'code' ? cell.model.outputs.toJSON() : [])"""
NOTEBOOK = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.session?.kernel && panel.context.path;
}"""


def frozen() -> list[str]:
    """The pins of repo2docker's own environment for Python 3.11."""
    import repo2docker.buildpacks.conda as conda

    lock = Path(conda.__file__).with_name("environment.py-3.11-linux-64.lock").read_text()
    found = re.findall(r"/([a-z0-9_.-]+?)-(\d[\w.]*)-\w+\.(?:conda|tar\.bz2)#", lock)
    return [f"{name.removesuffix('-base').removesuffix('-core')}=={version}"
            for name, version in found if name in INTERFACE]  # fmt: skip


def homeworks() -> list[Path]:
    return [path for path in sorted((ROOT / "homework").glob("*.md")) if path.stem != "README"]


@pytest.fixture(scope="module")
def tree():
    """A copy of what `make binder` assembles."""
    subprocess.run([sys.executable, "-m", "tools.book.binder"], cwd=ROOT, check=True)
    target = PLACE / "tree"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / "_build" / "binder", target)
    return target


@pytest.fixture(scope="module")
def environment(tree):
    """Binder's environment, made as repo2docker makes it: its pins, our files, ``postBuild``."""
    folder, home = PLACE / "environment", PLACE / "home"
    stamp = folder / "stamp"
    pins = frozen()
    parts = [*pins, (tree / "requirements.txt").read_text(), (tree / "pyproject.toml").read_text()]
    parts += [path.read_text() for path in sorted((tree / ".binder").iterdir())]
    made_from = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    variables = {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    variables |= {
        key: value for key, value in os.environ.items() if "PIP_" in key or "PROXY" in key.upper()
    }
    if not stamp.exists() or stamp.read_text() != made_from:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [folder / "bin" / "pip", "install", "--quiet"]
        subprocess.run([*install, *pins], check=True, capture_output=True)
        own = [*install, "-r", ".binder/requirements.txt"]
        subprocess.run(own, check=True, capture_output=True, cwd=tree, env=variables)
        stamp.write_text(made_from)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    subprocess.run([tree / ".binder" / "postBuild"], check=True, cwd=tree, env=variables)
    return folder, variables


@pytest.fixture(scope="module")
def lab(environment, tree):
    """Address of a JupyterLab that was started from the root of the tree."""
    folder, variables = environment
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [folder / "bin" / "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [
        "--ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (PLACE / "lab.log").open("w") as log:
        server = subprocess.Popen(command, cwd=tree, env=variables, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/"
    for _ in range(240):
        try:
            urllib.request.urlopen(address + "api")
            break
        except OSError:
            assert server.poll() is None, (PLACE / "lab.log").read_text()
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(timeout=60)


@pytest.fixture
def open_notebook(lab, browser):
    """Open a file of the tree by the end of its launch address; it must open as a notebook."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(240_000)

    def open_(path):
        launch = Repository("someone/course").launch(path)
        where = urllib.request.unquote(launch.partition("urlpath=")[2])
        page.goto(f"{lab}{where}?reset")  # Binder's container has no notebook open from before
        page.wait_for_selector(".jp-NotebookPanel")
        assert page.wait_for_function(NOTEBOOK).json_value() == path
        return page

    yield open_
    page.evaluate("() => jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
    context.close()


def test_repo2docker_sees_what_is_meant(tree):
    command = [Path(sys.executable).with_name("jupyter-repo2docker"), "--no-build", "--debug"]
    command += ["--user-id", "1000", "--user-name", "reader", tree]
    done = subprocess.run(command, capture_output=True, text=True)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert "environment for python=3.11" in printed
    assert '-r ".binder/requirements.txt"' in printed and "./.binder/postBuild" in printed
    assert os.access(tree / ".binder" / "postBuild", os.X_OK)


def test_no_source_of_the_homework_is_in_the_tree(tree):
    sources = {path.name for path in homeworks()}
    names = {path.name for path in (tree / "homework").iterdir()}
    assert names == {Path(name).stem + ".ipynb" for name in sources}
    for path in (tree / "homework").iterdir():
        assert "### BEGIN" not in path.read_text(encoding="utf-8")


def test_versions_are_those_of_the_lock(environment, tree):
    folder, variables = environment
    listing = [folder / "bin" / "pip", "list", "--format", "json", "--disable-pip-version-check"]
    found = json.loads(subprocess.run(listing, capture_output=True, check=True).stdout)
    installed = {each["name"].lower(): each["version"] for each in found}
    lines = (tree / "requirements.txt").read_text().splitlines()
    locked = [Requirement(line) for line in lines if line and not line.startswith((" ", "#"))]
    metadata = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    wanted = {Requirement(each).name for each in metadata["dependencies"]} | {"jupytext"}
    compared = 0
    for pin in locked:
        if pin.name in wanted and (not pin.marker or pin.marker.evaluate()):
            assert str(pin.specifier) == f"=={installed[pin.name]}"
            compared += 1
    assert compared == len(wanted)
    assert installed["jupyterlab"] == "4.4.9"  # repo2docker's own, not installed twice


@pytest.mark.parametrize("path", ["index.md", "chapters/derivative.md"])
def test_a_chapter_runs_as_a_notebook_and_its_explorers_are_live(open_notebook, path):
    page = open_notebook(path)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    outputs = page.evaluate(OUTPUTS)
    kinds = [output["output_type"] for cell in outputs for output in cell]
    errors = [output for cell in outputs for output in cell if output.get("name") == "stderr"]
    assert kinds and "error" not in kinds and not errors, errors
    live = "application/vnd.jupyter.widget-view+json"
    explorers = [
        index for index, cell in enumerate(outputs)
        if any(live in output.get("data", {}) for output in cell)
    ]  # fmt: skip
    source = (ROOT / path).read_text()
    assert len(explorers) == len(re.findall(r"^explore\(", source, flags=re.MULTILINE))
    for index in explorers:
        page.evaluate(
            """index => { const book = jupyterapp.shell.currentWidget.content;
                          book.activeCellIndex = index;
                          book.widgets[index].node.id = `explorer-${index}`;
                          return book.scrollToItem(index); }""",
            index,
        )
        output = page.locator(f"#explorer-{index} .jp-OutputArea-output .widget-vbox").first
        output.wait_for()
        output.locator("figure.rectified-explorer svg").first.wait_for()
        before, changed = output.inner_text(), False
        slider = output.locator("[role=slider]").first
        for _ in range(5):  # JupyterLab may still be taking the focus for the cell
            if slider.count():
                value, top = map(slider.get_attribute, ("aria-valuenow", "aria-valuemax"))
                slider.focus()
                page.keyboard.press("ArrowRight" if float(value) < float(top) else "ArrowLeft")
            else:
                output.locator("input[type=radio]:not(:checked)").first.check()
            deadline = time.monotonic() + 10
            while not changed and time.monotonic() < deadline:
                page.wait_for_timeout(100)
                changed = output.inner_text() != before
            if changed:
                break
        assert changed, f"the explorer in cell {index + 1} did not answer"


def test_the_first_cell_of_every_homework_runs(environment, tree):
    """What a homework imports is in Binder's environment."""
    folder, variables = environment
    code = (
        "import json, sys\n"
        "for path in sys.argv[1:]:\n"
        "    cells = json.load(open(path))['cells']\n"
        "    exec(''.join(next(c['source'] for c in cells if c['cell_type'] == 'code')), {})\n"
    )
    paths = [f"homework/{path.stem}.ipynb" for path in homeworks()]
    command = [folder / "bin" / "python", "-c", code, *paths]
    done = subprocess.run(command, cwd=tree, env=variables, capture_output=True, text=True)
    assert paths and done.returncode == 0, done.stderr


def test_a_homework_opens_as_a_notebook(open_notebook):
    page = open_notebook(f"homework/{homeworks()[0].stem}.ipynb")
    first = page.evaluate(
        """async () => { const book = jupyterapp.shell.currentWidget.content;
            const index = book.widgets.findIndex(cell => cell.model.type === 'code');
            book.activeCellIndex = index;
            await jupyterapp.commands.execute('notebook:run-cell');
            const model = book.widgets[index].model;
            return [model.executionCount, model.outputs.toJSON()]; }"""
    )
    assert first[0] == 1 and all(output["output_type"] != "error" for output in first[1])
