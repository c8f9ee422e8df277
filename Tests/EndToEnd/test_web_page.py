"""The web page in a browser: a real essay through a real gateway and a real Triton, and what can go wrong."""

import pytest
from browser import OpenPage, WatchedPage
from essays import CANARY, MARKED_UP, PERSONAL, POLISHED, words
from gateway_process import Gateway, StartGateway, free_port
from playwright.sync_api import expect

def shown(web: WatchedPage) -> str:
    return web.page.locator("#report").inner_text()


# --- a report ---


def test_an_essay_gets_a_verdict_with_its_uncertainty_in_words(web: WatchedPage) -> None:
    reply = web.analyse(PERSONAL)
    verdicts = {"human": "Reads like a person", "ai": "Reads like a language model", "uncertain": "No verdict"}
    expect(web.page.get_by_role("heading", level=2).last).to_have_text(verdicts[reply["verdict"]])
    text = shown(web)
    held = reply["false_positives"]
    assert f"Of {held['humans_held_out']:,} human essays" in text
    assert f"{held['humans_scoring_this_high']:,} (" in text
    assert "chance of" in text
    expect(web.page.locator("#report")).to_be_focused()
    assert verdicts[reply["verdict"]] in web.page.locator("#status").inner_text()
    expect(web.page.get_by_role("heading", name="A verdict is not proof")).to_be_visible()
    assert "Never accuse" in web.page.get_by_role("complementary").inner_text()


def test_passages_cover_the_text_as_posted(web: WatchedPage) -> None:
    reply = web.analyse(MARKED_UP)
    pieces = web.page.locator(".essay-text mark")
    assert 1 <= pieces.count() <= 2 * len(reply["passages"])
    without_numbers = """box => {
        const copy = box.cloneNode(true);
        copy.querySelectorAll('.chance').forEach(each => each.remove());
        return copy.textContent;
    }"""
    assert web.page.locator(".essay-text").evaluate(without_numbers) == MARKED_UP
    for piece in pieces.all():
        assert "%" in piece.locator(".chance").inner_text()


def test_bars_are_the_terms_of_the_explanation_and_sum_to_the_models_logit(web: WatchedPage) -> None:
    explanation = web.analyse(POLISHED)["explanation"]
    rows = web.page.locator(".bars li")
    terms = explanation["terms"]
    # The rest and the intercept have bars, too; the last row is the sum.
    assert rows.count() == len(terms) + 3
    numbers = [float(each.replace("−", "-")) for each in web.page.locator(".bars .number").all_inner_texts()]
    assert numbers[: len(terms)] == [pytest.approx(term["contribution"], abs=0.005) for term in terms]
    assert numbers[-1] == pytest.approx(explanation["logit"], abs=0.005)
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.005 * len(numbers))
    middle = """bar => { const box = bar.parentNode.getBoundingClientRect(); const own = bar.getBoundingClientRect();
        return (own.left + own.right) / 2 - (box.left + box.right) / 2; }"""
    offsets = [bar.evaluate(middle) for bar in web.page.locator(".bars svg rect:not(.track)").all()]
    assert len(offsets) == len(numbers) - 1
    assert all((offset > 0) == (number > 0) for offset, number in zip(offsets, numbers[:-1], strict=True) if number)
    # Each feature beside the human essays and those by models.
    assert web.page.locator(".strip svg").count() == 2 * sum(len(term["features"]) for term in terms)
    for term in terms:
        assert term["sentence"] in shown(web)


def test_models_and_versions_are_named(web: WatchedPage) -> None:
    reply = web.analyse(PERSONAL)
    rows = web.page.locator("table tbody tr")
    assert rows.count() == len(reply["models"])
    for row, model in zip(rows.all(), reply["models"], strict=True):
        cells = row.locator("th, td").all_inner_texts()
        assert cells[:2] == [model["name"].replace("_", " "), model["version"]]
    for fact in (reply["scoring_version"], reply["feature_schema_hash"], reply["request_id"]):
        assert fact in shown(web)


def test_what_is_missing_or_odd_is_said(web: WatchedPage) -> None:
    web.replace_reply(
        degraded=True, missing_models=[{"name": "bert_classifier", "reason": "not loaded in the inference server"}],
        trimmed=["passages"],
    )  # fmt: skip
    reply = web.analyse(MARKED_UP)
    text = shown(web)
    assert "bert classifier (not loaded in the inference server)" in text
    assert "The answer was shortened. Left out in part: passages." in text
    assert reply["hygiene"]["zero_width_characters"] > 0
    assert f"{reply['hygiene']['zero_width_characters']} zero width characters" in text


def test_a_short_text_gets_no_verdict_but_the_reason(web: WatchedPage) -> None:
    reply = web.analyse(words(20))
    assert reply["verdict"] == "uncertain"
    text = shown(web)
    assert text.startswith("No verdict") and reply["reasons"][0]["message"] in text
    assert "must not be used" in text
    # Numbers that mean nothing are there for who asks.
    expect(web.page.locator(".essay-text")).to_be_hidden()
    web.page.locator("summary").click()
    expect(web.page.locator(".essay-text")).to_be_visible()


def test_markup_in_an_essay_is_text(web: WatchedPage) -> None:
    markup = "<img src=/nowhere onerror='document.title=1'><script>document.title = 1</script>"
    web.analyse(f"{PERSONAL}\n{markup}")
    assert markup in web.page.locator(".essay-text").inner_text()
    assert web.page.title() == "Who wrote this essay?" and "/nowhere" not in web.requested


def test_a_second_essay_replaces_the_first(web: WatchedPage) -> None:
    web.analyse(PERSONAL)
    second = web.analyse(POLISHED)
    assert second["request_id"] in shown(web)
    assert web.page.locator(".essay-text").count() == 1
    assert "bakery" not in shown(web)


# --- what can go wrong ---


def test_an_empty_field_is_not_sent(web: WatchedPage) -> None:
    web.fill(" \n ")
    web.page.get_by_role("button", name="Analyse", exact=True).click()
    assert "There is no text yet" in web.error()
    expect(web.page.locator("#essay")).to_be_focused()
    assert web.page.locator("#essay").get_attribute("aria-invalid") == "true"
    assert "/v1/analyze" not in web.requested


def test_a_text_that_the_gateway_refuses_gets_its_words(web: WatchedPage) -> None:
    web.allow(422).fill("word " * 40_000)
    error = web.press_analyse().json()["error"]
    assert error["code"] == "text_too_long"
    assert error["message"].rstrip(".") in web.error() and error["request_id"] in web.error()


def test_a_body_over_the_limit_is_explained(start_gateway: StartGateway, open_at: OpenPage) -> None:
    gateway = start_gateway("http://127.0.0.1:1", {"LIMITS_MAX_BODY_BYTES": "5000"})
    web = open_at(gateway.port).allow(413)
    web.fill("word " * 2000)
    assert web.press_analyse().status == 413
    assert "too long for this server" in web.error()


def test_triton_away_is_explained(start_gateway: StartGateway, open_at: OpenPage) -> None:
    alone = start_gateway(f"http://127.0.0.1:{free_port()}")
    web = open_at(alone.port).allow(503)
    web.fill(PERSONAL)
    assert web.press_analyse().status == 503
    assert "models cannot be reached" in web.error() and "Try again in" in web.error()
    expect(web.page.locator("#report")).to_be_hidden()


def test_a_gateway_that_is_gone_is_explained(start_gateway: StartGateway, open_at: OpenPage) -> None:
    gateway = start_gateway(f"http://127.0.0.1:{free_port()}")
    web = open_at(gateway.port)
    gateway.terminate()
    web.fill(PERSONAL)
    web.page.get_by_role("button", name="Analyse", exact=True).click()
    assert "cannot be reached" in web.error()
    # Chromium tells it in a line of its own, or in two where it tries again.
    assert all("ERR_CONNECTION_REFUSED" in complaint for complaint in web.complaints)
    web.complaints.clear()


# --- the report elsewhere ---


def test_the_report_can_be_copied_without_the_essay(open_at: OpenPage, gateway: Gateway) -> None:
    web = open_at(gateway.port, permissions=["clipboard-read", "clipboard-write"])
    reply = web.analyse(f"{PERSONAL} {CANARY}.")
    web.page.get_by_role("button", name="Copy the report").click()
    web.page.get_by_text("Copied.").wait_for()
    copied = web.page.evaluate("navigator.clipboard.readText()")
    assert "A verdict is not proof" in copied and reply["request_id"] in copied
    assert all(term["sentence"] in copied for term in reply["explanation"]["terms"])
    assert not any(word in copied for word in CANARY.split())


def test_paper_gets_the_report_and_no_controls(web: WatchedPage) -> None:
    web.analyse(PERSONAL)
    web.page.emulate_media(media="print")
    for hidden in ("#form", ".actions", ".lead"):
        expect(web.page.locator(hidden)).to_be_hidden()
    for visible in ("#report", ".caution", ".essay-text", ".bars"):
        expect(web.page.locator(visible)).to_be_visible()
    assert web.page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(255, 255, 255)"
    assert web.page.pdf().startswith(b"%PDF")


def test_the_privacy_policy_is_one_click_away(web: WatchedPage) -> None:
    web.page.get_by_role("link", name="What happens to your text").click()
    expect(web.page).to_have_url(f"{web.origin}/privacy")
    expect(web.page.get_by_role("heading", level=1)).to_be_visible()


def test_nothing_is_kept_in_the_browser(web: WatchedPage) -> None:
    web.analyse(PERSONAL)
    assert web.page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert web.page.context.cookies() == []
