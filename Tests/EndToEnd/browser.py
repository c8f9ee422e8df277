"""The web page in Debian's headless Chromium, watched: a console message or a request to others fails the test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

# Milliseconds; a busy machine's answer may take long, and no test is about how long.
PATIENCE = 60_000


class WatchedPage:
    """A page of a gateway. `page` is Playwright's; the methods are what a reader of the page does."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.allowed_statuses: set[int] = set()
        self.complaints: list[str] = []
        self.requested: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._note_request)
        page.goto(origin + "/")

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium itself writes a line for each reply of 400 and above.
        if any(f"the server responded with a status of {status}" in message.text for status in self.allowed_statuses):
            return
        self.complaints.append(f"console: {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        self.requested.append(request.url.removeprefix(self.origin))
        if not request.url.startswith(self.origin + "/"):
            self.complaints.append(f"request to {request.url}")

    def allow(self, *statuses: int) -> "WatchedPage":
        """Failures that the test provokes."""
        self.allowed_statuses |= set(statuses)
        return self

    def fill(self, text: str) -> None:
        self.page.get_by_label("Paste the text").fill(text)

    def press_analyse(self) -> Response:
        """The reply to the click."""
        with self.page.expect_response(lambda reply: reply.url.endswith("/v1/analyze"), timeout=PATIENCE) as waiting:
            self.page.get_by_role("button", name="Analyse", exact=True).click()
        return waiting.value

    def analyse(self, text: str) -> dict[str, Any]:
        """The reply, after the report on it is shown."""
        self.fill(text)
        reply = self.press_analyse()
        self.page.locator("#report").wait_for()
        return reply.json()

    def error(self) -> str:
        """The error that is shown."""
        box = self.page.get_by_role("alert")
        box.wait_for()
        return box.inner_text()

    def replace_reply(self, **fields: Any) -> None:
        """The gateway's real replies, with some fields as a test needs them."""

        def change(route: Any) -> None:
            reply = route.fetch()
            route.fulfill(response=reply, json=reply.json() | fields)

        self.page.route("**/v1/analyze", change)


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "chromium is not installed: scripts/install-debian.sh installs it"
    # Without its sandbox, which root may not use and containers seldom allow; it loads our own page only.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, port: int, **options: Any) -> Iterator[WatchedPage]:
    """A page in a fresh context. `options` are those of Playwright's `new_context`."""
    context = browser.new_context(**options)
    try:
        watched = WatchedPage(context.new_page(), f"http://127.0.0.1:{port}")
        yield watched
        assert not watched.complaints, watched.complaints
    finally:
        context.close()


# What the fixture `open_at` gives: called with a gateway's port and options of Playwright's `new_context`.
OpenPage = Callable[..., WatchedPage]
