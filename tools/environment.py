"""Make ``.venv``, the Python environment of the book, and install the programs that tests need.

    python3 tools/environment.py                         what building the book needs
    python3 tools/environment.py -m tools.book           the same, then run something in it
    python3 tools/environment.py --for test -m pytest    with the packages of a group besides

The groups are those of pyproject.toml, the versions those of requirements.txt. Any Python 3.8 or
newer can run this file; it looks for a Python that the book can use. A second run finds everything
in place and returns at once. An environment that was left half-made is made again from nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "rectified-stamp"
LOG = ROOT / "_build" / "install.log"
OLDEST = (3, 11)
NAMES = ["python3.11", "python3.12", "python3.13", "python3", "python"]

#: Programs that a group needs on Linux: Debian's package, its programs (one will do), what for.
CHROMIUM = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"]
BROWSER = [
    ("chromium", CHROMIUM, "a browser, to look at the pages"),
    ("libatomic1", ["libatomic.so.1"], "a library for Playwright, which moves the browser"),
]
SANDBOX = ("bubblewrap", ["bwrap"], "the sandbox in which homework is graded")
PROGRAMS = {
    "browser": BROWSER,
    "hub": [SANDBOX],
    "test": [
        *BROWSER,
        SANDBOX,
        ("git", ["git"], "to try how a fork's links follow its repository"),
    ],
}

NO_PYTHON = """\
The book needs Python 3.11 or newer, and none was found (looked for: {names}).
  Debian 12 or newer, Ubuntu 24.04:  apt-get install python3 python3-venv
  macOS:                             brew install python@3.12
  anywhere:                          python.org/downloads, or `uv python install 3.12`
If it stands in an unusual place, say where:  make book PYTHON=/path/to/python3.12"""
NO_VENV = """\
{python} could not make a virtual environment. The last lines of {log} are:

{tail}"""
NO_PACKAGES = """\
The packages could not be installed. The last lines of {log} are:

{tail}

The first installation needs a network (100 MB for the book, 200 more for the tests).
Behind a proxy, set HTTPS_PROXY; with a mirror of your own, set PIP_INDEX_URL. Then run the same
command again."""
NO_PROGRAMS = """\
What you asked for needs {names}, and {they} cannot be installed from here. Install {them} with

  {line}

and run the same command again.{rest}"""
NO_SANDBOX = """\
bubblewrap is installed, but may not make a sandbox here: {reason}
On Ubuntu 24.04 or newer, allow it (in a container, let its host allow user namespaces) with

  sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0

and run the same command again. `make book` and `make test-fast` do not need it."""


@contextlib.contextmanager
def lock():
    """Let two runs wait for each other, as tools/lock.py does where packages are installed."""
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "environment.lock").open("w") as file:
        try:
            import fcntl
        except ImportError:  # Windows: one run at a time is up to the person there
            pass
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def version(python: str) -> tuple | None:
    """Version of an interpreter as three numbers, or None if it does not run."""
    code = "import sys; print(*sys.version_info[:3])"
    try:
        answer = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else None


def find_python() -> str:
    """The interpreter that runs this file if it is new enough, else the first that is."""
    for name in [sys.executable] + NAMES:
        path = shutil.which(name) if name else None
        if path and (version(path) or (0,)) >= OLDEST:
            return path
    raise SystemExit(NO_PYTHON.format(names=", ".join(NAMES)))


def logged(command: list) -> list | None:
    """Run a command, its output in the log; show how far pip is. Gives its lines if it fails."""
    LOG.parent.mkdir(exist_ok=True)
    lines, counted = [], 0
    with LOG.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in process.stdout:
            log.write(line)
            lines.append(line.rstrip())
            if line.startswith("Collecting "):
                counted += 1
                if counted % 20 == 0:
                    print(f"  {counted} packages fetched", flush=True)
            elif line.startswith("Installing collected") and counted:
                print("  installing them", flush=True)
    return [line for line in lines if not line.startswith("WARNING")] if process.wait() else None


def tail(lines: list) -> str:
    return "\n".join("  " + line for line in lines[-12:])


def pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    failed = logged(command)
    if failed is not None:
        raise SystemExit(NO_PACKAGES.format(log=LOG.relative_to(ROOT), tail=tail(failed)))


def as_root() -> list | None:
    """What to put before a command so that root runs it, or None where that needs a password."""
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    asks = sudo and subprocess.run([sudo, "-n", "true"], stderr=subprocess.DEVNULL).returncode
    return [sudo, "-n"] if sudo and not asks else None


def debian(packages: list) -> str:
    """The line that a person types."""
    sudo = "" if as_root() == [] else "sudo "
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        return f"(your system's installer of packages) {names}"
    return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {names}"


def may_install() -> bool:
    """Whether Debian's packages can be installed here without a question."""
    return shutil.which("apt-get") is not None and as_root() is not None


def install_programs(packages: list) -> bool:
    """Install Debian's packages; says whether it went well."""
    front = [*as_root(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    logged([*front, "update"])
    return logged([*front, "install", "-y", "--no-install-recommends", *packages]) is None


def present(name: str) -> bool:
    """Whether a program, or a library (.so), is on this machine."""
    if ".so" not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_programs(group: str) -> dict:
    """Debian's packages that a group needs and that are not here, each with what it is for."""
    return {
        package: why
        for package, names, why in PROGRAMS.get(group, [])
        if not any(map(present, names))
        and not (package == "chromium" and os.environ.get("CHROMIUM"))
    }


def missing_modules() -> dict:
    """The same for making .venv: Debian has Python's modules for it in a package of their own."""
    if not to_be_made():
        return {}
    python = find_python()
    tried = subprocess.run([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL)
    package = "python{}.{}-venv".format(*version(python))
    return {package: "modules of Python, to make .venv"} if tried.returncode else {}


def no_programs(needed: list, modules: dict) -> str:
    """What to say where they cannot be installed, with one line for all of them."""
    they, them = ("it", "it") if len(needed) == 1 else ("they", "them")
    rest = f" `make book` and `make test-fast` do without {them}."
    if modules:
        alone = f" `make book` and `make test-fast` need {' '.join(modules)} alone."
        rest = alone if len(needed) > 1 else ""
    names = " and ".join(filter(None, [", ".join(needed[:-1]), needed[-1]]))
    line = debian(needed)
    return NO_PROGRAMS.format(names=names, they=they, them=them, line=line, rest=rest)


def programs(group: str) -> None:
    """Install what a group needs and is not here, or stop with the line to type."""
    if not sys.platform.startswith("linux"):
        return  # the browser is Playwright's own; what needs the sandbox is reported as not run
    modules = missing_modules()
    missing = dict(missing_programs(group), **modules)
    if missing and may_install():
        print("Installing, from Debian's packages:", flush=True)
        for package, why in missing.items():
            print(f"  {package}: {why}", flush=True)
    if missing and not (may_install() and install_programs(list(missing))):
        raise SystemExit(no_programs(list(missing), modules))
    if group == "test":
        probe = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
        tried = subprocess.run(probe, capture_output=True, text=True)
        if tried.returncode:
            raise SystemExit(NO_SANDBOX.format(reason=tried.stderr.strip()))


def requirements(group: str) -> list:
    """The requirements of a group of pyproject.toml, read by the new Python, which has tomllib."""
    code = (
        "import sys, tomllib; groups = tomllib.load(open('pyproject.toml', 'rb'))"
        ".get('dependency-groups', {})\n"
        "def show(name):\n"
        "    for each in groups.get(name, []):\n"
        "        show(each['include-group']) if isinstance(each, dict) else print(each)\n"
        "show(sys.argv[1])"
    )
    command = [str(PYTHON), "-c", code, group]
    return subprocess.check_output(command, cwd=ROOT, text=True).splitlines()


def wanted(python_version: tuple) -> str:
    """What a finished environment was made from."""
    digest = hashlib.sha256(repr((sys.platform, str(ROOT), python_version)).encode())
    for name in ["requirements.txt", "pyproject.toml"]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict | None:
    """What .venv was made from and for, if it was finished."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return None


def to_be_made() -> bool:
    """Whether .venv is not there, too old, or was left half-made."""
    found = version(str(PYTHON)) if PYTHON.exists() else None
    return not found or found < OLDEST or not read_stamp()


def make(group: str) -> None:
    found = version(str(PYTHON)) if PYTHON.exists() else None
    stamp = read_stamp()
    had = stamp["groups"] if stamp else []
    current = found and stamp and stamp["made from"] == wanted(found)
    groups = sorted({"book", group, *had})
    if current and groups == had:
        return
    if to_be_made():
        python = find_python()
        print("Making .venv with Python {}.{}.{}".format(*version(python)), flush=True)
        make_venv(python)
        found = version(str(PYTHON))
    elif current:
        print(f"Adding to .venv the packages for: {group}", flush=True)
    else:
        print("Bringing .venv up to the pins", flush=True)
    STAMP.unlink() if STAMP.exists() else None  # what is cut short must not look finished
    packages = [each for name in groups for each in requirements(name)]
    pip("-c", "requirements.txt", "-e", ".", *packages)
    STAMP.write_text(json.dumps({"made from": wanted(found), "groups": groups}))
    print("  .venv is ready", flush=True)


def make_venv(python: str) -> None:
    """Make an empty .venv."""
    shutil.rmtree(VENV, ignore_errors=True)
    failed = logged([python, "-m", "venv", str(VENV)])
    if failed is not None:
        shutil.rmtree(VENV, ignore_errors=True)
        log = LOG.relative_to(ROOT)
        raise SystemExit(NO_VENV.format(python=python, log=log, tail=tail(failed)))


def main(arguments: list) -> int:
    group = "book"
    if arguments[:1] == ["--for"]:
        group, arguments = arguments[1], arguments[2:]
    with lock():
        try:
            programs(group)
            make(group)
        except KeyboardInterrupt:
            raise SystemExit("\nInterrupted. The next run starts .venv again.") from None
    if not arguments:
        return 0
    try:
        return subprocess.run([str(PYTHON), *arguments]).returncode
    except KeyboardInterrupt:  # the program has had it too, and has said what there is to say
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
