"""What runs in the browser, put beside the pages: one Pyodide, the package, JupyterLite.

Nothing is fetched here. Where `make runtime` has not been, the pages have no doors to it.

================= =====================================================================
`live/pyodide/`   Pyodide and the packages of its lock, the course's own among them
`live/HASH/`      the course's package; its address changes with it, so no cache mixes two
`lite/`           JupyterLite, with each page that has code as a notebook
================= =====================================================================
"""

import json
import os
import shutil
from pathlib import Path

import nbformat

from tools.book import runtime
from tools.book.site import downloads

DATE = "2020-01-01T00:00:00Z"  # of JupyterLite's files, so that two builds are equal


def setup(app) -> None:
    app.add_config_value("rectified_runtime", "", "html")  # pages are written anew when it comes
    app.connect("config-inited", find)


def find(app, config) -> None:
    config.rectified_runtime = runtime.found(Path(app.srcdir))


def licences(app) -> list[tuple[str, str, str]]:
    """Name, version and licence of each part; none where there is no runtime."""
    if not app.config.rectified_runtime:
        return []
    lock = runtime.read_lock()["files"]
    parts = {(each["name"], each["version"]): each["licence"] for each in lock}
    listed = [(*key, licence) for key, licence in parts.items()]
    path = runtime.folder(Path(app.srcdir)) / "licences.json"
    listed += [tuple(part) for part in json.loads(path.read_text(encoding="utf-8"))]
    return sorted(listed, key=lambda part: part[0].lower())


def clear(out: Path) -> None:
    """Take away what an earlier build put there."""
    for name in ("live", "lite"):
        shutil.rmtree(out / name, ignore_errors=True)


def put(app, out: Path) -> None:
    """Fill `live/` and `lite/`; the notebooks and the wheel are there already."""
    if not app.config.rectified_runtime:
        return
    root = Path(app.srcdir)
    source = runtime.folder(root)
    link(source / "pyodide", out / "live" / "pyodide")
    put_package(root, out)
    link(source / "lite", out / "lite")
    put_notebooks(app, out / "lite")


def link(source: Path, target: Path) -> None:
    """Copy a folder without using space twice, where the file system can."""
    for path in source.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, place)
            except OSError:
                shutil.copyfile(path, place)


def put_package(root: Path, out: Path) -> None:
    """Put the course's wheel into the lock from which Pyodide loads."""
    wheel = out / "notebooks" / downloads.wheel_name(root)
    sha256 = runtime.sha256(wheel)
    folder = out / "live" / sha256[:12]
    folder.mkdir()
    shutil.copyfile(wheel, folder / wheel.name)
    path = out / "live" / "pyodide" / "pyodide-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    entry = {"file": f"../{folder.name}/{wheel.name}", "name": "rectified", "sha256": sha256}
    entry |= {"version": wheel.name.split("-")[1], "imports": ["rectified"]}
    # ipywidgets is for a notebook alone: JupyterLite names it, a page does without it.
    entry["depends"] = ["matplotlib", "numpy"]
    lock["packages"]["rectified"] = runtime.pyodide_entry(entry)
    path.unlink()  # it may be one file with that of the runtime
    path.write_text(json.dumps(lock, indent=1), encoding="utf-8")


def put_notebooks(app, lite: Path) -> None:
    """Write each page that has code as JupyterLite's kernel wants it, and the lists of them."""
    for name in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(name))
        if downloads.has_code(path):
            notebook = downloads.notebook(path, name)
            # Any other name than its kernel's, and a dialog stands before the page.
            kernel = {"display_name": "Python", "language": "python", "name": "python"}
            notebook.metadata["kernelspec"] = kernel
            target = lite / "files" / f"{name}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)
    list_folder(lite / "files", lite / "api" / "contents", "")


def list_folder(folder: Path, lists: Path, place: str) -> None:
    """Write `all.json`, in which JupyterLite looks for a folder's content."""
    content = []
    for path in sorted(folder.iterdir()):
        here = f"{place}/{path.name}".lstrip("/")
        if path.is_dir():
            list_folder(path, lists / path.name, here)
        kind = "directory" if path.is_dir() else "notebook"
        content.append(model(path.name, here, kind, None if path.is_dir() else path.stat().st_size))
    lists.mkdir(parents=True, exist_ok=True)
    whole = model(folder.name if place else "", place, "directory", None)
    whole |= {"content": content, "format": "json"}
    (lists / "all.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")


def model(name: str, path: str, kind: str, size: int | None) -> dict:
    """A file or folder as Jupyter's contents service describes it."""
    return {
        "name": name,
        "path": path,
        "type": kind,
        "size": size,
        "created": DATE,
        "last_modified": DATE,
        "writable": True,
        "content": None,
        "format": None,
        "mimetype": None,
    }
