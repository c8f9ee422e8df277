from training import splits
from training.treebank_texts import documents

SENTENCE = "The food was good and the people behind the counter were kind to all of us today"


def conllu(genre: str, paragraphs: list[int]) -> list[str]:
    """A document's lines; `paragraphs` says how many sentences each has."""
    lines = [f"# newdoc id = {genre}-7_a"]
    for number, sentences in enumerate(paragraphs):
        lines.append(f"# newpar id = {genre}-7_a-p{number}")
        for place in range(sentences):
            lines += [f"# sent_id = {place}", f"# text = {SENTENCE} {number}.{place}.", "1\tThe\tthe\tDET\t_\t_\t0\troot\t_\t_", ""]
    return lines


def test_a_document_is_a_human_text_with_its_paragraphs():
    [essay] = documents(conllu("reviews", [1, 3]))
    assert essay["text"] == (f"{SENTENCE} 0.0.\n\n" + " ".join(f"{SENTENCE} 1.{place}." for place in range(3)))
    assert (essay["id"], essay["label"], essay["source"]) == ("ewt-reviews-7_a", "human", "ewt-reviews")


def test_documents_under_fifty_words_are_left_out():
    assert documents(conllu("reviews", [2]) + conllu("email", [4]))[0]["source"] == "ewt-email"
    assert len(documents(conllu("reviews", [2]) + conllu("email", [4]))) == 1


def test_a_document_without_marks_of_paragraphs_is_one_paragraph():
    lines = [line for line in conllu("answers", [5]) if not line.startswith("# newpar")]
    assert "\n" not in documents(lines)[0]["text"]


def test_all_genres_are_one_domain_and_each_document_a_group_of_its_own():
    essays = documents(conllu("reviews", [4]) + conllu("weblog", [4]))
    assert {splits.domain_of(essay) for essay in essays} == {"ewt"}
    assert len({splits.group_of(essay) for essay in essays}) == 2
