"""Serve the book on this machine: http://127.0.0.1:8000/

    python -m tools.book.serve [--port 8000] [--under /rectified/]

Builds the book first if it is not up to date. Text is sent compressed, as the usual hosts do.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import gzip
import subprocess
import sys
import threading
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
COMPRESSED = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt", ".md", ".ipynb", ".xml")


@lru_cache(maxsize=512)
def compressed(path: str, modified: float) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 6, mtime=0)


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, below one path, compressed when the browser takes gzip."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
        ".ipynb": "application/x-ipynb+json",
        ".md": "text/markdown; charset=utf-8",
    }

    def __init__(self, *arguments, under: str = "/", **options):
        self.under = under
        super().__init__(*arguments, **options)

    def log_message(self, *arguments):
        """A line for every file says nothing to a reader."""

    def send_head(self):
        if not self.path.startswith(self.under):
            self.send_error(404, f"The book is at {self.under}")
            return None
        self.path = "/" + self.path[len(self.under) :]
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path = path / "index.html"
        takes_gzip = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (takes_gzip and path.suffix in COMPRESSED and path.is_file()):
            return super().send_head()
        body = compressed(str(path), path.stat().st_mtime)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)
        return None

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would share a port in use

    def handle_error(self, request, client_address):
        """A browser that goes away in the middle is no error of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def server(folder: Path, port: int = 0, under: str = "/") -> Server:
    """A server of one folder on 127.0.0.1, not yet running; port 0 takes any free one."""
    under = "/" + under.strip("/") + "/" if under.strip("/") else "/"
    return Server(("127.0.0.1", port), partial(Handler, directory=str(folder), under=under))


@contextlib.contextmanager
def running(folder: Path, under: str = "/"):
    """Serve a folder in the background; gives its address, for instance http://127.0.0.1:41234/"""
    with server(folder, under=under) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        base = under.strip("/") + "/" if under.strip("/") else ""
        try:
            yield f"http://127.0.0.1:{http.server_port}/{base}"
        finally:
            http.shutdown()


def main() -> int | str:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--under", default="/", help="serve below this path, as GitHub Pages does")
    options = parser.parse_args()
    failed = subprocess.run([sys.executable, "-m", "tools.book"], cwd=ROOT).returncode
    if failed:
        return failed
    try:
        http = server(HTML, options.port, options.under)
    except OSError as problem:
        if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is in use" if problem.errno == errno.EADDRINUSE else "may not be used by you"
        return f"Port {options.port} {why}. Take another one:  make serve PORT={options.port + 1}"
    with http, contextlib.suppress(KeyboardInterrupt):
        base = options.under.strip("/") + "/" if options.under.strip("/") else ""
        print(f"The book is at http://127.0.0.1:{options.port}/{base}  (Ctrl-C stops)", flush=True)
        http.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
