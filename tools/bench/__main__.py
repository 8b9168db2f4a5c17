"""Measure one part, or all of them, one after the other:  make bench PART=build

python -m tools.bench PART [option ...]     PART --help shows the options of a part
"""

import sys
from importlib import import_module

PARTS = {
    "build": "a build from nothing, with nothing changed, with one chapter changed",
    "homework": "what grading a class of 40 costs in the sandbox, here and on a cluster",
    "lite": "JupyterLite beside the book: bytes and seconds, cold and warm",
    "live": "the page that runs: bytes, seconds to the first output, chapters beside CPython",
    "package": "the activations and a training step (shown, not judged)",
    "page": "the built pages: weight, requests, latency of explorers, Lighthouse",
    "search": "the searches for the settings of the chapters, again: hours, so not among all",
}
ALL = [name for name in PARTS if name != "search"]


def main(arguments: list[str]) -> int | str:
    part, *options = arguments or [""]
    lines = [
        f"  {name:10}{text}" for name, text in {**PARTS, "all": "every part but the last"}.items()
    ]
    text = f"{__doc__}\nParts:\n" + "\n".join(lines)
    if part in ("", "help", "-h", "--help") or (part == "all" and {"-h", "--help"} & {*options}):
        print(text)
        return 0
    if part not in PARTS and part != "all":
        return f"There is no part {part!r}.\n\n{text}"
    failed = []
    for name in ALL if part == "all" else [part]:
        print(f"\n== {name}\n", flush=True)
        sys.argv = [f"tools.bench {name}", *options]
        failed += [name] if import_module(f"tools.bench.{name}").main() else []
    return "Over the bar: " + ", ".join(failed) if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
