"""`gateway tokenize` gives the ids and offsets of transformers.BertTokenizer."""

import json
import os
from pathlib import Path

import pytest
from tokenizer_oracle import ROOT, Oracle, StringGenerator, differences, gateway_binary

SEED = 20_250_101
GENERATED_STRINGS = 10_000


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    if not gateway_binary().exists():
        pytest.fail(f"no gateway binary at {gateway_binary()}: build it for release or set GATEWAY_BIN")
    return Oracle()


def dev_texts() -> list[str]:
    directory = os.environ.get("ESSAYS_DIR")
    path = (Path(directory) if directory else ROOT.parent / "shared" / "data" / "essays") / "dev.jsonl"
    if not path.exists():
        pytest.fail("no dev.jsonl: set ESSAYS_DIR to the folder that has the essays")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def test_every_text_of_the_dev_set_has_the_oracles_ids_and_offsets(oracle: Oracle) -> None:
    texts = dev_texts()
    assert len(texts) > 1000, "the dev set is not whole"
    # Places only, no text: essays do not belong in a log.
    differing = [line.split(":")[0] for line in differences(oracle, texts)]
    assert not differing, f"{len(differing)} of {len(texts)} texts differ: {differing[:10]}"


def test_generated_unicode_strings_have_the_oracles_ids_and_offsets(oracle: Oracle) -> None:
    texts = StringGenerator(SEED).strings(GENERATED_STRINGS)
    differing = differences(oracle, texts)
    assert not differing, f"seed {SEED}: {len(differing)} of {len(texts)} strings differ:\n" + "\n".join(differing[:10])


def test_the_generated_strings_reach_the_corners(oracle: Oracle) -> None:
    """A generator that went dull would make the test above pass without telling anything."""
    strings = StringGenerator(SEED).strings(GENERATED_STRINGS)
    planes = {ord(character) >> 16 for string in strings for character in string}
    assert planes == {0, 1, 2, 3, 14, 15, 16}
    ids = [ids for ids, _ in oracle.encode(strings)]
    unknown = oracle.tokenizer.unk_token_id
    assert sum(unknown in row for row in ids) > GENERATED_STRINGS // 10
    assert sum(unknown not in row and len(row) > 2 for row in ids) > GENERATED_STRINGS // 10
    assert sum(len(row) == 2 for row in ids) > 10, "strings of which nothing is left"
    for special in ("[SEP]", "[CLS]", "[MASK]", "[PAD]", "[UNK]"):
        assert any(special in string for string in strings)
    assert len({token for row in ids for token in row}) > 10_000
