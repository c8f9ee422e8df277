"""What goes into the web page: keys, files, text of any script, the keyboard alone."""

import io
import zipfile
from pathlib import Path

import pytest
from browser import OpenPage, WatchedPage
from essays import MARKED_UP, PERSONAL, long_essay
from gateway_process import StartGateway, run_gateway
from playwright.sync_api import expect
from triton_process import TritonURLs

# --- the key ---


@pytest.fixture
def guarded(
    triton: TritonURLs, start_gateway: StartGateway, open_at: OpenPage, tmp_path: Path
) -> tuple[WatchedPage, str]:
    """The page of a gateway that wants a key, and the key."""
    file = tmp_path / "keys.json"
    made = run_gateway("keys", "create", "teacher", "--file", str(file))
    assert made.returncode == 0, made.stderr
    gateway = start_gateway(triton.http_url, {"AUTH_KEYS_FILE": str(file)})
    gateway.wait_until("ready")
    return open_at(gateway.port).allow(401), made.stdout.decode().strip()


def test_without_keys_none_is_asked_for(web: WatchedPage) -> None:
    web.analyse(PERSONAL)
    expect(web.page.get_by_label("API key")).to_be_hidden()
    expect(web.page.get_by_role("button", name="Forget the key")).to_be_hidden()


def test_a_key_is_asked_for_and_a_wrong_one_refused(guarded: tuple[WatchedPage, str]) -> None:
    web, key = guarded
    field = web.page.get_by_label("API key")
    expect(field).to_be_hidden()
    web.fill(PERSONAL)
    assert web.press_analyse().status == 401
    assert "needs a key" in web.error()
    expect(field).to_be_focused()
    assert field.get_attribute("type") == "password"
    field.fill(key[:-1] + ("A" if key[-1] != "A" else "B"))
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(key)
    field.press("Enter")
    web.page.locator("#report").wait_for()
    expect(field).to_be_hidden()
    # The features' units come from a route that wants the key, too.
    expect(web.page.locator(".terms .caption").first).to_contain_text("(")


def test_the_key_is_kept_for_the_tab_and_can_be_forgotten(guarded: tuple[WatchedPage, str]) -> None:
    web, key = guarded
    web.fill(PERSONAL)
    web.press_analyse()
    web.page.get_by_label("API key").fill(key)
    web.analyse(PERSONAL)
    assert web.page.evaluate("Object.values(sessionStorage)") == [key]
    assert web.page.evaluate("localStorage.length") == 0 and web.page.context.cookies() == []
    assert not any(key in path for path in web.requested)
    web.page.reload()
    web.analyse(PERSONAL)
    web.page.get_by_role("button", name="Forget the key").click()
    assert web.page.evaluate("sessionStorage.length") == 0
    assert web.press_analyse().status == 401


# --- files ---

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _word_file(body: str, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    document = f'<?xml version="1.0"?><w:document xmlns:w="{NAMESPACE}"><w:body>{body}</w:body></w:document>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        archive.writestr("word/comments.xml", "<comments>a comment</comments>")
    return target.getvalue()


def _choose(web: WatchedPage, name: str, content: bytes) -> None:
    web.page.get_by_label("Choose a file").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (MARKED_UP.encode(), MARKED_UP),
        (b"\xef\xbb\xbfplain", "plain"),
        ("caf\u00e9 \U0001f48c".encode("utf-16"), "caf\u00e9 \U0001f48c"),
        ("one\r\n\r\ntwo\rthree".encode(), "one\n\ntwo\nthree"),
        ("\u201ccaf\u00e9\u201d".encode("cp1252"), "\u201ccaf\u00e9\u201d"),
    ],
    ids=["UTF-8", "byte order mark", "UTF-16", "line ends", "Windows-1252"],
)
def test_a_text_file_fills_the_field(web: WatchedPage, content: bytes, text: str) -> None:
    _choose(web, "essay.md", content)
    expect(web.page.locator("#essay")).to_have_value(text)
    expect(web.page.locator("#status")).to_contain_text("essay.md is in the field")
    expect(web.page.get_by_role("button", name="Analyse", exact=True)).to_be_focused()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_word_file_gives_the_text_of_its_body(web: WatchedPage, compression: int) -> None:
    body = """
        <w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>First &amp; </w:t></w:r>
        <w:r><w:t>last.</w:t></w:r></w:p><w:p/>
        <w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:ins><w:r><w:t>Zo\u00eb</w:t><w:br/>
        <w:t>waits</w:t><w:tab/><w:t>\U0001f48c</w:t></w:r></w:ins><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"""
    _choose(web, "essay.docx", _word_file(body, compression))
    expect(web.page.locator("#essay")).to_have_value("First & last.\n\nZo\u00eb\nwaits\t\U0001f48c")
    expect(web.page.locator("#status")).to_contain_text("without footnotes")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("scan.pdf", b"%PDF-1.7", "cannot be read here"),
        ("old.doc", b"\xd0\xcf\x11\xe0", "cannot be read here"),
        ("picture", b"\x00\x01\x02", "not a text file"),
        ("cut.docx", _word_file("<w:p/>")[:150], "not a Word document"),
        ("other.docx", b"PK\x05\x06" + bytes(18), "not a Word document"),
    ],
    ids=["PDF", "old Word", "binary", "cut off", "empty archive"],
)
def test_another_file_is_refused_in_words_and_the_field_is_left_alone(
    web: WatchedPage, name: str, content: bytes, message: str
) -> None:
    web.fill("as it was")
    _choose(web, name, content)
    assert message in web.error()
    expect(web.page.locator("#essay")).to_have_value("as it was")


def test_a_word_file_with_broken_xml_is_refused(web: WatchedPage) -> None:
    _choose(web, "broken.docx", _word_file("<w:p>"))
    assert "not a Word document" in web.error()
    # Chromium's parser puts a style of its own into what it says about bad XML, and its policy forbids it that.
    assert all("inline style" in complaint for complaint in web.complaints)
    web.complaints.clear()


def test_a_file_can_be_dropped_on_the_field(web: WatchedPage) -> None:
    drop = web.page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'dropped.txt')); return data; }",
        PERSONAL,
    )
    for event in ("dragover", "drop"):
        web.page.locator("#essay").dispatch_event(event, {"dataTransfer": drop})
    expect(web.page.locator("#essay")).to_have_value(PERSONAL)


# --- offsets ---


def test_byte_offsets_become_the_browsers_own(web: WatchedPage) -> None:
    """For every byte of a text with characters of one to four; within a character it is the character's start."""
    script = "async ([text, offsets]) => (await import('/web/passages.js')).utf16Indices(text, offsets)"
    expected: list[int] = []
    for index, character in enumerate(MARKED_UP):
        units = len(MARKED_UP[:index].encode("utf-16-le")) // 2
        expected += [units] * len(character.encode())
    end = len(MARKED_UP.encode("utf-16-le")) // 2
    found = web.page.evaluate(script, [MARKED_UP, [*range(len(expected)), len(expected), len(expected) + 9]])
    assert found == [*expected, end, end]


def test_overlapping_passages_become_pieces_with_the_mean(web: WatchedPage) -> None:
    script = "async ([text, passages]) => (await import('/web/passages.js')).pieces(text, passages)"
    text = "Zo\u00eb waits \U0001f48c\U0001f48c for the letters that nobody sent. After."
    passages = [
        {"start": 0, "end": len("Zo\u00eb waits \U0001f48c\U0001f48c for the let".encode()), "probability_ai": 0.2},
        # Begins within the second letter.
        {"start": len("Zo\u00eb waits \U0001f48c".encode()) + 2, "end": len(text.encode()) - 7, "probability_ai": 0.6},
    ]
    assert web.page.evaluate(script, [text, passages]) == [
        {"text": "Zo\u00eb waits \U0001f48c\U0001f48c ", "probability": 0.2},
        {"text": "for the letters ", "probability": 0.4},
        {"text": "that nobody sent. ", "probability": 0.6},
        {"text": "After.", "probability": None},
    ]
    assert web.page.evaluate(script, [text, []]) == [{"text": text, "probability": None}]


# --- the keyboard alone ---


def test_everything_works_without_a_mouse(web: WatchedPage, tmp_path: Path) -> None:
    page = web.page
    focused = "document.activeElement.id || document.activeElement.textContent"

    def tab_to(name: str) -> None:
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate(focused) == name:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none" or name == "file", f"no focus ring on {name}"
                return
        raise AssertionError(f"{name} cannot be reached; at {page.evaluate(focused)}")

    tab_to("Skip to the essay field")
    page.keyboard.press("Enter")
    expect(page.locator("#essay")).to_be_focused()
    page.keyboard.insert_text(long_essay(2))
    tab_to("analyze")
    tab_to("file")
    tab_to("clear")
    page.keyboard.press("Enter")
    expect(page.locator("#essay")).to_have_value("")
    expect(page.locator("#essay")).to_be_focused()
    page.keyboard.insert_text(long_essay(2))
    page.keyboard.press("Control+Enter")
    page.locator("#report").wait_for()
    expect(page.locator("#report")).to_be_focused()
    tab_to("Copy the report")
    tab_to("Print")
