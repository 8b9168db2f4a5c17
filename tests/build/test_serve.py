"""The server of `make serve` and of the tests."""

import gzip
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tools.book import serve

ROOT = Path(__file__).resolve().parents[2]


def get(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        return answer.headers, answer.read()


def test_what_it_sends_and_from_where(tmp_path):
    (tmp_path / "index.html").write_text("<p>" + "zero " * 1000)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" * 1000)
    with serve.running(tmp_path, under="/rectified/") as site:
        headers, body = get(site, **{"Accept-Encoding": "gzip, br"})
        assert headers["Content-Encoding"] == "gzip" and len(body) < 200
        assert gzip.decompress(body) == (tmp_path / "index.html").read_bytes()
        headers, body = get(site + "index.html?x=1")
        assert headers["Content-Encoding"] is None and body.startswith(b"<p>zero")
        headers, body = get(site + "picture.png", **{"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] is None and headers["Content-Type"] == "image/png"
        for nowhere in (site + "nothing.html", site.removesuffix("rectified/")):
            with pytest.raises(urllib.error.HTTPError):
                get(nowhere)


def test_a_port_in_use(book):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "tools.book.serve", "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr and f"PORT={port + 1}" in done.stderr
