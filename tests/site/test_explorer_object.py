"""The explorer by itself: errors, the two forms, frames that share what does not change."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from rectified import svg
from rectified.explorer import explore


def draw(slope, kind="line"):
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot([-1, 0, 1], [-slope, 0, 1], "-" if kind == "line" else "o")
    axes.set(xlim=(-1, 1), ylim=(-1, 1), xlabel="input")
    return figure, f"A {kind} of slope {slope:g} that ends at {-slope:g}."


def data(explorer):
    found = re.search("<script type=application/json>(.*?)</script>", explorer.html(), re.S)
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "one or two parameters", {}),
        (ValueError, "one or two parameters", {"slope": [1], "kind": ["a"], "more": [1]}),
        (ValueError, "slope has no value", {"slope": []}),
        (ValueError, "slope: 301 frames, more than 300", {"slope": range(301)}),
        (ValueError, "slope and kind: 302 frames", {"slope": range(151), "kind": ["a", "b"]}),
        (ValueError, "slope must be finite, not nan", {"slope": [0.0, np.nan]}),
        (ValueError, "slope must increase; 1 comes after 2", {"slope": [2, 1]}),
        (ValueError, "kind has a value twice", {"slope": [1], "kind": ["a", "a"]}),
        (ValueError, "default slope=3 is not among the values 1, 2", {"slope": [1, 2]}),
        (ValueError, "default names 'slop'", {"slope": [1, 2]}),
        (TypeError, "slope must be a list of values, not 3", {"slope": 3}),
        (TypeError, "slope must be a list of values, not the string 'ab'", {"slope": "ab"}),
        (TypeError, "slope must hold numbers only or strings only", {"slope": [1, "a"]}),
        (TypeError, "draw cannot be called with steep", {"steep": [1]}),
    ],
)
def test_errors_name_the_parameter(error, words, arguments):
    default = {"slope": 3} if "slope=3" in words else {"slop": 1} if "slop'" in words else None
    with pytest.raises(error, match=re.escape(words)):
        explore(draw, default=default, **arguments)


def test_draw_that_fails_is_named_with_its_value(monkeypatch):
    monkeypatch.setenv("RECTIFIED_STATIC", "1")

    def fail(slope):
        1 / (slope - 0.5)
        return draw(slope)

    with pytest.raises(RuntimeError, match="draw failed at slope=0.5: ZeroDivisionError"):
        explore(fail, slope=[0, 0.5, 1])
    for wrong in (None, draw(1)[0], (draw(1)[0], ""), ("text", "text"), (draw(1)[0], 3)):
        with pytest.raises(TypeError, match=re.escape("draw(slope=1) must return a figure and")):
            explore(lambda slope, wrong=wrong: wrong, slope=[1])


def test_default_must_be_a_parameter_that_plays():
    with pytest.raises(ValueError, match="play needs a parameter of numbers"):
        explore(lambda kind: draw(1, kind), kind=["line"], play=True)


def test_draw_runs_once_a_frame(monkeypatch):
    monkeypatch.setenv("RECTIFIED_STATIC", "1")
    calls = []

    def counted(slope, kind):
        calls.append((slope, kind))
        return draw(slope, kind)

    explorer = explore(counted, slope=[0, 1, 2], kind=["line", "dots"])
    explorer._repr_mimebundle_()
    explorer.html()
    assert len(calls) == len(set(calls)) == 6


def test_with_a_kernel_only_the_frame_that_is_seen_is_drawn(monkeypatch):
    monkeypatch.delenv("RECTIFIED_STATIC", raising=False)
    calls = []
    explore(lambda slope: (calls.append(slope), draw(slope))[1], slope=range(200))
    assert calls == [0]


def test_figures_are_closed():
    explore(lambda slope: (plt.figure(), "A figure that pyplot made."), slope=[1, 2]).html()
    assert not plt.get_fignums()


def test_frames_share_what_does_not_change():
    explorer = explore(draw, slope=np.linspace(0, 1, 21))
    frames = data(explorer)
    shared = set(frames["frames"][0]).intersection(*frames["frames"])
    moving = set(range(len(frames["pieces"]))) - shared
    assert len(moving) == 21
    assert sum(len(frames["pieces"][each]) for each in moving) / 21 < 400
    assert "input" in "".join(frames["pieces"][each] for each in shared)


def test_frames_put_together_are_the_drawings():
    explorer = explore(draw, slope=[0, 0.5, 1], kind=["line", "dots"])
    frames = data(explorer)
    for number, (slope, kind) in enumerate((s, k) for s in (0, 0.5, 1) for k in ("line", "dots")):
        alone = svg.read(svg.draw_svg(draw(slope, kind)[0])).layers
        together = "".join(frames["pieces"][piece] for piece in frames["frames"][number])
        plain = re.sub(r"#[\w-]+", "#", "".join(alone))
        assert re.sub(r"#[\w-]+", "#", together) == plain
        assert frames["text"][number].startswith(f"A {kind} of slope {slope:g}")


def test_default_frame_stands_in_the_page_itself():
    explorer = explore(draw, slope=[0, 0.5, 1], default={"slope": 0.5}, label="Slopes <here>")
    html = explorer.html().split("<script")[0]
    assert 'aria-label="A line of slope 0.5 that ends at −0.5."' in html
    assert "max=2 value=1" in html and "aria-valuetext=0.5" in html
    assert "Slopes &lt;here&gt;" in html
    assert repr(explorer).startswith("Explorer(slope=0.5:")


def test_same_bytes_in_another_process():
    code = (
        "from matplotlib.figure import Figure\nfrom rectified.explorer import explore\n"
        "import hashlib\n"
        "def draw(slope):\n"
        "    figure = Figure()\n"
        "    axes = figure.subplots()\n"
        "    axes.plot([0, slope], marker='o'); axes.fill_between([0, 1], [0, slope], hatch='/')\n"
        "    return figure, f'Slope {slope}.'\n"
        "print(hashlib.sha256(explore(draw, slope=[1, 2]).html().encode()).hexdigest())"
    )
    runs = {subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)}
    assert len(runs) == 1


def test_live_form_draws_again_at_each_move(monkeypatch):
    monkeypatch.delenv("RECTIFIED_STATIC", raising=False)
    calls = []
    explorer = explore(
        lambda slope, kind: (calls.append(slope), draw(slope, kind))[1],
        slope=[0, 0.5, 1],
        kind=["line", "dots"],
        play=True,
        label="Slopes",
    )
    _, picture, slider, buttons, player = explorer.widget().children
    before = picture.value
    slider.value = 0.5
    buttons.value = "dots"
    assert calls == [0, 0.5, 0.5]
    assert "A dots of slope 0.5" in picture.value and picture.value != before
    assert player.max == 2


def test_live_form_says_what_failed(monkeypatch):
    monkeypatch.delenv("RECTIFIED_STATIC", raising=False)

    def fails(slope):
        if slope:
            raise ArithmeticError("<too steep>")
        return draw(slope)

    picture, slider = explore(fails, slope=[0, 1]).widget().children
    slider.value = 1
    assert "draw failed at slope=1: ArithmeticError: &lt;too steep&gt;" in picture.value


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#1f2933", "var(--fig-ink,#1f2933)"),
        ("#000000", "var(--fig-ink,#1f2933)"),
        ("#ffffff", "var(--fig-paper,#ffffff)"),
        ("#440154", "#440154"),  # the dark end of viridis: a colour map stays as it is
    ],
)
def test_only_neutral_colours_follow_the_page(colour, expected):
    figure = Figure()
    figure.subplots().plot([0, 1], color=colour)
    drawing = "".join(svg.read(svg.draw_svg(figure)).layers)
    assert f"stroke:{expected}" in drawing


def test_animated_artists_are_drawn():
    def draw(end):
        figure = Figure()
        figure.subplots().set(xlim=(0, 1), ylim=(0, 9))
        figure.axes[0].plot([0, 1], [0, end], animated=True)
        return figure, f"A line that ends at {end}."

    assert len({tuple(frame) for frame in data(explore(draw, end=[1, 2]))["frames"]}) == 2


def test_a_sentence_keeps_its_no_break_spaces_and_no_others():
    def say(slope):
        return draw(slope)[0], f" 3\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10  at\n-{slope:g} "

    said = explore(say, slope=[1]).html()
    assert "3\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}10 at \N{MINUS SIGN}1" in said
