"""Which repository a site is built from, and the addresses that follow from it.

The site of a fork links to the fork and launches the fork. Where nothing is known there is no
repository, and then the pages show no button.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
LAUNCH_BRANCH = "binder"  # what `make binder` assembles, see binder.py
GITHUB = re.compile(
    r"(?:https://(?:[^@/]+@)?github\.com/|(?:ssh://)?git@github\.com[:/])"
    r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub, ``name`` being ``owner/repository``."""

    name: str
    branch: str = "main"

    @property
    def url(self) -> str:
        return f"https://github.com/{self.name}"

    def source(self, path: str) -> str:
        """Address of a file in the repository, for instance ``chapters/definition.md``."""
        return f"{self.url}/blob/{self.branch}/{quote(path)}"

    def launch(self, path: str) -> str:
        """Address that opens a file of the Binder tree as a notebook in JupyterLab."""
        target = quote(f"lab/tree/{path}", safe="")
        return f"https://mybinder.org/v2/gh/{self.name}/{LAUNCH_BRANCH}?urlpath={target}"


def find_repository(root: Path = ROOT) -> Repository | None:
    """The repository named by ``GITHUB_REPOSITORY``, else by the remote ``origin``, else None.

    An empty ``GITHUB_REPOSITORY`` says that there is none.
    """
    name = os.environ.get("GITHUB_REPOSITORY")
    if name is not None:
        return Repository(name) if re.fullmatch(r"[\w.-]+/[\w.-]+", name) else None
    # Git must not search above the root: a book unpacked inside another repository has no origin.
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent)}
    try:
        origin = subprocess.run(
            ["git", "-C", str(root), "remote", "get-url", "origin"],
            capture_output=True,
            text=True,
            env=environment,
        )
    except OSError:  # no git on this machine
        return None
    match = GITHUB.fullmatch(origin.stdout.strip())
    return Repository(match["name"]) if match else None
