"""The hub's settings; `make hub` starts it with them. A file of your own, HUB_SETTINGS=file,
is read last."""

import sys

from tools.hub import place, proxy
from tools.hub.authenticator import CourseAuthenticator
from tools.hub.spawner import SandboxedSpawner

c = get_config()  # noqa: F821
here = place.from_environment()
CULLER = ["-m", "jupyterhub_idle_culler", "--timeout=3600"]

c.JupyterHub.bind_url = here.address
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{here.port + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{here.port + 2}"
c.ConfigurableHTTPProxy.command = proxy.command()
c.ConfigurableHTTPProxy.log_level = "error"
c.JupyterHub.db_url = here.database or f"sqlite:///{here.folder / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(here.folder / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(here.proxy_pid)

# Who gets in: sign-up on the hub's page, and the teacher's word for each.
c.JupyterHub.authenticator_class = CourseAuthenticator
c.CourseAuthenticator.accounts = str(here.accounts)
c.Authenticator.admin_users = {place.TEACHER}
c.Authenticator.allow_all = True  # all whom the teacher has let in
c.Authenticator.username_pattern = f"^{place.STUDENT.pattern}$"
c.NativeAuthenticator.minimum_password_length = 10
c.NativeAuthenticator.check_common_password = True
c.NativeAuthenticator.allowed_failed_logins = 5
c.NativeAuthenticator.seconds_before_next_try = 300

# What each gets: a server in the sandbox, ended after an hour without a sign of life.
c.JupyterHub.spawner_class = SandboxedSpawner
c.Spawner.args = ["--ServerApp.log_level=WARN"]
c.Spawner.notebook_dir = "/students/{username}"
c.Spawner.default_url = "/lab"
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 1.0
c.LocalProcessSpawner.interrupt_timeout = 1  # nothing here listens to Ctrl-C
c.Spawner.start_timeout = 300  # a whole class comes in at once
c.Spawner.http_timeout = 300
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        # It ends with its hub, even if that is killed: the next hub starts one of its own.
        "command": ["setpriv", "--pdeathsig=TERM", sys.executable, *CULLER],
    }
]

if here.settings:
    load_subconfig(here.settings)  # noqa: F821
