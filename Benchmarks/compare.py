#!/usr/bin/env python3
"""Prints the speed of the gateway's text code beside that of other libraries: one machine, one core, one session.

    taskset -c 1 Benchmarks/compare.py --bench Benchmarks/.build/release/bench --essays dev.jsonl [--write FILE]

Each library runs in its quickest form that this script knows of, and every form is measured; the texts are the same. The
rounds of the libraries are taken in turn, ours before and after them; on a machine with other work the ratio flatters
whose rounds are short, which are ours, so let it rest. To add a section,
write a function that returns Markdown and name it in SECTIONS.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

# One thread each, before the libraries are loaded.
os.environ |= {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "Sources" / "WordPiece" / "Resources" / "vocab.txt"
# Of a library of some MB/s a round takes a second or two.
ROUNDS = 7


def best_seconds(forms: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The shortest time of each form; the forms take turns."""
    best = dict.fromkeys(forms, float("inf"))
    for _ in range(ROUNDS):
        for name, form in forms.items():
            start = time.perf_counter()
            form()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def run_bench(bench: Path, essays: Path, section: str) -> dict:
    """Our own figures of a section."""
    run = subprocess.run([bench, essays, section], stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)[section]


# --- tokenizers -------------------------------------------------------------------------------------------------------


def blingfire_forms(texts: list[str]) -> tuple[dict[str, Callable[[], object]], Callable[[str], list[int]]]:
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


def flash_forms(texts: list[str]) -> tuple[dict[str, Callable[[], object]], Callable[[str], list[int]]]:
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


def tokenizers_forms(texts: list[str]) -> tuple[dict[str, Callable[[], object]], Callable[[str], list[int]]]:
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


def version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def tokenizer_section(bench: Path, essays: Path) -> str:
    with essays.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    size = sum(len(text.encode()) for text in texts)
    from transformers import BertTokenizer

    oracle = BertTokenizer(vocab=str(VOCABULARY))
    expected = [ids[1:-1] for ids in oracle(texts, verbose=False)["input_ids"]]

    # Ours before and after the others, and the better of the two.
    before = run_bench(bench, essays, "tokenizer")
    libraries = {"tokenizers": tokenizers_forms, "blingfire": blingfire_forms, "flash-tokenizer": flash_forms}
    rows, forms, differing = [], {}, {}
    for library, make in libraries.items():
        of_library, ids = make(texts)
        forms |= {(library, form): function for form, function in of_library.items()}
        differing[library] = sum(ids(text) != right for text, right in zip(texts, expected, strict=True))
    times = best_seconds(forms)
    after = run_bench(bench, essays, "tokenizer")
    ours = max(before, after, key=lambda figures: figures["best_mb_per_s"])
    wrong = ours_differing(bench, essays, expected)

    speed = ours["best_mb_per_s"]
    rows.append(f"| **gateway** | UTF-8 → ids and byte offsets | **{speed:.0f}** | 1 | {wrong} |")
    for (library, form), best in times.items():
        theirs = size / best / 1e6
        name = f"{library} {version(library)}"
        rows.append(f"| {name} | {form} | {theirs:.1f} | {speed / theirs:.1f} × | {differing[library]} |")
    fastest = max(size / best / 1e6 for best in times.values())
    cost = ours["degenerate_relative_to_prose"]
    nanoseconds = ours["degenerate_ns_per_byte"]
    return "\n".join(
        [
            "## Tokenizer",
            "",
            f"{len(texts)} essays, {size / 1e6:.2f} MB, {ours['tokens']:.0f} tokens; the best of {ROUNDS} rounds of each "
            "library in turn, and of two times 30 rounds of ours, before and after. The last column: texts whose ids are "
            "not BertTokenizer's.",
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


def ours_differing(bench: Path, essays: Path, expected: list[list[int]]) -> int:
    """Texts whose ids, as the measured binary has them, are not the oracle's."""
    run = subprocess.run([bench, "--ids", essays], stdout=subprocess.PIPE, check=True)
    actual = [json.loads(line) for line in run.stdout.splitlines()]
    return sum(ids != right for ids, right in zip(actual, expected, strict=True))


SECTIONS = {"tokenizer": tokenizer_section}


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return f"{model}, one core, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True, help="the binary of Benchmarks/Sources/bench")
    parser.add_argument("--essays", type=Path, required=True, help="a file of JSON lines with the key text")
    parser.add_argument("--write", type=Path, help="the Markdown goes there, too")
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all unless named")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    if cores != 1:
        sys.exit(f"compare: may use {cores} cores: start it with taskset -c N")
    parts = [f"# Benchmarks\n\nWritten by `make bench`. {machine()}."]
    parts += [SECTIONS[name](options.bench, options.essays) for name in options.sections or SECTIONS]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
