"""What the homework's tests share."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

collect_ignore = ["course"]


@pytest.fixture(scope="session")
def workers():
    """Two processes that grade in the sandbox, for all tests."""
    if sys.platform != "linux":  # pytest lists it with its reason in its last lines
        pytest.skip("not run here: the sandbox of the submissions needs Linux")
    from tools.homework.workers import Workers

    with Workers(2) as pool:
        yield pool
