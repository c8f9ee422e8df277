#!/usr/bin/env python3
"""Takes the README's picture of the web page, docs/web-page.png, from a running gateway (`make run`).

    .venv/bin/python scripts/screenshot.py [http://127.0.0.1:8080]

The essay is examples/request.json's. Debian's chromium and requirements-test.txt are needed.
"""

import argparse
import io
import json
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "web-page.png"
LARGEST = 300_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8080")
    url = parser.parse_args().url
    essay = json.loads((ROOT / "examples" / "request.json").read_text(encoding="utf-8"))["text"]
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("screenshot: chromium is not installed; scripts/install-debian.sh installs it")
    with sync_playwright() as playwright:
        # Without its sandbox, which root may not use; it loads our own page only.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 820, "height": 900}, color_scheme="light")
        page.goto(url)
        page.get_by_label("Paste the text").fill(essay)
        page.get_by_label("Paste the text").evaluate("field => { field.rows = 5; field.scrollTop = 0; }")
        page.get_by_role("button", name="Analyse", exact=True).click()
        page.locator(".bars").wait_for()
        bottom = page.locator(".bars").evaluate("bars => bars.getBoundingClientRect().bottom + scrollY")
        picture = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 820, "height": bottom + 24})
        browser.close()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    if PICTURE.stat().st_size > LARGEST:
        sys.exit(f"screenshot: {PICTURE.name} has {PICTURE.stat().st_size} bytes, over {LARGEST}")


if __name__ == "__main__":
    main()
