"""Starts a student's server in the sandbox, within its share of memory and processors.

The server asks everyone for the hub's word. Its kernels listen on no port: any program on this
machine could read what an open port of a kernel prints.
"""

import sys

import psutil
from jupyterhub.spawner import SimpleLocalProcessSpawner

from tools.hub import place, sandbox
from tools.hub.limits import Limits


def is_server(number, here, student):
    """Whether the process of this number is the student's server."""
    try:
        return str(here.student(student, "home")) in psutil.Process(number).cmdline()
    except psutil.Error:
        return False


class SandboxedSpawner(SimpleLocalProcessSpawner):
    async def start(self):
        here, student = place.from_environment(), self.user.name
        here.make(student)
        limits = self.limits
        limits.set()
        # Without control groups, each process by itself.
        memory = 0 if limits.values else self.mem_limit or 0
        program = [sys.executable, "-m", "jupyterhub.singleuser"]
        self.cmd = sandbox.command(here, student, program, memory)
        return await super().start()

    async def poll(self):
        status = await super().poll()
        if status is not None:
            self.limits.remove()
        return status

    async def _signal(self, sig):
        """Only to the server: once the machine was started anew, its number may be another's."""
        if not is_server(self.pid, place.from_environment(), self.user.name):
            return False
        return await super()._signal(sig)

    @property
    def limits(self):
        return Limits(self.user.name, self.mem_limit, self.cpu_limit)

    def make_preexec_fn(self, name):
        return self.limits.enter

    def user_env(self, env):
        env.pop("PYTHONPATH", None)
        return env | sandbox.environment(self.user.name)
