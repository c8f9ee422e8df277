from training.tidy import FREQUENT, KNOWN, Tidier, word_counts

COUNTS = {"because": 900, "people": 900, "their": 800, "believe": 300, "quokka": KNOWN, "i": 900, "think": 400,
          "school": 500, "is": 900, "good": 700, "form": 300, "from": 800}
TIDIER = Tidier(COUNTS)


def test_a_rare_word_becomes_the_frequent_one_beside_it():
    assert TIDIER.tidied("They left becuase peple beleive it.") == "They left because people believe it."


def test_of_two_equally_frequent_words_it_is_always_the_same():
    assert Tidier({"coast": 500, "roast": 500}).tidied("Along the xoast.") == "Along the roast."


def test_known_words_names_and_strangers_stay():
    for text in ("A quokka ate.", "We met Peple there.", "Zyzzyva stays.", "The form is from school."):
        assert TIDIER.tidied(text) == text


def test_capitals_and_spaces_are_put_right():
    assert TIDIER.tidied("i think , school is good.people think so!  i agree") == (
        "I think, school is good.people think so!  I agree")


def test_tidying_twice_changes_nothing_more():
    text = "becuase i beleive ,that peple is good ."
    assert TIDIER.tidied(TIDIER.tidied(text)) == TIDIER.tidied(text)


def test_a_word_counts_once_a_text():
    counts = word_counts(["the the cat", "The dog"])
    assert counts["the"] == 2 and counts["cat"] == 1
    assert KNOWN < FREQUENT
