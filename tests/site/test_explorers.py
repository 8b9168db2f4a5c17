"""Explorers on the built pages: they move under the hand, from a server and from disk."""

import gzip
import json
import re

import pytest
from matplotlib.figure import Figure

from rectified.explorer import explore
from tools.bench.page import REVEAL

ALL = "figure.rectified-explorer"
WEIGHT = 150_000  # bytes, compressed, of all explorers of a page together

EACH_SLIDER_TO_BOTH_ENDS = """async () => {
  const found = []
  for (const figure of document.querySelectorAll('figure.rectified-explorer'))
    for (const slider of figure.querySelectorAll('input[type=range]'))
      for (const value of [0, +slider.max]) {
        const state = () => figure.querySelector('svg').outerHTML + figure.innerText
        const before = state()
        slider.value = value
        slider.dispatchEvent(new Event('input', { bubbles: true }))
        const atOnce = state()
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
        const label = figure.getAttribute('aria-label')
        found.push({ label, atOnce, later: state(), moved: +(before != atOnce) })
      }
  return found
}"""


def state(explorer):
    """What a reader has before them: the drawing, its text alternative and the line under it."""
    svg = explorer.locator("svg").first
    return (
        svg.inner_html(),
        svg.get_attribute("aria-label"),
        explorer.locator(".readout span").inner_text(),
    )


def controls(explorer):
    return explorer.locator("input[type=range], fieldset").all()


def test_every_chapter_has_one(explorer_pages):
    chapters = {
        "activation-functions", "definition", "derivative", "training", "strengths",
        "dead-neurons", "zero-centering", "leaky-relu", "maxout", "optimisers", "index",
    }  # fmt: skip
    assert chapters <= {page.removesuffix(".html").split("/")[-1] for page in explorer_pages}


@pytest.mark.parametrize("home", ["server", "disk"])
def test_keyboard_and_pointer_move_every_explorer(book, site, forms, explorer_pages, home):
    """Key and pointer move each control and change what is drawn or said; both texts agree."""
    page = forms["wide, light"].new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    still = []
    for name in explorer_pages if home == "server" else ["index.html"]:
        page.goto(f"{site if home == 'server' else book.as_uri() + '/'}{name}")
        page.evaluate(REVEAL)
        for explorer in page.locator(ALL).all():
            title = f"{name}: {explorer.get_attribute('aria-label')}"
            first = state(explorer)
            assert first[1] == first[2] and len(first[1].split()) > 4, title
            changed = {"key": False, "pointer": False}  # not by each move: a dead unit stays dead
            for control in controls(explorer):
                slider = control.get_attribute("type") == "range"
                for way in ("key", "pointer"):
                    before = state(explorer)
                    move(page, control, slider, way)
                    after = state(explorer)
                    assert after[1] == after[2], title
                    changed[way] |= before[:2] != after[:2]
            still += [f"{title}: {way}" for way in changed if not changed[way]]
    page.close()
    assert not errors
    assert not still


def move(page, control, slider, way):
    """Move a slider, or choose another of several buttons, as a reader would."""
    if not slider:
        buttons = control.locator("input")
        number = buttons.count()
        at = [button.is_checked() for button in buttons.all()].index(True)
        if way == "key":
            buttons.nth(at).focus()
            page.keyboard.press("ArrowRight")
            assert buttons.nth((at + 1) % number).is_checked()
        else:
            control.locator("label").nth((at + 1) % number).click()
        return
    value, most = int(control.input_value()), int(control.get_attribute("max"))
    spoken = control.get_attribute("aria-valuetext")
    if way == "key":
        control.focus()
        page.keyboard.press("End" if value < most else "Home")
    else:
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + (5 if value > most / 2 else box["width"] - 5), middle, steps=3)
        page.mouse.up()
    assert control.get_attribute("aria-valuetext") != spoken


def test_every_frame_is_told_apart(book, explorer_pages):
    """Every frame is told apart, and refers only to drawings that are there."""
    for name in explorer_pages:
        text = (book / name).read_text(encoding="utf-8")
        found = re.findall(r"<script type=application/json>(.*?)</script>", text, re.S)
        assert found
        for each in found:
            data = json.loads(each)
            assert len(data["frames"]) == len(data["text"]) > 1
            pieces = {piece for frame in data["frames"] for piece in frame}
            assert pieces == set(range(len(data["pieces"])))
            drawings = {tuple(frame) for frame in data["frames"]}
            assert len(drawings) > len(data["frames"]) / 2, f"{name}: most frames are the same"
            for reference in set(re.findall(r"(?:#)(x[0-9a-f]{6}-\d+)", "".join(data["pieces"]))):
                assert f"id='{reference}'" in text, f"{name}: {reference}"


def test_weight_of_explorers(book, explorer_pages):
    for name in explorer_pages:
        text = (book / name).read_text(encoding="utf-8")
        found = re.findall(r"<figure class=rectified-explorer.*?</figure>", text, re.S)
        assert found
        assert len(gzip.compress("".join(found).encode())) <= WEIGHT, name


def test_the_new_frame_is_there_when_the_input_event_ends(site, browser, explorer_pages):
    """So it is on the screen with the browser's next frame, however busy the machine is.

    How many milliseconds that takes is measured by `make bench PART=page`.
    """
    page = browser.new_page()
    moved = 0
    for name in explorer_pages:
        page.goto(f"{site}{name}")
        page.evaluate(REVEAL)
        for found in page.evaluate(EACH_SLIDER_TO_BOTH_ENDS):
            assert found["atOnce"] == found["later"], f"{name}: {found['label']}"
            moved += found["moved"]
    page.close()
    assert moved > 60


def test_without_script_one_frame_stands_alone(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}index.html")
    explorer = page.locator(ALL).first
    assert explorer.locator("svg").first.is_visible()
    assert explorer.locator(".readout").inner_text()
    assert not explorer.locator(".controls").is_visible()
    context.close()


def test_play_runs_and_motion_can_be_declined(browser, tmp_path):
    """A play button moves its slider to the end; who wants less motion is not offered one."""

    def draw(epoch):
        figure = Figure()
        figure.subplots().plot([0, epoch], animated=True)
        return figure, f"After epoch {epoch} the loss is {1 / (1 + epoch):.2f}."

    file = tmp_path / "play.html"
    html = explore(draw, epoch=range(4), play=True).html()
    file.write_text(f"<!doctype html><meta charset=utf-8>{html}", encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    button, slider = page.locator("button"), page.locator("input")
    button.click()
    assert button.inner_text() == "Pause"
    page.get_by_text("After epoch 1 the").wait_for()
    button.click()
    assert button.inner_text() == "Play"
    stopped = slider.input_value()  # on a busy machine a step later
    page.wait_for_timeout(600)
    assert slider.input_value() == stopped
    button.click()
    page.get_by_text("After epoch 3 the").wait_for()
    page.wait_for_function("document.querySelector('button').textContent == 'Play'")
    assert slider.input_value() == "3"
    page.emulate_media(reduced_motion="reduce")
    assert not button.is_visible()
    context.close()
