"""JupyterLite without any notebook: its two apps, the kernel, and the widgets' extension.

The apps lie in ``lite/``, beside the book, and share the book's one Pyodide in ``live/pyodide/``.
The kernel's own packages join the others in Pyodide's lock, so that it starts with them and asks no
index.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tools.book.runtime import pyodide_lock, sha256

EXTENSIONS = ["@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager"]
DISTRIBUTIONS = ["jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyterlab-widgets"]
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
#: What the kernel imports, with what each of them needs, and what a chapter does.
PACKAGES = ["micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"]
PACKAGES += ["ipywidgets", "rectified"]
#: The kernel's packages come as wheels inside its extension.
WHEELS = {"ipykernel": ["pyodide-kernel"], "piplite": ["micropip"]}
WHEELS |= {"pyodide_kernel": ["comm", "ipython"]}
#: What no browser that can run Pyodide asks for, and what only JupyterLite's developers need.
LEFT_OUT = ["rspack.config*.js", "package.json", "jupyterlite.schema.v0.json"]
LEFT_OUT += ["build/*.eot", "build/*.ttf", "build/fa-*.svg", "build/fa-*.woff"]
LEFT_OUT += [f"extensions/{EXTENSIONS[0]}/static/pypi"]
#: The app of that name is not among the two; the other one has the files at its side.
TREE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Files</title>
<meta http-equiv="refresh" content="0; url=../lab/index.html">
</head><body><a href="../lab/index.html">The files, in JupyterLab</a></body></html>
"""
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # light or dark, as the page
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},  # seconds, in the browser
}


def build(lock: dict, target: Path) -> None:
    """Make ``target/lite`` and ``target/pyodide/pyodide-lock.json``."""
    extensions = Path(sys.prefix, "share", "jupyter", "labextensions")
    wheels = extensions / EXTENSIONS[0] / "static" / "pypi"
    own = []
    for name, depends in WHEELS.items():
        (wheel,) = wheels.glob(f"{name}-*.whl")
        shutil.copyfile(wheel, target / "pyodide" / wheel.name)
        entry = {"file": wheel.name, "name": name.replace("_", "-"), "sha256": sha256(wheel)}
        entry |= {"version": wheel.name.split("-")[1], "imports": [name], "depends": depends}
        own.append(entry)
    text = pyodide_lock(lock["info"], lock["files"] + own)
    (target / "pyodide" / "pyodide-lock.json").write_text(text, encoding="utf-8")
    build_apps([extensions / name for name in EXTENSIONS], target / "lite")
    for pattern in LEFT_OUT:
        for path in (target / "lite").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    configure(target / "lite" / "jupyter-lite.json")
    (target / "lite" / "tree").mkdir()  # the logo and "File Browser" lead there
    (target / "lite" / "tree" / "index.html").write_text(TREE, encoding="utf-8")
    for page in (target / "lite").glob("*/index.html"):  # else a browser asks the host for one
        icon = '<link rel="icon" href="../lab/favicon.ico">'
        text = page.read_text(encoding="utf-8").replace("<head>", f"<head>{icon}", 1)
        page.write_text(text, encoding="utf-8")
    parts = [(name, version(name), "BSD-3-Clause") for name in DISTRIBUTIONS]
    (target / "licences.json").write_text(json.dumps(parts), encoding="utf-8")


def build_apps(extensions: list[Path], target: Path) -> None:
    settings = {
        "apps": ["lab", "notebooks"],
        "no_sourcemaps": True,
        "ignore_sys_prefix": ["federated_extensions"],  # others that happen to be installed
        "federated_extensions": list(map(str, extensions)),
        "output_dir": str(target),
    }
    with tempfile.TemporaryDirectory(prefix="rectified-lite-") as folder:
        config = Path(folder, "jupyter_lite_config.json")
        config.write_text(json.dumps({"LiteBuildConfig": settings}), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--no-unused-shared-packages"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"JupyterLite could not be made:\n{done.stdout[-3000:]}{done.stderr}")


def configure(path: Path) -> None:
    """Point the kernel at the book's Pyodide, and let nothing ask another host."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    data = whole["jupyter-config-data"]
    data["appName"] = "Rectified"
    data["contentsAllJsonFile"] = "all.json"  # where the page build lists the notebooks
    data["settingsOverrides"] = data.get("settingsOverrides", {}) | SETTINGS
    data["litePluginSettings"][KERNEL] = {
        "pyodideUrl": "./../live/pyodide/pyodide.mjs",
        "loadPyodideOptions": {"packages": PACKAGES},
        "disablePyPIFallback": True,
        "pipliteUrls": [],
    }
    path.write_text(json.dumps(whole, indent=1, sort_keys=True), encoding="utf-8")
