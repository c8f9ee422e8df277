"""The tokenizer beside three others."""

from collections.abc import Callable
from pathlib import Path

from comparison.measuring import ROOT, ROUNDS, Forms, bench_results, named, round_seconds, run_bench, texts_of

VOCABULARY = ROOT / "Sources" / "WordPiece" / "Resources" / "vocab.txt"


def blingfire_forms(texts: list[str]) -> tuple[Forms, Callable[[str], list[int]]]:
    import ctypes

    import blingfire

    model = blingfire.load_model(str(Path(blingfire.__file__).parent / "bert_base_tok.bin"))
    longest = max(len(text.encode()) for text in texts) + 8
    encoded = [text.encode() for text in texts]
    # The wrapper makes a buffer for each text; the library's own function takes one that is there.
    buffer = (ctypes.c_int32 * longest)()
    function, handle, room = blingfire.blingfire.TextToIds, ctypes.c_void_p(model), ctypes.c_int(longest)
    unknown, place = ctypes.c_int(100), ctypes.byref(buffer)

    def direct() -> None:
        for text in encoded:
            function(handle, ctypes.c_char_p(text), ctypes.c_int(len(text)), place, room, unknown)

    def wrapped() -> None:
        for text in texts:
            blingfire.text_to_ids(model, text, len(text) + 8, 100, True)

    def ids(text: str) -> list[int]:
        return blingfire.text_to_ids(model, text, longest, 100, True).tolist()

    return {"C function, UTF-8, one buffer": direct, "`text_to_ids`": wrapped}, ids


def flash_forms(texts: list[str]) -> tuple[Forms, Callable[[str], list[int]]]:
    from flash_tokenizer import BertTokenizerFlash

    limit = 1 << 20
    tokenizer = BertTokenizerFlash(str(VOCABULARY), do_lower_case=True, model_max_length=limit).tokenizer

    def single() -> None:
        for text in texts:
            tokenizer.encode(text, "longest", limit)

    def batch() -> None:
        tokenizer.batch_encode(texts, "longest", limit, False)

    def ids(text: str) -> list[int]:
        return tokenizer.encode(text, "longest", limit)[1:-1]

    # Rows of a batch are padded to its longest text, so batches of like lengths, too.
    ordered = sorted(texts, key=len)
    batches = [ordered[start : start + 64] for start in range(0, len(ordered), 64)]

    def sorted_batches() -> None:
        for part in batches:
            tokenizer.batch_encode(part, "longest", limit, False)

    return {"`encode`": single, "`batch_encode`": batch, "`batch_encode`, 64 of like length": sorted_batches}, ids


def tokenizers_forms(texts: list[str]) -> tuple[Forms, Callable[[str], list[int]]]:
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)._tokenizer

    def fast() -> None:
        tokenizer.encode_batch_fast(texts, add_special_tokens=False)

    def offsets() -> None:
        tokenizer.encode_batch(texts, add_special_tokens=False)

    def single() -> None:
        for text in texts:
            tokenizer.encode(text, add_special_tokens=False)

    def ids(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False).ids

    return {"`encode_batch_fast`": fast, "`encode_batch`, with offsets": offsets, "`encode`, with offsets": single}, ids


def tokenizer_section(bench: Path, essays: Path) -> str:
    texts = texts_of(essays)
    size = sum(len(text.encode()) for text in texts)
    from transformers import BertTokenizer

    oracle = BertTokenizer(vocab=str(VOCABULARY))
    expected = [ids[1:-1] for ids in oracle(texts, verbose=False)["input_ids"]]

    # Ours before and after the others, and the better of the two.
    before = run_bench(bench, essays, "tokenizer")
    libraries = {"tokenizers": tokenizers_forms, "blingfire": blingfire_forms, "flash-tokenizer": flash_forms}
    forms, differing = {}, {}
    for library, make in libraries.items():
        of_library, ids = make(texts)
        forms |= {(library, form): function for form, function in of_library.items()}
        differing[library] = sum(ids(text) != right for text, right in zip(texts, expected, strict=True))
    times = {form: seconds[0] for form, seconds in round_seconds(forms).items()}
    after = run_bench(bench, essays, "tokenizer")
    ours = max(before, after, key=lambda figures: figures["best_mb_per_s"])
    actual = bench_results(bench, "--ids", essays)
    wrong = sum(ids != right for ids, right in zip(actual, expected, strict=True))

    speed = ours["best_mb_per_s"]
    rows = [f"| **gateway** | UTF-8 → ids and byte offsets | **{speed:.0f}** | 1 | {wrong} |"]
    for (library, form), best in times.items():
        theirs = size / best / 1e6
        rows.append(f"| {named(library)} | {form} | {theirs:.1f} | {speed / theirs:.1f} × | {differing[library]} |")
    fastest = max(size / best / 1e6 for best in times.values())
    cost = ours["degenerate_relative_to_prose"]
    nanoseconds = ours["degenerate_ns_per_byte"]
    return "\n".join(
        [
            "## Tokenizer",
            "",
            f"{len(texts)} essays, {size / 1e6:.2f} MB, {ours['tokens']:.0f} tokens; the best of {ROUNDS} rounds of each "
            f"library in turn, and of two times {ours['rounds']:.0f} rounds of ours, before and after. The last column: "
            "texts whose ids are not BertTokenizer's.",
            "",
            "| library | form | MB/s | gateway is faster | texts that differ |",
            "|---|---|---:|---:|---:|",
            *rows,
            "",
            f"- **{speed / fastest:.1f} times the fastest of the three**, with offsets, which the others' quickest forms do "
            "not give.",
            f"- Median round: {ours['median_mb_per_s']:.0f} MB/s. An essay: {ours['essay_p50_us']:.1f} µs at p50, "
            f"{ours['essay_p99_us']:.1f} µs at p99; {ours['mallocs_per_essay']:.2f} mallocs.",
            f"- Start-up, once a process: {ours['start_up_ms']:.1f} ms to build the tables.",
            "",
            "What could cost more than prose, a megabyte of each "
            f"(prose: {ours['prose_1mb_ns_per_byte']:.1f} ns a byte):",
            "",
            "| text | ns a byte | to prose |",
            "|---|---:|---:|",
            *(f"| {name} | {nanoseconds[name]:.1f} | {cost[name]:.1f} × |" for name in sorted(cost, key=cost.get)),
        ]
    )
