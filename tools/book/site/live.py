"""The page that runs: what a chapter's own button needs, written beside the pages (`../live/`).

Only where `make runtime` has brought Python for the browser. A page then carries the address of the
folder `live/` and nothing more; the cells' sources, hidden ones among them, are loaded on demand.
"""

import copy
import json
import re
import shutil
from pathlib import Path

import jupytext
import matplotlib
from matplotlib import font_manager

from tools.book.runtime import folder as folder_of_runtime
from tools.book.site import downloads, runtime

FILES = Path(__file__).parents[1] / "live"
PACKAGES = ["rectified"]
CORE = ["pyodide.asm.wasm", "python_stdlib.zip"]
#: What Pyodide would load with Matplotlib, and an SVG has no use for: a megabyte.
UNUSED = {"fonttools"}
#: Tags of cells whose numbers hang on the machine: how long a run takes, or rounding that grows.
CHANCE = {"timing", "rounding"}
#: Where a hidden cell begins to check an exercise, and what an answer to it has to define.
CHECK = re.compile(r"^# Check of exercise (\d+): (.*)\n", re.M)
WANTED = re.compile(r"(\w+)(\([^)]*\))?(?:, )?")


def has_door(app, pagename: str) -> bool:
    """Whether a page gets the button: code of a chapter or of the first page, and the runtime."""
    return bool(
        app.config.rectified_runtime
        and (pagename.startswith("chapters/") or pagename == app.config.root_doc)
        and pagename in app.env.found_docs
        and downloads.has_code(Path(app.env.doc2path(pagename)))
    )


def write(app, out: Path) -> None:
    """Write our scripts, the editor, and each chapter's cells; Python is in `live/` already."""
    if not app.config.rectified_runtime:
        return
    folder = out / "live"
    (folder / "cells").mkdir(parents=True)
    runtime.link(folder_of_runtime(Path(app.srcdir)) / "codemirror", folder / "codemirror")
    for file in FILES.iterdir():
        if file.suffix in (".js", ".css", ".py"):
            shutil.copy(file, folder)
    write_settings(folder)
    write_fonts(folder)
    for name in sorted(app.env.found_docs):
        if has_door(app, name):
            page = {"cells": cells(Path(app.env.doc2path(name)))}
            dump(folder / "cells" / f"{name.removeprefix('chapters/')}.json", page)


def write_settings(folder: Path) -> None:
    """Write what the worker loads: of Pyodide's lock the packages that a page needs, and bytes."""
    pyodide = folder / "pyodide"
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages = {name: lock["packages"][name] for name in needed(lock)}
    for package in packages.values():
        package["depends"] = [each for each in package["depends"] if each in packages]
    files = [*CORE, *(package["file_name"] for package in packages.values())]
    settings = {
        "lock": {"info": lock["info"], "packages": packages},
        "packages": PACKAGES,
        "bytes": sum((pyodide / file).stat().st_size for file in files),
    }
    dump(folder / "live.json", settings)


def write_fonts(folder: Path) -> None:
    """Write Matplotlib's list of its own fonts, which it would else make anew in each browser."""
    manager = copy.copy(font_manager.fontManager)
    own = Path(matplotlib.get_data_path())  # a font in there is written with its path from there
    for name in ("ttflist", "afmlist"):
        fonts = [each for each in getattr(manager, name) if Path(each.fname).is_relative_to(own)]
        setattr(manager, name, sorted(fonts, key=lambda font: font.fname))
    font_manager.json_dump(manager, folder / "fonts.json")


def needed(lock: dict) -> list[str]:
    """Return the names of the packages that a page loads."""
    names, todo = set(), list(PACKAGES)
    while todo:
        name = todo.pop()
        if name not in names | UNUSED:
            names.add(name)
            todo += lock["packages"][name]["depends"]
    return sorted(names)


def cells(path: Path) -> list[dict]:
    """Return a chapter's code cells in order, as the page's script takes them."""
    found = []
    for cell in jupytext.read(path).cells:
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        entry = {"code": cell.source}
        if "remove-cell" in tags:
            entry["hidden"] = True
        if CHANCE & set(tags):
            entry["chance"] = True
        told = cell.metadata.get("live", {})
        if seconds := told.get("seconds"):
            entry["seconds"] = seconds
        if told.get("between") is False:  # an explorer that knows its frames alone
            entry["frames"] = True
        if check := check_of(cell.source):
            entry["check"] = check
        if alt := cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
            entry["alt"] = " ".join(alt.split())
        found.append(entry)
    return found


def check_of(source: str) -> dict | None:
    """Return what a hidden cell has to check an exercise with, and the cell for its answer.

    The line ``# Check of exercise 2: tooth(x), height`` asks for a function and for a number. What
    follows it in its cell is the check; what comes before it gives the solution, if no cell does.
    """
    found = CHECK.search(source)
    if not found:
        return None
    wanted = WANTED.findall(found[2])
    stubs = [f"def {name}{given}:\n    ..." if given else f"{name} = ..." for name, given in wanted]
    return {
        "exercise": found[1],
        "wanted": [name for name, _ in wanted],
        "stub": ("\n\n" if "def " in stubs[0] else "\n").join(stubs),
        "code": source[found.end() :],
    }


def dump(path: Path, data: dict) -> None:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
