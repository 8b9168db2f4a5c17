"""What the homework's tests share."""

import sys

import pytest

from tools.homework.workers import Workers

collect_ignore = ["course"]


@pytest.fixture(scope="session")
def workers():
    """Two processes that grade in the sandbox, for all tests."""
    if sys.platform != "linux":  # pytest lists it with its reason in its last lines
        pytest.skip("not run here: the sandbox of the submissions needs Linux")
    with Workers(2) as pool:
        yield pool
