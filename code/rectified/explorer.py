"""One picture that answers to the hand: in JupyterLab through the kernel, on a page without one.

`explore` is used in every chapter. With a kernel it shows ipywidgets, which draw again at each
move. On the published page, which has no kernel, it shows frames drawn at build time behind the
browser's own controls.
"""

import hashlib
import inspect
import itertools
import json
import math
import os
import re
from html import escape
from importlib.resources import files
from numbers import Real

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rectified import svg

__all__ = ["Explorer", "explore"]

MAX_FRAMES = 300
STYLE = files("rectified").joinpath("explorer.css").read_text("utf-8")
SCRIPT = files("rectified").joinpath("explorer.js").read_text("utf-8")


def explore(draw, /, *, default=None, label=None, play=False, **parameters):
    """Show the figure of `draw` with one or two controls that change it.

    Parameters
    ----------
    draw : callable
        Called as ``draw(name=value, …)``. Returns a fresh Matplotlib figure and one sentence that
        says what it shows, with the numbers that matter. The sentence stands under the figure and
        is its text alternative.
    default : dict, optional
        The controls' initial values, ``{name: value}``; a parameter that is not named starts at
        its first value. This frame is the one that is printed.
    label : str, optional
        A title of a few words, above the figure.
    play : bool, default False
        Add a button that runs through the first numeric parameter, if that is a time.
    **parameters : sequence of numbers or of strings
        One or two. Increasing numbers make a slider, strings make radio buttons; at most 300
        frames in all.

    Notes
    -----
    The `Explorer` that is returned shows itself as the last expression of a cell. Wrong arguments
    raise ``TypeError`` or ``ValueError`` at once; if `draw` itself fails, ``RuntimeError`` says for
    which value.

    A kernel draws one frame at a time. Where the environment variable ``RECTIFIED_STATIC`` is
    ``1``, as in the build of the book, every frame is drawn at once, and what is equal in
    several frames is kept once: fix the limits of the axes, and only the lines that move are
    written again.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rectified import relu
    >>> def draw(weight):
    ...     figure = Figure()
    ...     figure.subplots().plot([-1, 0, 1], relu(weight * np.array([-1, 0, 1])))
    ...     return figure, f"The unit rises with slope {abs(weight):g}."
    >>> explore(draw, weight=[-1, 0, 1, 2], default={"weight": 1})
    Explorer(weight=1: The unit rises with slope 1.)
    """
    return Explorer(draw, parameters, default or {}, label, play)


class Explorer:
    """What `explore` returns: shows itself live where there is a kernel, else as frames."""

    def __init__(self, draw, parameters, default, label=None, play=False):
        self.draw = draw
        self.parameters = {name: _values(name, values) for name, values in parameters.items()}
        if not 1 <= len(parameters) <= 2:
            raise ValueError(
                f"explore needs one or two parameters, such as slope=[0, 1], not {len(parameters)}"
            )
        frames = math.prod(len(values) for values in self.parameters.values())
        if frames > MAX_FRAMES:
            raise ValueError(
                f"{' and '.join(self.parameters)}: {frames} frames, more than {MAX_FRAMES}"
            )
        self.default = tuple(
            _default(name, values, default) for name, values in self.parameters.items()
        )
        if unknown := set(default) - set(parameters):
            raise ValueError(
                f"default names {min(unknown)!r}; the parameters are {', '.join(parameters)}"
            )
        try:
            inspect.signature(draw).bind(**parameters)
        except TypeError as error:
            raise TypeError(
                f"draw cannot be called with {', '.join(parameters)}: {error}"
            ) from None
        self.label = label
        sliders = [
            name for name, values in self.parameters.items() if not isinstance(values[0], str)
        ]
        if play and not sliders:
            raise ValueError(
                f"play needs a parameter of numbers; {', '.join(parameters)} holds strings"
            )
        self.played = sliders[0] if play else None
        self._layouts = {}  # of the frames drawn so far: see svg.draw_svg
        self._drawn = {self.default: self._draw(self.default)}
        if _for_a_page():  # now, so that a frame that fails makes the cell fail
            self._draw_all()

    def __repr__(self):
        return f"Explorer({self._at(self.default)}: {self._drawn[self.default][1]})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": repr(self)}
        if _for_a_page() or not _has_kernel():
            return bundle | {"text/html": self.html()}
        # Beside the live form one frame, for a reader of the saved notebook who has no kernel.
        return (
            bundle | {"text/html": self._figure(self._still())} | self.widget()._repr_mimebundle_()
        )

    def html(self):
        """Return the form that needs no kernel: figure, controls and script in one HTML fragment.

        Frames that have not been drawn yet are drawn now.
        """
        places = list(self._places())
        self._draw_all()
        sentences = [self._drawn[place][1] for place in places]
        key = json.dumps([self.label, *map(str, self.parameters.items()), *sentences])
        uid = "x" + hashlib.sha256(key.encode()).hexdigest()[:6]
        name = _Names(uid)
        drawings = [svg.read(self._drawn[place][0], name) for place in places]
        pieces, frames = _share([drawing.layers for drawing in drawings])
        first = places.index(self.default)

        still = svg.Drawing(drawings[first].width, drawings[first].height)
        for drawing in drawings:
            still.definitions |= drawing.definitions
        still.layers = [f"<g>{pieces[piece]}</g>" for piece in frames[first]]
        data = {"pieces": pieces, "frames": frames, "text": sentences}
        steps = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        controls = [self._control(uid, number) for number in range(len(self.parameters))]
        if self.played:
            controls.append("<button type=button>Play</button>")
        longest = escape(max(sentences, key=len))
        return self._figure(
            f"{_picture(still, sentences[first])}"
            f"<div class=controls>{''.join(controls)}</div>"
            f'<p class=readout role=status data-longest="{longest}">'
            f"<span>{escape(sentences[first])}</span></p>"
            f"<script type=application/json>{steps}</script><script>{SCRIPT}</script>"
        )

    def picture(self, uid, place=None):
        """Return one frame as HTML, with identifiers that begin with `uid`, and its sentence.

        `place` holds any values of the parameters, not only those of the frames; without it the
        first frame is meant. The page that runs asks for this.
        """
        drawn, sentence = self._drawn[self.default] if place is None else self._draw(place)
        return _picture(svg.read(drawn, _Names(uid)), sentence), sentence

    def widget(self):
        """Return the form that needs a kernel, an ipywidgets.VBox."""
        import ipywidgets  # only here, so that a page can be made where it is missing

        picture = ipywidgets.HTML()
        controls = {}
        for (name, values), value in zip(self.parameters.items(), self.default, strict=True):
            options = [(_text(option), option) for option in values]
            kind = ipywidgets.RadioButtons if isinstance(value, str) else ipywidgets.SelectionSlider
            controls[name] = kind(
                options=options,
                value=value,
                description=_spoken(name),
                style={"description_width": "initial"},
                layout={"width": "min(100%, 36em)"},
            )

        def show(change=None):
            place = tuple(control.value for control in controls.values())
            try:
                drawn, sentence = self._drawn[place] if change is None else self._draw(place)
            except (RuntimeError, TypeError) as error:
                picture.value = f"<p role=alert>{escape(str(error))}</p>"
                return
            uid = f"live{id(picture):x}"
            drawing = svg.read(drawn, _Names(uid))
            drawing.layers = [f"<g>{layer}</g>" for layer in drawing.layers]
            picture.value = (
                f'<figure class=rectified-explorer style="{LIVE_STYLE}">'
                f"{_picture(drawing, sentence)}"
                f"<p class=readout role=status>{escape(sentence)}</p></figure>"
            )

        for control in controls.values():
            control.observe(show, "value")
        show()
        rows = list(controls.values())
        if self.played:
            slider = controls[self.played]
            player = ipywidgets.Play(
                min=0, max=len(self.parameters[self.played]) - 1, value=slider.index, interval=250
            )
            ipywidgets.jslink((player, "value"), (slider, "index"))
            rows.append(player)
        title = [ipywidgets.HTML(f"<b>{escape(self.label)}</b>")] if self.label else []
        return ipywidgets.VBox([*title, picture, *rows])

    def _places(self):
        return itertools.product(*self.parameters.values())

    def _at(self, place):
        return ", ".join(
            f"{name}={_text(value)}" for name, value in zip(self.parameters, place, strict=True)
        )

    def _draw_all(self):
        for place in self._places():
            if place not in self._drawn:
                self._drawn[place] = self._draw(place)

    def _draw(self, place):
        """Return the SVG text and the sentence of one frame."""
        try:
            result = self.draw(**dict(zip(self.parameters, place, strict=True)))
            figure, sentence = result if isinstance(result, tuple) and len(result) == 2 else (0, 0)
            right = isinstance(figure, Figure) and isinstance(sentence, str) and sentence.strip()
            drawing = svg.draw_svg(figure, self._layouts) if right else None
        except Exception as error:
            where = f"{self._at(place)}: {type(error).__name__}: {error}"
            raise RuntimeError(f"draw failed at {where}") from error
        if not right:
            kind = type(result).__name__
            raise TypeError(
                f"draw({self._at(place)}) must return a figure and a sentence, not {kind}"
            )
        plt.close(figure)  # a figure left open would be shown a second time under the cell
        sentence = re.sub(r"[ \t\n]+", " ", sentence.strip())  # a no-break space stays
        sentence = re.sub(r"(?<!\w)-(?=\d)", "\N{MINUS SIGN}", sentence)
        sentence = re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", sentence)
        return drawing, sentence

    def _still(self):
        drawn, sentence = self._drawn[self.default]
        drawing = svg.read(drawn, _Names("still"))
        return f"{_picture(drawing, sentence)}<p class=readout>{escape(sentence)}</p>"

    def _figure(self, inside):
        label = escape(self.label or "Explorer: " + " and ".join(map(_spoken, self.parameters)))
        title = f"<p class=title>{label}</p>" if self.label else ""
        return (
            f'<figure class=rectified-explorer aria-label="{label}"><style>{STYLE}</style>'
            f"{title}{inside}</figure>"
        )

    def _control(self, uid, number):
        name, values = list(self.parameters.items())[number]
        at = values.index(self.default[number])
        spoken = escape(_spoken(name))
        if isinstance(values[0], str):
            buttons = "".join(
                f"<label><input type=radio name={uid}-{number} value={place} autocomplete=off"
                f"{' checked' if place == at else ''}> {escape(value)}</label>"
                for place, value in enumerate(values)
            )
            return f"<fieldset><legend>{spoken}</legend>{buttons}</fieldset>"
        texts = [_text(value) for value in values]
        played = " data-play" if name == self.played else ""
        return (
            f"<label><span>{spoken} = <output>{texts[at]}</output></span>"
            f"<input type=range min=0 max={len(values) - 1} value={at} autocomplete=off"
            f' aria-label="{spoken}" aria-valuetext={texts[at]}{played}'
            f" data-texts='{json.dumps(texts, separators=(',', ':'))}'></label>"
        )


# On a sheet of its own, so that a dark JupyterLab can show it.
LIVE_STYLE = "margin:0;padding:.5em;max-width:46em;background:#fff;color:#1f2933;color-scheme:light"


class _Names(dict):
    """Short identifiers, one explorer's own: the same thing has the same in each frame."""

    def __init__(self, uid):
        self.uid = uid

    def __call__(self, identifier):
        return self.setdefault(identifier, f"{self.uid}-{len(self)}")


def _share(frames):
    """Return the distinct pieces of several lists of layers, and each list as numbers of pieces.

    Layers that always follow each other make one piece.
    """
    follows, leads = {}, {}
    for layers in frames:
        for before, after in itertools.pairwise([None, *layers, None]):
            follows.setdefault(before, set()).add(after)
            leads.setdefault(after, set()).add(before)
    numbers, shared = {}, []
    for layers in frames:
        joined = []
        for before, layer in itertools.pairwise([None, *layers]):
            if before is not None and len(follows[before]) == len(leads[layer]) == 1:
                joined[-1] += layer
            else:
                joined.append(layer)
        shared.append([numbers.setdefault(piece, len(numbers)) for piece in joined])
    return list(numbers), shared


def _picture(drawing, sentence):
    return svg.write(drawing, f' role=img aria-label="{escape(sentence)}"')


def _values(name, values):
    if isinstance(values, str):
        raise TypeError(f"{name} must be a list of values, not the string {values!r}")
    try:
        values = tuple(value.item() if isinstance(value, np.generic) else value for value in values)
    except TypeError:
        raise TypeError(f"{name} must be a list of values, not {values!r}") from None
    if not values:
        raise ValueError(f"{name} has no value")
    if all(isinstance(value, str) for value in values):
        if len(set(values)) < len(values):
            raise ValueError(f"{name} has a value twice: {', '.join(values)}")
        return values
    for value in values:
        if not isinstance(value, Real) or isinstance(value, bool):
            raise TypeError(
                f"{name} must hold numbers only or strings only, not {value!r} among others"
            )
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite, not {value}")
    for before, after in itertools.pairwise(values):
        if after <= before:
            raise ValueError(f"{name} must increase; {after:g} comes after {before:g}")
    return values


def _default(name, values, default):
    if name not in default:
        return values[0]
    for value in values:
        near = (
            not isinstance(value, str)
            and isinstance(default[name], Real)
            and math.isclose(value, default[name], abs_tol=1e-12)
        )
        if value == default[name] or near:
            return value
    raise ValueError(
        f"default {name}={default[name]!r} is not among the values {', '.join(map(_text, values))}"
    )


def _text(value):
    return value if isinstance(value, str) else f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def _spoken(name):
    return name.replace("_", " ")


def _for_a_page():
    """Whether a page without a kernel is being built."""
    return os.environ.get("RECTIFIED_STATIC") == "1"


def _has_kernel():
    """Whether this is Jupyter, where somebody can move a live control."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
