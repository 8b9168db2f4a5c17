"""Matplotlib figures as SVG whose ink follows the page: light, dark or print.

Matplotlib writes SVG for a file of its own. On a page, identifiers must be unique, axes and text
take the ink and the font of the page around them, and text grows where a narrow screen shrinks the
figure. `read` takes a drawing apart into layers, in painting order, so that two drawings can share
the layers that are equal (see `explorer`). `write` puts one drawing together again. Nothing is made
smaller: compressed, as a server sends them, pages would gain little.
"""

import io
import re
from dataclasses import dataclass, field
from html import escape
from xml.etree import ElementTree

from matplotlib import rc_context
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.textpath import text_to_path

from rectified.figures import ACTIVATION_STYLES

__all__ = ["Drawing", "draw_svg", "read", "write"]

# The ink of style.mplstyle on white: how a figure looks where no page says otherwise.
INK, PAPER = "#1f2933", "#ffffff"
FONT = "var(--fig-font,system-ui,sans-serif)"
NIGHT = "#14181d"  # the darkest paper of a page
# Channels that differ by less make a neutral colour, which follows the page; others stay.
GREY_SPREAD = 24
# From where text grows, in place of from the origin.
FROM = "transform-box:fill-box;transform-origin:{}"
# Plain text has this font, which the page's replaces. Formulas, placed letter by letter, have
# 'DejaVu Sans' alone, and keep a font of its widths.
PLAIN_FONT = "'DejaVu Sans', sans-serif"


def _renderer(width, height, output, image_dpi=72):
    """A writer of SVG that keeps the formulas it has set: frames of one explorer share them."""
    renderer = RendererSVG(width, height, output, image_dpi=image_dpi, metadata={"Date": None})
    renderer._text2path = text_to_path
    return renderer


class _Canvas(FigureCanvasSVG):
    """A canvas that measures all figures' text with one renderer, which remembers it."""

    measuring = _renderer(1, 1, io.StringIO())

    def get_renderer(self):
        return self.measuring


@dataclass
class Drawing:
    """One figure: its size in points, what it refers to, and its layers in painting order."""

    width: float
    height: float
    definitions: dict[str, str] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)


def draw_svg(figure, layouts=None):
    """Return `figure` as Matplotlib's SVG, transparent, equal to the byte in every run.

    `layouts` is a dictionary that several figures share: where one is as the one before in all that
    decides where its axes stand, they are put there, which takes half as long as to find out.
    """
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_facecolor("none")
        for artist in axes.get_children():
            artist.set_animated(False)  # else it is left out
    text, canvas, room = io.StringIO(), _Canvas(figure), None
    if layouts is not None:
        room = _room(figure)
        if room in layouts:
            figure.set_layout_engine("none")
            for axes, place in zip(figure.axes, layouts[room], strict=True):
                axes.set_position(place)
    with rc_context({"svg.hashsalt": "rectified", "svg.fonttype": "none"}):
        # Not savefig, which draws twice, nor print_svg, which measures each text anew.
        width, height = figure.get_size_inches()
        writer = _renderer(72 * width, 72 * height, text, figure.dpi)
        renderer = MixedModeRenderer(figure, width, height, figure.dpi, writer)
        figure.dpi = 72
        canvas.figure.draw(renderer)
        renderer.finalize()
    if room is not None:
        layouts[room] = [axes.get_position(original=True) for axes in figure.axes]
    return text.getvalue()


def _room(figure):
    """Return all that decides where the axes of a figure stand; None where more might."""
    if figure.legends or figure.texts or figure.subfigs or figure.get_layout_engine() is None:
        return None
    found = [tuple(figure.get_size_inches())]
    for axes in figure.axes:
        spec, legend = axes.get_subplotspec(), axes.get_legend()
        drawn = {*axes.lines, *axes.collections, *axes.patches, *axes.images}
        usual = {*drawn, *axes.texts, *axes.spines.values(), *axes._axis_map.values(), axes.patch}
        usual |= {legend, axes.title, axes._left_title, axes._right_title}
        unclipped = any(not artist.get_clip_on() for artist in drawn)
        if spec is None or unclipped or not usual.issuperset(axes.get_children()):
            return None
        texts = [*axes.texts, axes.title, axes._left_title, axes._right_title]
        grid = spec.get_gridspec()
        found += [
            (*spec.get_geometry(), grid.get_width_ratios(), grid.get_height_ratios()),
            (axes.get_aspect(), axes.axison, axes.get_xscale(), axes.get_yscale()),
            (axes.get_xlim(), axes.get_ylim()),
            [(text.get_text(), text.get_position(), text.get_size()) for text in texts],
            legend and [text.get_text() for text in legend.get_texts()],
        ]
        for axis in axes._axis_map.values():
            ticks, labels = axis.get_major_locator(), axis.get_major_formatter()
            found += [
                (axis.get_label_text(), axis.get_visible(), type(ticks), type(labels)),
                (getattr(ticks, "locs", None), getattr(labels, "seq", None)),
            ]
    return repr(found)


def read(svg, name=lambda identifier: identifier):
    """Take apart an SVG text that Matplotlib wrote; `name` names an identifier on the page."""
    root = ElementTree.fromstring(svg)
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    drawing = Drawing(width, height)
    referred = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))

    def text(element, of_y_axis=False):
        tag = element.tag.rpartition("}")[2]
        if tag in ("metadata", "style"):
            return ""
        if tag == "defs":
            for child in element:
                drawing.definitions[name(child.get("id"))] = text(child)
            return ""
        attributes = {}
        for key, value in element.items():
            key = key.rpartition("}")[2]
            if key != "id":
                attributes[key] = _on_page(key, value, name)
            elif value in referred:
                attributes[key] = name(value)
        identifier = element.get("id") or ""
        of_y_axis = of_y_axis or identifier.startswith("ytick_")
        inside = "".join(text(child, of_y_axis) for child in element)
        if identifier.startswith("text_") and inside.count("<text") > 1:
            # Lines below each other grow together: else they would touch.
            inside = re.sub(r"calc\(var\(--fig-text,1\)\*([\d.]+px)\)", r"\1", inside)
            inside = inside.replace(" scale(var(--fig-text,1))", "")
            starts = set(re.findall(r"translate\(([\d.]+)", inside))
            place = FROM.format("center" if len(starts) > 1 else "left bottom")
            attributes["style"] = f"{place};transform:scale(var(--fig-text,1))"
        if tag == "g" and inside.startswith("<text><tspan") and "transform" in attributes:
            # A formula grows with the other text, all its letters together.
            transform = f"transform: {_css(attributes.pop('transform'))} scale(var(--fig-text,1))"
            if of_y_axis:  # it ends at the axis, and must not grow over it
                transform = f"{FROM.format('right')};{transform}"
            attributes["style"] = f"{attributes.get('style', '')}; {transform}"
        if tag in ("text", "tspan") and not len(element):
            inside = escape(element.text or "")
        if tag == "text" and attributes.get("transform", "").startswith("rotate(-90"):
            # The label of a y axis makes room for the numbers beside it, which grow towards it.
            attributes["style"] += ";translate:calc(24px*(1 - var(--fig-text,1)))"
        if tag == "g" and not attributes:
            return inside
        written = "".join(f" {key}='{escape(value)}'" for key, value in attributes.items() if value)
        return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"

    def layers(element):
        for child in element:
            if (child.get("id") or "").startswith(("figure_", "axes_")):
                yield from layers(child)
            else:
                yield text(child)

    drawing.layers = [layer for layer in layers(root) if layer]
    return drawing


def write(drawing, attributes=""):
    """Return `drawing` as one <svg>; `attributes` are further ones, each after a space."""
    definitions = "".join(drawing.definitions.values())
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg'{attributes} "
        f"viewBox='0 0 {drawing.width:g} {drawing.height:g}' "
        f"stroke-linejoin='round' stroke-linecap='butt' "
        # Matplotlib's points are 3/4 of a page's pixels; on a narrow screen the figure shrinks.
        f"style='fill:{_page_colour('#000000')};font-family:{FONT};"
        f"width:100%;max-width:{drawing.width / 0.75:.0f}px'>"
        f"<defs>{definitions}</defs>{''.join(drawing.layers)}</svg>"
    )


def _on_page(key, value, name):
    """Return an attribute's value with the page's identifiers, colours and font."""
    if key == "href" and value.startswith("#"):
        return "#" + name(value[1:])
    value = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{name(found[1])})", value)
    if key == "style":
        rules = dict(rule.strip().split(": ", 1) for rule in value.split(";") if rule.strip())
        if rules.get("font-family") == PLAIN_FONT:
            del rules["font-family"]
        if "font-family" in rules:
            rules["font-family"] += ",Verdana,sans-serif"
        elif "font-size" in rules:
            rules["font-size"] = f"calc(var(--fig-text,1)*{rules['font-size']})"
        value = ";".join(f"{property}:{setting}" for property, setting in rules.items())
    if key in ("style", "fill", "stroke"):
        value = re.sub(r"#[0-9a-fA-F]{6}\b", lambda found: _page_colour(found[0].lower()), value)
    return value


def _css(transform):
    """Return an SVG transform, of shifts and turns, as CSS writes it."""
    transform = re.sub(r"translate\(([-\d.]+) ([-\d.]+)\)", r"translate(\1px,\2px)", transform)
    return re.sub(r"rotate\(([-\d.]+)\)", r"rotate(\1deg)", transform)


def _page_colour(colour):
    """Return the CSS for `colour`: neutral ones are mixed from the page's ink and paper.

    An activation's colour is lighter on a dark page. Any other stays: a colour map must not change.
    """
    channels = _channels(colour)
    if max(channels) - min(channels) > GREY_SPREAD:
        return LIGHT_DARK.get(colour, colour)
    dark, light = sum(_channels(INK)), sum(_channels(PAPER))
    share = round(100 * min(1, (light - sum(channels)) / (light - dark)))
    if share == 100:
        return f"var(--fig-ink,{INK})"
    if share == 0:
        return f"var(--fig-paper,{PAPER})"
    return f"color-mix(in srgb,var(--fig-ink,{INK}) {share}%,var(--fig-paper,{PAPER}))"


def _channels(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _lighter(colour):
    """Return `colour` mixed with as much white as it needs to be read on a dark page."""

    def luminance(channels):
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (c / 255 for c in channels)
        ]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    channels = _channels(colour)
    while (luminance(channels) + 0.05) / (luminance(_channels(NIGHT)) + 0.05) < 5:
        channels = [min(255, c + 2 + (255 - c) // 64) for c in channels]
    return "#" + "".join(f"{c:02x}" for c in channels)


LIGHT_DARK = {
    style["color"]: f"light-dark({style['color']},{_lighter(style['color'])})"
    for style in ACTIVATION_STYLES.values()
}
