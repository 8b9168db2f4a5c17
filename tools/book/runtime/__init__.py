"""What the browser runs, outside git: Python compiled to WebAssembly, its packages, JupyterLite.

    python -m tools.book.runtime      fetch it and make it ready in _build/runtime

================ ===================================================================
`lock.json`      every file: version, size, sha256, licence, and where it is to be had
`fetch.py`       gets the files, and accepts them by their sha256 only
`jupyterlite.py` JupyterLite's two apps, without any notebook
================ ===================================================================

`make book` fetches nothing: it puts into the site what it finds here, and where nothing is found
the pages have no doors to it.
"""

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "lock.json"
MARKER = "complete"  # holds `stamp()` of what the folder was made from


def read_lock(path: Path = LOCK) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def folder(root: Path) -> Path:
    return root / "_build" / "runtime"


def stamp(path: Path = LOCK) -> str:
    """Hash of the lock and of what makes the folder from it."""
    total = hashlib.sha256(path.read_bytes())
    for module in sorted(HERE.glob("*.py")):
        total.update(module.read_bytes())
    for line in (HERE.parents[2] / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("jupyterl"):  # JupyterLite, and the widgets' extension
            total.update(line.encode())
    return total.hexdigest()


def found(root: Path) -> str:
    """The stamp of a runtime that is there, whole and of this lock; else an empty text."""
    marker = folder(root) / MARKER
    there = marker.read_text(encoding="utf-8") if marker.exists() else ""
    return there if there == stamp() else ""


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pyodide_entry(entry: dict) -> dict:
    """A file of our lock as Pyodide's lock has it."""
    return {
        "name": entry["name"],
        "version": entry["version"],
        "file_name": entry["file"],
        "sha256": entry["sha256"],
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
        "imports": entry["imports"],
        "depends": entry["depends"],
    }


def pyodide_lock(info: dict, files: list[dict]) -> str:
    """The lock that Pyodide reads: the packages among the files of ours."""
    packages = {each["name"]: pyodide_entry(each) for each in files if "imports" in each}
    return json.dumps({"info": info, "packages": dict(sorted(packages.items()))}, indent=1)
