"""What the hub's tests share."""

import socket
import sys

import pytest

from tools.homework.workers import Workers
from tools.hub.place import Place


def three_ports():
    """The first of three free ports in a row."""
    for port in range(20100, 32000, 7):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for probe, number in zip((one, two, three), range(port, port + 3), strict=True):
                    probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The place of a new hub."""
    if sys.platform != "linux":  # pytest lists it with its reason in its last lines
        pytest.skip("not run here: the sandbox of the students' servers needs Linux")
    place = Place(folder=tmp_path_factory.mktemp("hub"), port=three_ports())
    place.outbound.mkdir(parents=True)
    return place


@pytest.fixture(scope="session")
def workers():
    """Two processes that grade in the sandbox."""
    with Workers(2) as pool:
        yield pool
