"""The web page for everybody: names and order for screen readers, contrast in both schemes, a phone's width."""

from typing import Any

import pytest
from browser import OpenPage, WatchedPage
from essays import POLISHED, long_essay
from gateway_process import Gateway

# What a page must keep, read from the page itself; each line is a fault.
STRUCTURE = """() => {
    const faults = [];
    const isShown = node => node.checkVisibility();
    const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
    for (const id of ids) if (ids.filter(other => other === id).length > 1) faults.push(`id ${id} is there twice`);
    for (const name of ['aria-labelledby', 'aria-describedby']) {
        for (const node of document.querySelectorAll(`[${name}]`)) {
            for (const id of node.getAttribute(name).split(' ')) {
                if (!document.getElementById(id)) faults.push(`${name} names ${id}, which is not there`);
            }
        }
    }
    for (const control of document.querySelectorAll('input, textarea, select')) {
        if (![...control.labels].some(label => label.textContent.trim())) faults.push(`${control.id} has no label`);
    }
    for (const control of document.querySelectorAll('button, a[href], summary')) {
        if (!control.textContent.trim()) faults.push(`a ${control.tagName} without a name`);
    }
    for (const image of document.querySelectorAll('body svg')) {
        const isNamed = image.getAttribute('role') === 'img' && image.getAttribute('aria-label');
        if (!isNamed && image.getAttribute('aria-hidden') !== 'true') faults.push('a drawing without a name');
    }
    let level = 0;
    for (const heading of [...document.querySelectorAll('h1, h2, h3, h4')].filter(isShown)) {
        const own = Number(heading.tagName[1]);
        if (own > level + 1) faults.push(`'${heading.textContent}' is h${own} after h${level}`);
        level = own;
    }
    for (const landmark of ['header', 'main', 'footer', 'h1']) {
        const found = document.querySelectorAll(`${landmark}`).length;
        if (found !== 1) faults.push(`${found} of ${landmark}`);
    }
    for (const table of document.querySelectorAll('table')) {
        if (table.querySelectorAll('th:not([scope])').length > 0) faults.push('a table head without scope');
    }
    for (const target of [...document.querySelectorAll('button, .button')].filter(isShown)) {
        const { width, height } = target.getBoundingClientRect();
        if (Math.min(width, height) < 24) faults.push(`'${target.textContent}' is smaller than 24 px`);
    }
    if (document.documentElement.lang !== 'en') faults.push('no language');
    return faults;
}"""

# Each piece of visible text with its colour and the colours behind it, the nearest first.
COLOURS = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
        if (node.closest('noscript, .visually-hidden')) continue;
        const style = getComputedStyle(node);
        const behind = [];
        for (let each = node; each; each = each.parentElement) behind.push(getComputedStyle(each).backgroundColor);
        const text = walker.currentNode.data.trim().slice(0, 40);
        found.push({ text, ink: node.closest('svg') ? style.fill : style.color, behind });
    }
    return found;
}"""


def _components(colour: str) -> tuple[list[float], float]:
    """`rgb(…)` or `rgba(…)` to three components of 0 to 1 and the opacity."""
    numbers = [float(each) for each in colour[colour.index("(") + 1 : -1].split(",")]
    return [number / 255 for number in numbers[:3]], numbers[3] if len(numbers) > 3 else 1.0


def _luminance(colour: list[float]) -> float:
    """Relative luminance of WCAG 2."""
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(piece: dict[str, Any]) -> float:
    ground = next(colour for colour, opacity in map(_components, piece["behind"]) if opacity == 1)
    assert all(_components(colour)[1] in (0, 1) for colour in piece["behind"]), piece
    light, dark = sorted((_luminance(_components(piece["ink"])[0]), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _show_everything(web: WatchedPage) -> None:
    """A report with every shade, the key's field and an error."""
    passages = [
        {"start": start, "end": start + 200, "probability_ai": chance}
        for start, chance in [(0, 0.1), (200, 0.3), (400, 0.6), (600, 0.9), (800, 0.99)]
    ]
    web.replace_reply(passages=passages, degraded=True, missing_models=[{"name": "ebm", "reason": "not loaded"}])
    web.analyse(POLISHED)
    assert web.page.locator(".essay-text mark").count() == len(passages)
    web.page.evaluate("""() => {
        document.getElementById('key-panel').hidden = false;
        document.getElementById('forget').hidden = false;
        const box = document.getElementById('essay-error');
        box.hidden = false;
        box.append(Object.assign(document.createElement('p'), { textContent: 'An error' }));
    }""")


def test_every_control_and_drawing_has_a_name_and_headings_are_in_order(web: WatchedPage) -> None:
    assert web.page.evaluate(STRUCTURE) == []
    _show_everything(web)
    assert web.page.evaluate(STRUCTURE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(gateway: Gateway, open_at: OpenPage, scheme: str) -> None:
    web = open_at(gateway.port, color_scheme=scheme)
    _show_everything(web)
    pieces = web.page.evaluate(COLOURS)
    assert len(pieces) > 100
    faint = {(piece["text"], round(_contrast(piece), 2)) for piece in pieces if _contrast(piece) < 4.5}
    assert faint == set()


def test_the_dark_scheme_is_dark(gateway: Gateway, open_at: OpenPage) -> None:
    script = "getComputedStyle(document.body).backgroundColor"
    light, dark = (
        _luminance(_components(open_at(gateway.port, color_scheme=scheme).page.evaluate(script))[0])
        for scheme in ("light", "dark")
    )
    assert light > 0.8 and dark < 0.05


def test_shades_differ_by_pattern_and_number_not_by_colour_alone(web: WatchedPage) -> None:
    _show_everything(web)
    look = "mark => getComputedStyle(mark).textDecorationLine + getComputedStyle(mark).textDecorationStyle"
    looks = [mark.evaluate(look) for mark in web.page.locator(".essay-text mark").all()]
    assert len(set(looks)) == 5
    numbers = web.page.locator(".essay-text .chance").all_inner_texts()
    assert numbers == ["10%", "30%", "60%", "90%", "99%"]


@pytest.mark.parametrize("width", [320, 360])
def test_a_phone_never_scrolls_sideways(gateway: Gateway, open_at: OpenPage, width: int) -> None:
    web = open_at(gateway.port, viewport={"width": width, "height": 640})
    web.analyse(f"{long_essay(4)} {'unbroken' * 40}")
    for summary in web.page.locator("summary").all():
        summary.click()
    wide = """width => [...document.querySelectorAll('body *')]
        .filter(node => node.checkVisibility() && !node.closest('.table, .visually-hidden, .patterns, .skip'))
        .filter(node => node.getBoundingClientRect().right > width + 0.5)
        .map(node => `${node.tagName} ${node.getAttribute('class')}`)"""
    assert web.page.evaluate(wide, width) == []
    assert web.page.evaluate("document.documentElement.scrollWidth") <= width
