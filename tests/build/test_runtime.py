"""The runtime: accepted by sha256 only, from whatever source has it, whole or not at all.

The sources are small ones of this machine: a server in the place of Pyodide's distribution, and a
folder of wheels in the place of PyPI.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
import zipfile
from pathlib import Path

import pytest

from tools.book import runtime, serve
from tools.book.runtime import fetch

ROOT = Path(__file__).resolve().parents[2]
CORE = {"core.wasm": os.urandom(300_000), "array.whl": b"an array " * 4000}
PURE = "pure-1.0-py3-none-any.whl"
NOWHERE = "http://127.0.0.1:9/"


def wheel(path: Path, files: dict) -> None:
    """A wheel that pip can download."""
    name, version = path.name.split("-")[:2]
    about = f"{name}-{version}.dist-info"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = files | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": tags,
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for place, data in files.items():
            archive.writestr(place, data)


class World:
    """The sources, a lock of what they have, and a cache."""

    def __init__(self, folder: Path):
        self.cache, self.served, self.index = (folder / name for name in ("c", "served", "index"))
        self.served.mkdir()
        self.index.mkdir()
        for name, data in CORE.items():
            (self.served / name).write_bytes(data)
        wheel(self.index / PURE, {"pure.py": "print()"})
        carried = {f"inside/{name}": data for name, data in CORE.items()}
        wheel(self.index / "carrier-2.0-py3-none-any.whl", carried)
        files = CORE | {PURE: (self.index / PURE).read_bytes()}
        self.lock = {
            "info": {"python": "3.14.0"},
            "sources": {
                "core": {
                    "address": NOWHERE,
                    "wheel": "carrier==2.0",
                    "size": 1,
                    "folder": "inside/",
                    "python": "3.11",
                }
            },
            "files": [
                {
                    "folder": "pyodide",
                    "file": name,
                    "name": name,
                    "source": "pure==1.0" if name == PURE else "core",
                    "size": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                for name, data in files.items()
            ],
        }
        self.said = []

    def fetch(self) -> list[str]:
        """Fetch; gives the lines that were said."""
        self.said.clear()
        fetch.Fetch(self.lock, self.cache, self.said.append).run()
        return self.said

    def kept(self) -> set[str]:
        return {path.name for path in self.cache.iterdir()} if self.cache.exists() else set()

    def hashes(self) -> set[str]:
        return {entry["sha256"] for entry in self.lock["files"]}


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(world.index))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return world


def test_from_the_distribution_and_then_from_the_cache(world):
    with serve.running(world.served) as address:
        world.lock["sources"]["core"]["address"] = address
        said = world.fetch()
    assert not any("carrier" in line for line in said)
    assert world.kept() == world.hashes()
    assert world.fetch() == []  # no source is there any more, and none is asked


def test_from_the_wheel_that_carries_it(world):
    said = "\n".join(world.fetch())
    assert "127.0.0.1:9: core.wasm: [Errno 111] Connection refused" in said
    assert "Fetching carrier==2.0" in said and world.kept() == world.hashes()


@pytest.mark.parametrize("name", CORE)
def test_a_wrong_byte_is_refused(world, name):
    """From one source: the next is asked. From all of them: nothing of it is kept."""
    data = bytearray(CORE[name])
    data[len(data) // 2] ^= 1
    (world.served / name).write_bytes(data)
    with serve.running(world.served) as address:
        world.lock["sources"]["core"]["address"] = address
        said = "\n".join(world.fetch())
        assert f"{name} is not the file of the lock, refused" in said
        assert world.kept() == world.hashes()
        shutil.rmtree(world.cache)
        carried = {f"inside/{each}": CORE[each] for each in CORE} | {f"inside/{name}": bytes(data)}
        wheel(world.index / "carrier-2.0-py3-none-any.whl", carried)
        with pytest.raises(fetch.NotFetched, match=name) as stopped:
            world.fetch()
    wrong = next(entry for entry in world.lock["files"] if entry["file"] == name)
    assert world.kept() == world.hashes() - {wrong["sha256"]}
    assert str(stopped.value).count("refused") == 2


def test_a_wrong_byte_in_the_cache_or_in_a_package_is_refused(world):
    world.fetch()
    for entry in world.lock["files"]:
        (world.cache / entry["sha256"]).write_bytes(b"something else")
    wheel(world.index / PURE, {"pure.py": "print('not the same')"})
    with pytest.raises(fetch.NotFetched, match="pure-1.0.*refused|refused.*pure-1.0"):
        world.fetch()
    assert sum("in the cache is damaged" in line for line in world.said) == 3
    for entry in world.lock["files"][:2]:
        assert runtime.sha256(world.cache / entry["sha256"]) == entry["sha256"]


def test_a_cut_download_leaves_nothing(world):
    """A server that promises a file and ends in its middle; then no other source is there."""
    (world.index / "carrier-2.0-py3-none-any.whl").unlink()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                size = len(CORE["core.wasm"])
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"
                connection.sendall(head.encode() + CORE["core.wasm"][:100_000])

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        world.lock["sources"]["core"]["address"] = f"http://127.0.0.1:{port}/"
        with pytest.raises(fetch.NotFetched, match="100000 bytes where the lock has 300000"):
            world.fetch()
        thread.join()
    assert world.kept() == {world.lock["files"][-1]["sha256"]}  # the package, from another source


def test_what_a_kill_left_goes_with_the_next_run(world):
    left = world.cache / "part-killed"
    left.mkdir(parents=True)
    (left / "core.wasm").write_bytes(CORE["core.wasm"][:100_000])
    world.fetch()
    assert world.kept() == world.hashes()


def test_no_source_in_reach(tmp_path):
    """The command says what it tried and what follows, and leaves no folder that looks made."""
    nowhere = {
        "PIP_INDEX_URL": NOWHERE,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_RETRIES": "0",
        "HTTPS_PROXY": NOWHERE,
        "RECTIFIED_CACHE": str(tmp_path / "cache"),
    }
    for name in ("tools", "requirements.txt"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    command = [sys.executable, "-m", "tools.book.runtime"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | nowhere, capture_output=True, text=True
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "The runtime was not fetched: pyodide.mjs" in done.stderr
    assert "without the doors" in done.stderr and "make runtime" in done.stderr
    assert not (tmp_path / "_build" / "runtime").exists()
    assert not list((tmp_path / "cache").glob("part-*"))


def test_the_lock_is_whole():
    """Every file has its facts; what a package needs is there; no host but Pyodide's own."""
    lock = runtime.read_lock()
    names = {entry["name"] for entry in lock["files"]}
    for entry in lock["files"]:
        facts = {"folder", "file", "name", "version", "licence", "source", "size", "sha256"}
        assert facts <= set(entry) and re.fullmatch("[0-9a-f]{64}", entry["sha256"])
        assert entry["source"] in lock["sources"] or "==" in entry["source"]
        assert set(entry.get("depends", [])) <= names
    hosts = re.findall(r"https?://([^/]+)", runtime.LOCK.read_text())
    assert set(hosts) == {"cdn.jsdelivr.net"}


def test_one_version_everywhere():
    """NumPy, matplotlib and ipywidgets: browser, lock of the book and Binder, and this machine."""
    from importlib.metadata import version

    locked = dict(
        line.split("==") for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line and ";" not in line
    )  # fmt: skip
    browser = {entry["name"]: entry["version"] for entry in runtime.read_lock()["files"]}
    for name in ("numpy", "matplotlib", "ipywidgets"):
        assert browser[name] == locked[name] == version(name)
    assert "-c ../requirements.txt" in (ROOT / ".binder" / "requirements.txt").read_text()
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert f"numpy=={browser['numpy']}" in groups["book"]


def test_what_is_made_is_what_is_found(tmp_path, monkeypatch):
    folder = runtime.folder(tmp_path)
    folder.mkdir(parents=True)
    assert runtime.found(tmp_path) == ""
    (folder / runtime.MARKER).write_text(runtime.stamp())
    assert runtime.found(tmp_path) == runtime.stamp()
    (folder / runtime.MARKER).write_text("of an older lock")
    assert runtime.found(tmp_path) == ""


def test_pyodide_gets_a_lock_of_its_own():
    lock = runtime.read_lock()
    written = json.loads(runtime.pyodide_lock(lock["info"], lock["files"]))
    assert written["info"]["python"].startswith("3.14") and "pyodide" not in written["packages"]
    array = written["packages"]["numpy"]
    assert array["file_name"].startswith("numpy-") and array["imports"] == ["numpy"]


def test_a_book_with_and_without_it(built_book, reference):
    """What stands in `_build/runtime` comes into the site with the package, and goes with it."""
    assert not any(name.startswith(("live/", "lite/", "licences")) for name in reference)
    assert b"Open in the browser" not in reference["chapters/definition.html"]
    folder = runtime.folder(built_book.root)
    (folder / "pyodide").mkdir(parents=True)
    (folder / "lite").mkdir()
    (folder / "lite" / "index.html").write_text("<title>JupyterLite")
    lock = runtime.read_lock()
    for each in lock["files"]:  # all that is locked, by name, and short
        (folder / each["folder"]).mkdir(exist_ok=True)
        (folder / each["folder"] / each["file"]).write_bytes(b"a part")
    (folder / "pyodide" / "core.wasm").write_bytes(CORE["core.wasm"])
    packages = runtime.pyodide_lock(lock["info"], lock["files"])
    (folder / "pyodide" / "pyodide-lock.json").write_text(packages)
    (folder / "licences.json").write_text('[["a-part", "1.0", "MIT"]]')
    (folder / runtime.MARKER).write_text(runtime.stamp())
    assert "do not run" not in built_book.build()
    pages = built_book.pages()
    door = b"lite/notebooks/index.html?path=chapters/definition.ipynb"
    assert door in pages["chapters/definition.html"] and b"a-part" in pages["licences.html"]
    assert pages["live/pyodide/core.wasm"] == CORE["core.wasm"] and "lite/index.html" in pages
    package = json.loads(pages["live/pyodide/pyodide-lock.json"])["packages"]["rectified"]
    wheel = pages["live/" + package["file_name"].removeprefix("../")]
    assert hashlib.sha256(wheel).hexdigest() == package["sha256"]
    assert package["imports"] == ["rectified"] and package["depends"] == ["matplotlib", "numpy"]
    path = built_book.html / "lite" / "files" / "chapters" / "definition.ipynb"
    notebook = json.loads(path.read_text())
    assert notebook["metadata"]["kernelspec"]["name"] == "python"
    assert "rectified" not in notebook["cells"][0]["source"]  # no cell that gets the package
    listed = json.loads(pages["lite/api/contents/chapters/all.json"])["content"]
    assert "chapters/definition.ipynb" in [each["path"] for each in listed]
    assert (folder / "pyodide" / "pyodide-lock.json").read_text() == packages
    (folder / runtime.MARKER).unlink()
    assert "do not run" in built_book.build()
    assert built_book.pages() == reference
