"""What kind of word a word piece is."""

import pytest

from training.syntax import conllu
from training.token_kinds import VOCABULARY_FILE, kinds_of

TREEBANK = """1\tThe\tthe\tDET\tDT\t_\t0\troot\t_\t_
2\tParis\tParis\tPROPN\tNNP\t_\t0\troot\t_\t_
3\tharbour\tharbour\tNOUN\tNN\t_\t0\troot\t_\t_
4\tslowly\tslowly\tADV\tRB\t_\t0\troot\t_\t_
5\trun\trun\tNOUN\tNN\t_\t0\troot\t_\t_
6\trun\trun\tVERB\tVB\t_\t0\troot\t_\t_
7\tRun\trun\tVERB\tVB\t_\t0\troot\t_\t_
8-9\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
8\tdo\tdo\tAUX\tVBP\t_\t0\troot\t_\t_
9\tn't\tnot\tPART\tRB\t_\t0\troot\t_\t_
10-11\tcannot\t_\t_\t_\t_\t_\t_\t_\t_
10\tcan\tcan\tAUX\tMD\t_\t0\troot\t_\t_
11\tnot\tnot\tPART\tRB\t_\t0\troot\t_\t_
12-13\tharbour's\t_\t_\t_\t_\t_\t_\t_\t_
12\tharbour\tharbour\tNOUN\tNN\t_\t0\troot\t_\t_
13\t's\t's\tPART\tPOS\t_\t0\troot\t_\t_
14\t%\t%\tSYM\tNN\t_\t0\troot\t_\t_

"""


@pytest.fixture
def kinds(tmp_path):
    """The kinds of word pieces by the treebank above."""
    path = tmp_path / "treebank.conllu"
    path.write_text(TREEBANK, encoding="utf-8")
    return lambda *pieces: kinds_of(pieces, conllu.read(path))


def test_a_function_word_stands_for_itself_and_any_other_for_what_it_most_often_is(kinds):
    assert kinds("the", "paris", "harbour", "slowly", "run") == ["the", "<NN>", "<NN>", "<RB>", "<VB>"]


def test_a_word_that_the_treebank_lacks_is_what_its_ending_says(kinds):
    assert kinds("quickly", "labour", "##ly", "xyz") == ["<RB>", "<NN>", "##<RB>", "<other>"]


def test_what_word_pieces_cut_otherwise_than_the_treebank_stands_for_itself(kinds):
    assert kinds("don", "'", "t", "cannot") == ["don", "'", "t", "cannot"]
    assert kinds("harbour", "'", "s") == ["<NN>", "'", "s"]


def test_numbers_are_one_kind_and_marks_each_their_own(kinds):
    assert kinds("1984", "7", "§", "%", "[CLS]") == ["<CD>", "<CD>", "§", "%", "[CLS]"]


def test_every_word_piece_of_the_vocabulary_has_a_kind(kinds):
    pieces = VOCABULARY_FILE.read_text(encoding="utf-8").splitlines()
    of = dict(zip(pieces, kinds(*pieces), strict=True))
    assert len(of) == 30522 and all(of.values())
    assert of["quickly"] == of["slowly"] == "<RB>" != of["the"]
