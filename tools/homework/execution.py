"""What nbgrader runs for each submission: a kernel in the sandbox, and tame outputs."""

import os
import tempfile
from pathlib import Path
from subprocess import DEVNULL

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbgrader.preprocessors import Execute as NbgraderExecute
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Integer, Unicode

from tools.homework import sandbox


class SandboxedKernelManager(AsyncKernelManager):
    """Starts the kernel inside the sandbox; ``sandboxed`` makes the command."""

    sandboxed = None

    def format_kernel_cmd(self, extra_arguments=None):
        # A signal would reach bubblewrap only: interrupt by message.
        self.kernel_spec.interrupt_mode = "message"
        return self.sandboxed(super().format_kernel_cmd(extra_arguments))


class Execute(NbgraderExecute):
    """Run a submission, in the sandbox, and keep no more output than ``max_output``."""

    sandbox = Bool(True, help="Whether the kernel runs in bubblewrap").tag(config=True)
    checks = Unicode("", help="The module that hidden tests import").tag(config=True)
    homework = Unicode("", help="The folder of the sources, hidden in the sandbox").tag(config=True)
    max_output = Integer(200_000, help="Characters of output kept of a cell").tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self.kernel_name = "python3"
        self.used = {}
        if self.checks:
            # Loaded before the student's code, so that a later patch of NumPy does not reach it.
            self.extra_arguments = ["--IPKernelApp.exec_lines=import checks"]
        resources["metadata"]["path"] = self._submission(resources)
        with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
            return super().preprocess(nb, resources, km or self._kernel_manager(folder, resources))

    def setup_kernel(self, **kwargs):
        # The kernel manager is made here, so nbclient would leave the kernel running.
        # What the kernel's process itself prints is no output of a cell.
        if not self.sandbox:
            folders = [str(Path(self.checks).parent), os.environ.get("PYTHONPATH", "")]
            kwargs["env"] = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, folders))}
        return super().setup_kernel(cleanup_kc=True, stdout=DEVNULL, stderr=DEVNULL, **kwargs)

    def _submission(self, resources):
        """The folder of what the student handed in: it has no hidden tests."""
        converter = self.parent.parent
        folder = converter.coursedir.submitted_directory
        if type(converter).__name__ == "GenerateSolution":
            return converter._format_source(resources["nbgrader"]["assignment"], ".")
        return converter.coursedir.format_path(
            folder, resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        )

    def _kernel_manager(self, folder, resources):
        options = {"kernel_name": self.kernel_name, "connection_file": f"{folder}/kernel.json"}
        if not self.sandbox:
            return AsyncKernelManager(**options)  # by TCP, which every system has
        manager = SandboxedKernelManager(transport="ipc", **options)
        submission, checks = resources["metadata"]["path"], self.checks or None
        manager.sandboxed = lambda kernel: sandbox.command(
            kernel, submission, folder, self.homework, checks
        )
        return manager

    def output(self, outs, msg, display_id, cell_index):
        """Drop what a cell prints beyond the limit, but never its errors."""
        if self.used.get(cell_index, 0) > self.max_output and msg["msg_type"] != "error":
            return None
        # Each message costs a little even if it is empty.
        size = 100 + len(str(msg["content"]))
        self.used[cell_index] = self.used.get(cell_index, 0) + size
        return super().output(outs, msg, display_id, cell_index)


class Executed(NbGraderPreprocessor):
    """In place of Execute and what follows it: the notebook has run elsewhere."""

    notebook = Unicode(help="The notebook as it ran").tag(config=True)

    def preprocess(self, nb, resources):
        executed = nbformat.reads(self.notebook, as_version=4)
        graded = [(cell.source, cell.metadata.get("nbgrader")) for cell in nb.cells]
        if graded != [(cell.source, cell.metadata.get("nbgrader")) for cell in executed.cells]:
            raise ValueError("what came back is not the notebook that was sent")
        return executed, resources


class PlainOutputs(NbGraderPreprocessor):
    """Make outputs fit for marking and for the student's eyes.

    nbgrader gives 0 to a test that wrote to stderr: warnings become ordinary output.  A traceback
    shows the lines of hidden tests: only the error's name and message stay.
    """

    longest = Integer(20_000, help="Characters kept of one output").tag(config=True)

    def preprocess_cell(self, cell, resources, cell_index):
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.name = "stdout"
                output.text = self._cut(output.text)
            elif output.output_type == "error":
                output.evalue = self._cut(output.evalue)
                output.traceback = [f"{output.ename}: {output.evalue}".rstrip(": ")]
        return cell, resources

    def _cut(self, text):
        return text if len(text) <= self.longest else text[: self.longest] + " … (cut)"
