"""JupyterLite beside the book: megabytes over the wire and seconds, cold and warm.

Cold is a browser that has been nowhere; warm is the same browser in a new tab. The bytes are
counted between server and browser, whoever in the browser asked for them.
"""

import argparse
import asyncio
import tempfile
import threading
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from tools.book import chromium, serve
from tools.book.inputs import ROOT

LONGEST = 600_000  # milliseconds
STATUS = ".jp-Notebook-ExecutionIndicator"
RAN = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    return /\\d/.test(prompts[0].textContent) && !prompts.some(each => /\\*/.test(each.textContent))
}"""


class Counter:
    """A relay on this machine that counts what a server sends."""

    def __init__(self, port: int):
        self.server_port, self.sent = port, 0

    async def relay(self, reader, writer) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)

        async def pump(source, sink, count):
            while data := await source.read(65536):
                self.sent += len(data) if count else 0
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(
            pump(reader, to_server, False), pump(from_server, writer, True), return_exceptions=True
        )

    def start(self) -> str:
        """Serve in the background for as long as this program runs; gives the address."""
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        start = asyncio.start_server(self.relay, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(start, loop).result()
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def visit(context, address: str) -> tuple[float, float, float]:
    """Open a notebook and run all of it; seconds until it shows, Python answers, all has run."""
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=LONGEST)
    shown = time.perf_counter() - start
    page.locator(f'{STATUS}:not([data-status="idle"])').wait_for(timeout=LONGEST)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    first = "() => /\\d/.test(document.querySelector('.jp-CodeCell .jp-InputPrompt').textContent)"
    page.wait_for_function(first, timeout=LONGEST)
    answered = time.perf_counter() - start
    page.wait_for_function(RAN, timeout=LONGEST)
    ran = time.perf_counter() - start
    page.close()
    return shown, answered, ran


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", default=["chapters/definition"])
    options = parser.parse_args()
    book = ROOT / "_build" / "html"
    if not (book / "lite").exists():
        raise SystemExit("There is no JupyterLite yet: make runtime book")
    with ExitStack() as stack:
        site = stack.enter_context(serve.running(book))
        playwright = stack.enter_context(sync_playwright())
        counter = Counter(urlsplit(site).port)
        path, arguments = chromium.find(), chromium.arguments()
        print(f"{'notebook':24}{'':6}{'MB':>7}   seconds: shown, first cell, all cells", flush=True)
        address = counter.start()
        for name in options.notebooks:
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            # With a profile on disk: one in memory keeps no large file.
            context = playwright.chromium.launch_persistent_context(
                profile,
                executable_path=path,
                args=arguments,
                viewport={"width": 1280, "height": 900},
            )
            for kind in ("cold", "warm"):
                before = counter.sent
                times = visit(context, f"{address}lite/notebooks/index.html?path={name}.ipynb")
                size = (counter.sent - before) / 1e6
                seconds = "".join(f"{each:9.1f}" for each in times)
                print(f"{name:24}{kind:6}{size:7.1f}{seconds}", flush=True)
            context.close()


if __name__ == "__main__":
    main()
