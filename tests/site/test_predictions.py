"""Predictions: nothing of the result is to be seen before an answer is chosen."""

import pytest


@pytest.fixture(scope="session")
def prediction_pages(book, own_files):
    files = [file for file in own_files if file.suffix == ".html"]
    found = [file for file in files if "predict" in file.read_text(encoding="utf-8")]
    return [
        file.relative_to(book).as_posix()
        for file in found
        if 'class="awaits"' in file.read_text(encoding="utf-8")
    ]


def test_an_answer_by_keyboard_opens_the_result_and_its_reply(site, browser, prediction_pages):
    assert prediction_pages
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in prediction_pages:
        page.goto(f"{site}{name}")
        questions = page.locator("blockquote.predict").all()
        assert questions
        for number, question in enumerate(questions):
            stretch = page.locator(".awaits").nth(number)
            assert stretch.is_hidden(), name
            button = question.locator("button").last
            chosen = button.inner_text().strip()
            button.focus()
            page.keyboard.press("Enter")
            assert stretch.is_visible(), name
            assert stretch.locator("details.reply").get_attribute("open") is not None
            replies = stretch.locator(
                "details.reply > ul > li > p > strong:first-child, "
                "details.reply > ul > li > strong:first-child"
            )
            if not stretch.locator("[data-verdict]").count():
                assert replies.first.inner_text().strip() == chosen, f"{name}: {chosen}"
        assert not errors, f"{name}: {errors}"
    page.close()


def test_each_answer_has_a_reply_word_for_word(site, browser, prediction_pages):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in prediction_pages:
        page.goto(f"{site}{name}")
        for number, question in enumerate(page.locator("blockquote.predict").all()):
            stretch = page.locator(".awaits").nth(number)
            assert stretch.is_visible(), f"{name}: without scripts all stands open"
            if stretch.locator("[data-verdict]").count():
                continue
            answers = [text.strip() for text in question.locator("li").all_inner_texts()]
            replies = stretch.locator("details.reply > ul > li strong:first-child")
            assert [text.strip() for text in replies.all_inner_texts()] == answers, name
    context.close()


def test_print_shows_everything(site, browser, prediction_pages):
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(f"{site}{prediction_pages[0]}")
    assert all(each.is_visible() for each in page.locator(".awaits").all())
    page.close()


def test_the_ledger_shows_each_vote_beside_its_verdict(site, browser):
    page = browser.new_page()
    page.goto(f"{site}chapters/claims.html")
    asked = page.locator("blockquote.predict").count()
    votes = page.locator(".ledger tbody tr td:last-child")
    assert votes.all_inner_texts() == ["none yet"] * asked
    questions = page.locator("blockquote.predict").all()
    verdicts = page.locator(".ledger tbody tr td:nth-child(3)").all_inner_texts()
    other = "true" if verdicts[-1] != "true" else "false"
    for question, vote in [(questions[2], verdicts[2]), (questions[-1], other)]:
        question.get_by_role("button", name=vote, exact=True).click()
    shown = votes.all_inner_texts()
    assert (shown[2], shown[-1]) == (verdicts[2], other)
    assert shown.count("none yet") == asked - 2
    marked = page.locator(".ledger tbody tr.differs")
    assert marked.count() == 1
    assert marked.locator("th").inner_text() == page.locator(".ledger tbody th").last.inner_text()
    score = page.locator(".score").last.inner_text()
    assert score.startswith(f"You have voted on 2 of {asked} claims; on 1 you agree")
    for number, question in enumerate(questions):  # each row stands beside its own claim
        claim = page.locator(".ledger tbody th").nth(number).inner_text()
        assert f"“{claim}.”" in question.inner_text().replace("’", "'")
        link = page.locator(".ledger tbody td:first-child a").nth(number)
        assert link.inner_text() == str(number + 1)
        section = page.locator(f"section{link.get_attribute('href')}")
        assert section.locator("blockquote.predict").inner_text() == question.inner_text()
    page.close()
