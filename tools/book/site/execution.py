"""How chapters are run: by MyST-NB, several at a time, and never with outputs that are stale.

jupyter-cache knows a notebook by its code cells alone. Its folder is therefore named after all else
that outputs depend on, and holds a copy of the package, from which the kernels import: what is
edited while the book is built cannot get into outputs that are kept under another name.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import myst_nb.core.execute.cache as myst_nb_cache
from jupyter_cache import get_cache
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase
from jupyter_cache.executors.utils import single_nb_execution
from sphinx.util import logging
from traitlets.config import Config

from tools.book import inputs

LOGGER = logging.getLogger(__name__)
KEPT = 4  # environments whose outputs are kept, so that going back to one is quick
THREADS = ["OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"]
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def setup(app) -> None:
    app.parallel = int(os.environ.get("RECTIFIED_JOBS") or os.cpu_count() or 1)
    # It only replaces a function that Sphinx calls once all chapters are read.
    app.setup_extension("sphinx_multitoc_numbering")
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True
    root = Path(app.srcdir)
    prepare_kernels(root)
    app.connect("config-inited", lambda app, config: choose_cache(root, config), priority=950)
    app.connect("env-get-outdated", lambda app, env, *changes: env.found_docs)
    app.connect("env-before-read-docs", deal_out)
    app.connect("env-updated", lambda app, env: say("Writing the pages"))
    # The one way to give MyST-NB's kernels a setting.
    myst_nb_cache.single_nb_execution = lambda notebook, **options: run(app, notebook, **options)


def prepare_kernels(root: Path) -> None:
    """Environment variables for the kernels, and for Sphinx itself: nobody's own settings."""
    build = root / "_build"
    folder = build / ".jupyter_cache"
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="part-", dir=folder))
    ignored = shutil.ignore_patterns(*inputs.NO_SOURCE)
    shutil.copytree(root / "code", part / "code", ignore=ignored)
    profile = part / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    shutil.copy(root / "tools" / "book" / "ipython_kernel_config.py", profile)
    here = folder / inputs.environment(root, part / "code")
    try:
        part.rename(here)
    except OSError:  # it is there already
        shutil.rmtree(part)
    os.utime(here)
    os.environ.update(dict.fromkeys([f"{each}_NUM_THREADS" for each in THREADS], "1"))
    os.environ.update(
        IPYTHONDIR=str(here / "ipython"),
        JUPYTER_CONFIG_DIR=str(build / "jupyter"),
        JUPYTER_PREFER_ENV_PATH="1",
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        MPLCONFIGDIR=str(build / "matplotlib"),  # no personal matplotlibrc; fonts listed once
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONHASHSEED="0",
        PYTHONPATH=str(here / "code"),
        RECTIFIED_STATIC="1",  # no kernel behind the page: all frames of an explorer, not a control
    )
    if not any((build / "matplotlib").glob("fontlist-*.json")):
        # Where this takes over five seconds, Matplotlib says so, and into a chapter's output.
        listed = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(listed, check=True, stderr=subprocess.DEVNULL)


def choose_cache(root: Path, config) -> None:
    """Name jupyter-cache's folder, made beforehand: two chapters that both make it collide."""
    here = Path(os.environ["IPYTHONDIR"]).parent
    config.nb_execution_cache_path = str(here / "outputs")
    # Pages without code need no kernel. For a writer's quick look, the other chapters neither.
    pages = [f"{str(name).removesuffix('.md')}.md" for name in config.external_site_map]
    only = [f"{name}.md" for name in os.environ.get("RECTIFIED_ONLY", "").split()]
    config.nb_execution_excludepatterns += [
        page for page in pages if (only and page not in only) or not code_lines(root / page)
    ]
    # Where another chapter is kept just then, it may take that one for too old, before its file is
    # there, and fail. Nothing need be thrown out: below, outputs go by whole environments.
    JupyterCacheBase.truncate_caches = lambda cache: None
    cache = get_cache(here / "outputs")
    for record in cache.list_cache_records():
        try:
            cache.get_cache_bundle(record.pk)
        except Exception:  # a build was killed before the file was there, or whole
            NbCacheRecord.remove_records([record.pk], cache.db)
    cache.db.dispose()  # no connection may be shared with the processes that read
    others = sorted(here.parent.glob("*/"), key=os.path.getmtime, reverse=True)
    for folder in others[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def deal_out(app, env, docnames) -> None:
    """Deal the pages out so that each process of Sphinx gets as much code as the other.

    Sphinx cuts the list into pieces of one length, one for each process and perhaps a shorter one.
    """
    from sphinx.util.parallel import make_chunks

    weights = {name: code_lines(Path(env.doc2path(name))) for name in docnames}
    heaviest = sorted(docnames, key=lambda name: (-weights[name], name))
    pieces = [[] for _ in range(app.parallel)]
    size = len(make_chunks(docnames, app.parallel)[0])
    while heaviest and any(len(piece) < size for piece in pieces):
        free = [piece for piece in pieces if len(piece) < size]
        min(free, key=lambda piece: sum(weights[name] for name in piece)).append(heaviest.pop(0))
    docnames[:] = sum(pieces, []) + heaviest


def code_lines(path: Path) -> int:
    if not path.exists():  # Sphinx says so
        return 0
    cells = re.findall(r"^```\{code-cell\}.*?^```", path.read_text(encoding="utf-8"), re.M | re.S)
    return sum(cell.count("\n") for cell in cells)


def run(app, notebook, **options):
    """Run one chapter; say when it starts, how long it took and in which cell it stopped."""
    follow_parent()
    docname = app.env.docname
    say(f"  {docname}: running")
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
        if os.name != "nt":  # files as sockets: two kernels that start together can get one port
            sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
            options["config"] = Config(KernelManager=sockets)
        # Asked to leave, a kernel takes up to three seconds. Its outputs are here by then.
        result = single_nb_execution(notebook, shutdown_kernel="immediate", **options)
    if result.err:
        say(f"  {docname}: failed after {result.time:.1f} s")
        index = failed_cell(notebook)
        line = notebook.metadata.get("source_map", [None] * (index + 1))[index]
        LOGGER.warning(ANSI.sub("", str(result.err)).strip(), location=(docname, line))
    else:
        say(f"  {docname}: {result.time:.1f} s")
    return result


def failed_cell(notebook) -> int:
    """Index of the code cell at which a run stopped: the last one that was started."""
    started = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and (cell.get("outputs") or cell.get("execution_count"))
    ]
    return started[-1] if started else 0


def say(line: str) -> None:
    sys.__stdout__.write(line + "\n")  # in one piece: several processes write
    sys.__stdout__.flush()


def follow_parent() -> None:
    """Let a process that reads chapters end with the build, however that ends, and with no word."""
    parent = multiprocessing.parent_process()
    if parent is None or any(thread.name == "follow" for thread in threading.enumerate()):
        return

    def wait():
        parent.join()
        os._exit(1)

    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    threading.Thread(target=wait, name="follow", daemon=True).start()
