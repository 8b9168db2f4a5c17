"""Serve the book on this machine: http://127.0.0.1:8000/

    python -m tools.book.serve [--port 8000] [--under /rectified/]

Fetches the runtime and builds the book first, if they are not up to date. Tornado, which the
kernels need anyway, sends text compressed as the usual hosts do; the tests of the pages weigh what
they receive from it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import sys
import threading
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, GZipContentEncoding, StaticFileHandler

from tools.book.inputs import ROOT

# Static hosts compress it; Tornado by itself does not.
GZipContentEncoding.CONTENT_TYPES = {*GZipContentEncoding.CONTENT_TYPES, "application/wasm"}


class Files(StaticFileHandler):
    """The files of a folder; a browser asks each time whether they are new."""

    def set_extra_headers(self, path):
        self.set_header("Cache-Control", "no-cache")


@contextlib.contextmanager
def running(folder: Path, under: str = "/", port: int = 0):
    """Serve a folder in the background, below one path; gives its address. Port 0: any free one."""
    under = "/" + under.strip("/") + "/" if under.strip("/") else "/"
    sockets = bind_sockets(port, "127.0.0.1")
    files = (f"{under}(.*)", Files, {"path": str(folder), "default_filename": "index.html"})
    loop = asyncio.new_event_loop()

    def serve():
        asyncio.set_event_loop(loop)
        quiet = {"compress_response": True, "log_function": lambda handler: None}
        HTTPServer(Application([files], **quiet)).add_sockets(sockets)
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}{under}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def main() -> int | str:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--under", default="/", help="serve below this path, as GitHub Pages does")
    options = parser.parse_args()
    # Without a network the book is served without its doors; the fetch says so, and goes on.
    subprocess.run([sys.executable, "-m", "tools.book.runtime"], cwd=ROOT)
    failed = subprocess.run([sys.executable, "-m", "tools.book"], cwd=ROOT).returncode
    if failed:
        return failed
    try:
        with running(ROOT / "_build" / "html", options.under, options.port) as address:
            print(f"The book is at {address}  (Ctrl-C stops)", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
    except OSError as problem:
        another = f"Take another one:  make serve PORT={options.port + 1}"
        return f"Port {options.port} cannot be used ({problem.strerror}). {another}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
