"""Figures as SVG: how text grows on a narrow screen."""

import re

import matplotlib.pyplot as plt

from rectified.svg import draw_svg, read, write


def drawn(**text):
    with plt.style.context("rectified.style"):
        figure, axes = plt.subplots()
        axes.set(yscale="log", ylim=(1e-9, 1), **text)
        svg = write(read(draw_svg(figure)))
    plt.close(figure)
    return svg


def test_lines_below_each_other_grow_together():
    svg = drawn(xlabel="two\nlines", title="a title\nof two")
    for words, place in [("two", "center"), ("a title", "left bottom")]:
        group = re.search(rf"<g style='([^']*)'>(<text[^>]*>{words}</text><text.*?)</g>", svg)
        assert f"transform-origin:{place};transform:scale(var(--fig-text,1))" in group[1]
        assert "--fig-text" not in group[2], "they would grow twice"
    assert "calc(var(--fig-text,1)*" in drawn(xlabel="one line")


def test_a_power_on_the_axis_does_not_grow_over_it():
    ticks = re.findall(r"<g style='[^']*transform: translate[^']*'", drawn())
    assert len(ticks) > 3 and all("transform-origin:right" in tick for tick in ticks)


def test_the_label_of_a_y_axis_makes_room_for_its_numbers():
    texts = re.findall(
        r"<text style='([^']*)'[^>]*>(across|upward)<", drawn(xlabel="across", ylabel="upward")
    )
    moved = {words: "translate:calc(" in style for style, words in texts}
    assert moved == {"across": False, "upward": True}
