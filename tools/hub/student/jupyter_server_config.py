"""What Jupyter is told in a student's server."""

c = get_config()  # noqa: F821
# No port that other students' programs could listen to: the kernels speak by files.
c.ConnectionFileMixin.transport = "ipc"
# Pages for teachers, and a search for programs that are not there.
c.ServerApp.jpserver_extensions = {
    "jupyter_lsp": False,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.course_list": False,
}
