"""The values for Kubernetes say what `make hub` says, in settings that JupyterHub has."""

import secrets
from pathlib import Path

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from traitlets.config import PyFileConfigLoader

HUB = Path(__file__).parents[2] / "tools/hub"


@pytest.fixture(scope="module")
def values():
    return yaml.safe_load((HUB / "kubernetes.yaml").read_text("utf-8"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The configuration of `make hub`."""
    monkeypatch.setenv("HUB_FOLDER", str(tmp_path))
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", secrets.token_hex())
    return PyFileConfigLoader("jupyterhub_config.py", str(HUB)).load_config()


def test_settings_of_the_hub_are_those_that_it_has(values):
    settings = values["hub"]["config"]
    for known in (JupyterHub, Authenticator):
        for name in settings[known.__name__]:
            assert name in known.class_trait_names(config=True), f"{known.__name__}.{name}"


def test_shares_of_the_machine_are_the_same(values, here):
    student = values["singleuser"]
    assert student["memory"]["limit"] == here.Spawner.mem_limit
    assert student["cpu"]["limit"] == here.Spawner.cpu_limit
    assert values["hub"]["config"]["Authenticator"] == {
        "admin_users": sorted(here.Authenticator.admin_users),
        "allow_all": here.Authenticator.allow_all,
    }
    culler = " ".join(" ".join(each["command"]) for each in here.JupyterHub.services)
    assert values["cull"]["enabled"] and f"--timeout={values['cull']['timeout']}" in culler
