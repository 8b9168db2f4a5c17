"""The preview image of each page, for where its link is posted: the title beside the hinge.

sphinxext-opengraph draws such images too. It wants the site's address in the configuration, where
ours follows the repository, and it writes the tags of the page's head, which the theme has.
"""

from pathlib import Path
from textwrap import fill

from matplotlib.figure import Figure

WIDTH, HEIGHT = 1200, 630


def write_cards(app, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(app.env.found_docs):
        title = app.env.titles[name].astext() if name in app.env.titles else name
        target = folder / f"{name.replace('/', '-')}.png"
        card(title, app.config.html_title or "").savefig(target, metadata={"Software": None})


def card(title: str, book: str) -> Figure:
    """Draw one card."""
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100, facecolor="#14181d")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.set_axis_off()
    axes.plot(
        [760, 940, 1120],
        [150, 150, 470],
        color="#f0703a",
        linewidth=16,
        solid_joinstyle="miter",
        solid_capstyle="butt",
        zorder=3,
    )
    axes.plot([720, 1160], [141, 141], color="#4a5560", linewidth=2)
    axes.plot([940, 940], [80, 520], color="#4a5560", linewidth=2)
    axes.text(
        80,
        350,
        fill(title, 18),
        color="#f4f5f7",
        fontsize=40,
        fontweight="bold",
        va="center",
        fontfamily="DejaVu Sans",
    )
    if title != book:
        axes.text(80, 70, book, color="#9aa5b1", fontsize=20, fontfamily="DejaVu Sans")
    return figure
