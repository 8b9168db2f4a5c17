"""IPython's settings for the kernels of the build, and of nothing else.

On the page a figure is SVG without a background, so that it fits light and dark, and carries no
date, so that two builds are equal to the byte. In JupyterLab figures stay IPython's default PNG.
"""

c = get_config()  # noqa: F821  (IPython puts it there)
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight",
    "facecolor": "none",
    "edgecolor": "none",
    "metadata": dict.fromkeys(["Creator", "Date", "Format", "Type"]),
}
c.HistoryManager.enabled = False
c.IPKernelApp.log_level = 40  # not the warning that the kernel listens on 127.0.0.1
