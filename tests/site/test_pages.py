"""Every page in a browser: light at 1280 pixels, dark at 360."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.site.conftest import FORMS

WEIGHT = 300_000  # bytes over the wire for the first view of a page, fonts and explorers included
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Axe's time grows with the number of elements, of which four in five are the coloured words of code
# and the insides of drawings. The contrast of a colour is that of its next word too: each kind of
# word stays once. A drawing is an image with a text of its own: axe does not look inside one.
ONCE = """() => {
    const kinds = new Set()
    for (const word of document.querySelectorAll(':is(pre, code, .sig) span:not([id])')) {
        const outer = word.parentElement.className
        const kind = [outer, word.className, word.getAttribute('style')].join()
        if (kinds.has(kind)) word.replaceWith(...word.childNodes)
        else kinds.add(kind)
    }
    document.querySelectorAll('svg[role=img]').forEach(drawing => drawing.replaceChildren())
}"""
# What is folded or waits for a prediction is looked at too, once the script has seen it open.
OPEN = """() => {
    document.querySelectorAll('main details').forEach(each => each.open = true)
    document.querySelectorAll('.awaits').forEach(each => each.style.display = 'block')
    return new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))
}"""
CUT = """query => [...document.querySelectorAll(query)]
    .filter(each => each.scrollWidth > each.clientWidth + 1 && !each.closest('details:not([open])'))
    .map(each => 'cut off: ' + each.textContent.trim().slice(0, 60))"""
#: What a page must show whole: code beside the contents, formulas even on a telephone.
WHOLE = {"wide, light": ".cell_input pre", "narrow, dark": "div.math"}
# What scrolls sideways inside itself may be wider than the page.
OVERFLOW = """
[...document.querySelectorAll('body *')].filter(each => {
  for (let box = each.parentElement; box && box != document.body; box = box.parentElement)
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(box).overflowX)) return false
  return each.getBoundingClientRect().right > innerWidth + 1 && !each.closest('svg')
}).map(each => each.outerHTML.slice(0, 120))
"""


@pytest.fixture
def watched(browser):
    """Open a page as if for the first time; note what it asks for off the host, says and weighs."""
    contexts = []

    def open_page(form, address):
        width, scheme = FORMS[form]
        viewport = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=viewport, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.troubles, page.sizes = [], []
        host = urlsplit(address).netloc
        add = page.troubles.append
        session = contexts[-1].new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.loadingFinished", lambda event: page.sizes.append(event["encodedDataLength"])
        )

        def check(request):
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and parts.netloc != host:
                add(f"asks {request.url}")

        page.on("request", check)
        page.on("console", lambda message: add(f"console: {message.type}: {message.text}"))
        page.on("pageerror", lambda error: add(f"error: {error}"))
        page.goto(address, wait_until="load")
        page.evaluate("document.fonts.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()


def violations(page) -> list[str]:
    page.evaluate(ONCE)
    found = Axe().run(page, options=RULES).response["violations"]
    lines = [f"axe: {each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]
    # Axe takes a formula for no text; a screen reader reads MathML.
    return [line for line in lines if not ("empty-table-header" in line and "<math" in line)]


def test_page_wide_and_light_narrow_and_dark(site, watched, name):
    """No request off the host, no message, not heavy, not too wide or cut; axe finds nothing."""
    troubles = []
    for form, query in WHOLE.items():
        page = watched(form, f"{site}{name}.html")
        assert len(page.sizes) >= 4  # the page, its style, its script, a font: it was measured
        if sum(page.sizes) > WEIGHT:
            page.troubles.append(f"weighs {sum(page.sizes)} bytes")
        # The whole page, so that what appears late has appeared.
        page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            page.troubles.append(f"{width} pixels too wide: {page.evaluate(OVERFLOW)[:3]}")
        page.troubles += page.evaluate(CUT, query)  # what is folded may scroll once it is opened
        if form == "wide, light":
            page.evaluate(OPEN)
        page.troubles += violations(page)
        troubles += [f"{form}: {trouble}" for trouble in page.troubles]
    assert not troubles, "\n".join(troubles)


def test_axe_sees_a_fault_in_code_in_a_figure_and_in_the_text(site, forms):
    """Though only one word of each kind is looked at, and no drawing's inside."""
    page = forms["narrow, dark"].new_page()
    page.goto(f"{site}chapters/definition.html")
    page.evaluate(
        """() => {
            document.body.append(Object.assign(document.createElement('style'),
                { textContent: 'pre span.kn { color: #333 } h2 { color: #333 !important }' }))
            document.querySelector('svg[role=img]').removeAttribute('aria-label')
        }"""
    )
    found = "\n".join(violations(page))
    page.close()
    assert 'color-contrast: <span class="kn">' in found, found
    assert "color-contrast: <h2" in found and "svg-img-alt: <svg" in found, found


def test_page_follows_the_reader_not_only_the_system(site, browser):
    """The button changes light to dark, and the choice is kept on the next page."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(site)
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(paper)
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate(paper)
    assert before != after
    page.goto(f"{site}chapters/definition.html")
    assert page.evaluate(paper) == after
    context.close()


def test_figures_take_the_ink_of_the_page(site, forms):
    """Text in a figure has the colour of the page's text, light and dark, and no slab behind it."""
    colours = set()
    for form in ("wide, light", "wide, dark"):
        page = forms[form].new_page()
        page.goto(f"{site}chapters/definition.html")
        fills = page.evaluate(
            "[...document.querySelectorAll('svg.figure text, .rectified-explorer svg text')]"
            ".filter(text => text.textContent.trim()).map(text => getComputedStyle(text).fill)"
        )
        ink = page.evaluate("getComputedStyle(document.body).color")
        assert len(fills) > 20
        assert fills.count(ink) / len(fills) > 0.8
        colours.add(ink)
        page.close()
    assert len(colours) == 2


def test_printed_page_holds_the_text_only(site, forms):
    page = forms["wide, dark"].new_page()
    page.goto(f"{site}chapters/definition.html")
    page.emulate_media(media="print")
    for query in (".top", ".chapters", ".contents", ".rectified-explorer .controls", "footer"):
        assert not page.locator(query).first.is_visible(), query
    assert page.locator(".rectified-explorer svg").first.is_visible()
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    page.close()


def test_keyboard_reaches_everything(site, forms):
    """Tab goes through the page, each stop is seen, and the first one skips to the text."""
    page = forms["wide, light"].new_page()
    page.goto(f"{site}chapters/definition.html")
    reached = []
    while len(reached) < 400 and "range" not in [kind for *_, kind in reached]:
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(each => [each.tagName, each.className,"
                " parseFloat(getComputedStyle(each).outlineWidth), each.type])"
                "(document.activeElement)"
            )
        )
    assert reached[0][1] == "skip"
    assert all(width >= 2 for tag, _, width, _ in reached if tag != "BODY"), reached
    assert reached[-1][-1] == "range", "the first explorer is not reached"
    page.close()


def test_primes_are_raised_once(site, forms):
    """Chromium would raise and shrink a prime that the font has raised already."""
    page = forms["wide, light"].new_page()
    page.goto(f"{site}chapters/derivative.html")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('math mo')].filter(each => each.textContent == '′')
            .map(each => [each, each.closest('math')].map(box => getComputedStyle(box).fontSize))"""
    )
    page.close()
    assert sizes and all(prime == formula for prime, formula in sizes)


def test_roots_stand_on_the_line_and_end_where_their_bar_ends(site, forms):
    page = forms["wide, light"].new_page()
    page.goto(f"{site}chapters/same-sign-gradients.html")
    page.evaluate("document.fonts.ready")
    roots = page.evaluate(
        """() => [...document.querySelectorAll('msqrt')].map(root => {
            const [box, inside] = [root, root.firstChild].map(each => each.getBoundingClientRect())
            const size = parseFloat(getComputedStyle(root).fontSize)
            return [(box.right - inside.right) / size, (box.bottom - inside.bottom) / size]
        })"""
    )
    page.close()
    assert roots
    assert max(room for room, _ in roots) < 0.1
    assert max(depth for _, depth in roots) < 0.6
