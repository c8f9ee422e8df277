"""Human prose from Debian packages."""

import gzip

import pytest

from training import splits
from training.debian_texts import PIECE_WORDS, debian_texts, dictionary_entries, faq_pieces

SENTENCE = "Nobody who has thought about it for long would say that this question has one short answer. "


def page(paragraphs: int) -> str:
    return "<html><body><p>Short.</p>" + "".join(
        f"<h2>Heading {number}</h2><p>{number} {SENTENCE * 2}<i>{SENTENCE}</i></p>\n" for number in range(paragraphs))


def test_a_page_is_cut_at_paragraphs_into_pieces_as_long_as_essays():
    pieces = faq_pieces("secA1", page(60))
    assert len(pieces) > 3
    paragraphs = [paragraph for piece in pieces for paragraph in piece["text"].split("\n\n")]
    assert paragraphs == [f"{number} {(SENTENCE * 3).strip()}" for number in range(len(paragraphs))]
    for piece in pieces:
        assert PIECE_WORDS[0] <= len(piece["text"].split()) <= PIECE_WORDS[1] + 60
    assert len({splits.group_of(piece) for piece in pieces}) == 1
    assert faq_pieces("secA1", page(60)) == pieces


def test_an_entry_is_its_sentences_without_marks_and_tables():
    dictionary = (
        "abstract class\n\n   <programming> In {object-oriented programming}, a class that is made to be a\n"
        "   parent and of which there are no objects of its own.\n\n   + - 0\n\n"
        "   {Home page (http://example.org/)} with all that is known about this and much more besides.\n\n"
        "   (1995-02-16)\nADT\n\n   {abstract data type}.\n")
    assert dict(dictionary_entries(dictionary)) == {
        "abstract class": "In object-oriented programming, a class that is made to be a parent and of which there are no "
        "objects of its own.", "ADT": ""}


def test_both_packages_become_sources_and_no_more_texts_than_asked(tmp_path):
    pages = tmp_path / "anarchism/usr/share/doc/anarchism/html"
    dictionary = tmp_path / "dict-foldoc/usr/share/dictd/foldoc.dict.dz"
    with pytest.raises(FileNotFoundError, match="debian-texts.sh"):
        debian_texts(tmp_path)
    pages.mkdir(parents=True)
    dictionary.parent.mkdir(parents=True)
    (pages / "secA1.html").write_text(page(60), encoding="utf-8")
    (pages / "links.html").write_text(page(60), encoding="utf-8")
    with gzip.open(dictionary, "wt", encoding="utf-8") as file:
        file.writelines(f"term {number}\n\n   {SENTENCE * 4}\n\n" for number in range(9))
        file.write("short\n\n   Too short to be an essay, however one may look at it.\n")
    found = debian_texts(tmp_path, texts=3)
    assert sorted(essay["source"] for essay in found) == ["anarchism"] * 3 + ["foldoc"] * 3
    assert {essay["label"] for essay in found} == {"human"}
    assert {splits.domain_of(essay) for essay in found} == {"anarchism", "foldoc"}
    assert len(debian_texts(tmp_path)) == len(faq_pieces("secA1", page(60))) + 9
