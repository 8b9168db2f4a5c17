"""What the hub's commands say when they cannot do what is asked."""

import os
import socket
import subprocess
import time
from dataclasses import replace

import pytest

from tools.homework.settings import HomeworkError
from tools.hub import __main__ as command
from tools.hub import place, sandbox, server, spawner


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    """Run a command with options; its exit code and what it wrote to stderr."""

    def ask(name, **options):
        monkeypatch.setenv("HUB_FOLDER", str(tmp_path / "hub"))
        for option, value in options.items():
            monkeypatch.setenv(option, value)
        return command.main([name]), capsys.readouterr().err.strip()

    return ask


def test_what_is_missing_is_named(asked):
    assert asked("collect") == (1, "Say HW=…, as in: make collect HW=definition")
    code, said = asked("collect", HW="no-such-homework")
    assert code == 1 and "There is no homework 'no-such-homework'" in said
    code, said = asked("collect", HW="definition")
    assert code == 1 and "No student has had a server yet" in said
    assert asked("rehearse", STUDENTS="one")[1].startswith("STUDENTS=one: give a whole number")
    assert asked("no-such-command")[0] == 2


def test_a_port_that_is_taken(here):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1] - 2
        with pytest.raises(HomeworkError, match="is in use; the hub needs three in a row"):
            server.prepare(replace(here, port=port))


def test_a_number_of_a_process_is_looked_at_before_it_is_ended(here):
    """After the machine was started anew, it may be another program's."""
    here.proxy_pid.write_text("1")
    assert not server._left_over(here) and not here.proxy_pid.exists()
    here.make("anna")
    assert not spawner.is_server(os.getpid(), here, "anna")
    command = sandbox.command(here, "anna", ["sleep", "60"])
    with subprocess.Popen(command) as process:
        try:
            for _ in range(100):
                if spawner.is_server(process.pid, here, "anna"):
                    break
                time.sleep(0.1)
            assert spawner.is_server(process.pid, here, "anna")
            assert not spawner.is_server(process.pid, here, "ben")
        finally:
            process.kill()


def test_a_name_that_is_no_folder_s_is_refused(here):
    for name in ("../anna", "Anna", "a+b", "", ".anna"):
        with pytest.raises(ValueError, match="is no name of a student"):
            here.student(name)
    assert here.student("anna.2", "home").parent == here.folder / "students" / "anna.2"


def test_settings_of_ones_own_are_found_from_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_SETTINGS", "mine.py")
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub@/hub")
    found = place.from_environment()
    assert found.settings == str(tmp_path / "mine.py")
    assert found.database == "postgresql+psycopg2://hub@/hub"
