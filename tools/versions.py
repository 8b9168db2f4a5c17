"""Run the package's tests with other versions of what it depends on.

python -m tools.versions oldest     the oldest minor versions that pyproject.toml allows
python -m tools.versions newest     the newest versions there are

Both read the versions from pyproject.toml. Tox and nox would have to be told the oldest ones again;
uv's `--resolution lowest-direct` finds NumPy 2.0.0, with its first bugs, where this takes 2.0.2.
"""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ["pytest", "hypothesis", "scipy", "scikit-learn"]


def requirements(which: str) -> list[str]:
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = metadata["project"]["dependencies"]
    if which == "newest":
        return wanted
    return [re.sub(r">=([\d.]+).*", r"==\1.*", each) for each in wanted]


def main(which: str) -> int:
    folder = ROOT / "_build" / which
    venv.create(folder, clear=True, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = requirements(which)
    print("Testing with", *wanted, flush=True)
    subprocess.run([*install, *wanted, *TESTS], check=True)
    subprocess.run([*install, "--no-deps", ROOT], check=True)
    return subprocess.run([python, "-m", "pytest", "tests/package"], cwd=ROOT).returncode


if __name__ == "__main__":
    if sys.argv[1:] not in (["oldest"], ["newest"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
