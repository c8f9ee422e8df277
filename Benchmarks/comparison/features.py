"""The text features beside textstat and Empath, and what each stage of them costs."""

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from comparison.measuring import ROOT, ROUNDS, Forms, bench_results, named, round_seconds, run_bench, texts_of

# The Python packages take some ms an essay.
SAMPLE = 500
# Of the median essay of 350 words, in µs.
GOALS = {"lexical": 200, "everything": 1500}
SETS = {
    "comparable": "readability and psycholinguistics: what textstat and Empath compute",
    "lexical": "all lexical families, those two included",
    "everything": "all families, with tags and trees; without the sentences' embeddings, which need a Triton",
}
# The best-known scores, which textstat_scores.py has first.
FIRST_SCORES = 6


def python_forms(texts: list[str]) -> tuple[Forms, dict[str, int]]:
    """Passes over the texts, and how many values an essay each makes."""
    from empath import Empath

    sys.path.append(str(ROOT / "scripts"))
    from textstat.backend.utils.constants import CACHE_SIZE
    from textstat_scores import SCORES

    # textstat remembers the last texts. An essay's scores may share its counts; no round may find the last round's.
    assert len(texts) > CACHE_SIZE, f"{len(texts)} essays fit into textstat's cache"
    empath = Empath()
    categories = defaultdict(list)
    for category, terms in empath.cats.items():
        for term in terms:
            categories[term].append(category)

    def scores(count: int) -> None:
        chosen = list(SCORES.values())[:count]
        for text in texts:
            for score in chosen:
                score(text)

    def analyze() -> None:
        for text in texts:
            empath.analyze(text, normalize=True)

    def indexed() -> None:
        for text in texts:
            counts = dict.fromkeys(empath.cats, 0.0)
            pieces = text.split()
            for piece in pieces:
                # Not the index's default, which would keep every piece that it has not got.
                for category in categories.get(piece, ()):
                    counts[category] += 1.0
            {category: count / len(pieces) for category, count in counts.items()}

    forms = {
        "six": lambda: scores(FIRST_SCORES),
        "all": lambda: scores(len(SCORES)),
        "empath": analyze,
        "indexed": indexed,
    }
    return forms, {"six": FIRST_SCORES, "all": len(SCORES), "empath": len(empath.cats), "indexed": len(empath.cats)}


def differences(lines: list[dict]) -> list[str]:
    """How far the packages' values of the same texts are from those of the measured binary."""
    from empath import Empath
    from textstat_scores import SCORES

    empath = Empath()
    largest, values = 0.0, 0
    scores = defaultdict(list)
    for line in lines:
        ours = line["features"]
        for name, value in empath.analyze(line["text"], normalize=True).items():
            largest, values = max(largest, abs(ours[name] - value)), values + 1
        for name, score in SCORES.items():
            scores[name].append(abs(ours[name] - score(line["text"])))
    medians = ", ".join(f"`{name}` {median(of_score):.3f}" for name, of_score in scores.items())
    return [
        f"- The measured binary's values beside theirs: largest difference from Empath {largest:.0e}, of {values} values; "
        f"median differences from textstat, whose counts differ on purpose (see features.md): {medians}.",
    ]


def beside_python(bench: Path, texts: list[str]) -> list[str]:
    size = min(SAMPLE, len(texts))
    sample = [texts[place * len(texts) // size] for place in range(size)]
    with tempfile.TemporaryDirectory() as folder:
        essays = Path(folder) / "essays.jsonl"
        essays.write_text("".join(json.dumps({"text": text}) + "\n" for text in sample), encoding="utf-8")
        lines = bench_results(bench, "--features", essays)
        forms, counts = python_forms([line["text"] for line in lines])
        # Ours before and after the others, and the better of the two for each set.
        before = run_bench(bench, essays, "feature-sets")
        rounds = round_seconds(forms)
        after = run_bench(bench, essays, "feature-sets")
    ours = {
        first["set"]: min(first, second, key=lambda figures: figures["best_us_per_essay"])
        for first, second in zip(before["sets"], after["sets"], strict=True)
    }
    speeds = {name: figures["best_us_per_essay"] for name, figures in ours.items()}
    times = {form: seconds[0] * 1e6 / size for form, seconds in rounds.items()}
    medians = {form: median(seconds) * 1e6 / size for form, seconds in rounds.items()}

    textstat, empath = named("textstat"), named("empath")
    rows = [
        ([textstat], ["six"], "six scores: Flesch-Kincaid grade, Gunning fog, Coleman-Liau, SMOG, ARI, Dale-Chall"),
        ([textstat], ["all"], "nine scores: those, Flesch reading ease, Linsear Write and LIX, as *readability* has them"),
        ([empath], ["empath"], "`analyze(text, normalize=True)`, as *psycholinguistics* has it"),
        ([empath], ["indexed"], "the same by a loop of ours, which inverts Empath's lists once, not anew for each text"),
        ([textstat, empath], ["six", "empath"], "six scores and `analyze`"),
        ([textstat, empath], ["all", "empath"], "**like for like**: nine scores and `analyze`"),
        ([textstat, empath], ["all", "indexed"], "like for like, with the loop of ours"),
    ]

    def row(packages: list[str], parts: list[str], what: str) -> str:
        best, middle, values = (sum(of[part] for part in parts) for of in (times, medians, counts))
        ratios = " | ".join(f"{best / speeds[name]:.1f} ×" if len(parts) > 1 else "" for name in SETS)
        return f"| {' + '.join(packages)} | {what} | {values} | {best:.0f} | {middle:.0f} | {ratios} |"

    theirs, indexed = times["all"] + times["empath"], times["all"] + times["indexed"]
    by_medians = (medians["all"] + medians["empath"]) / ours["comparable"]["median_us_per_essay"]
    comparable, lexical = speeds["comparable"], speeds["lexical"]
    return [
        "### Beside textstat and Empath",
        "",
        f"{size} essays, spread evenly over all {len(texts)}; an essay's mean time in the best of {ROUNDS} rounds of each "
        f"form in turn, and of two times {before['rounds']:.0f} rounds of ours, before and after. Ours begin with the text "
        "as posted: cleaning and segmentation are in their times. The packages get it cleaned, and their tables are there "
        "already, as ours are; an essay's scores share what textstat remembers of its counts.",
        "",
        "| gateway: text as posted → | values | µs an essay | median round | mallocs an essay |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| *{name}*: {what} | {ours[name]['features']:.0f} | **{speeds[name]:.1f}** | "
            f"{ours[name]['median_us_per_essay']:.1f} | {ours[name]['mallocs_per_essay']:.1f} |"
            for name, what in SETS.items()
        ),
        "",
        "| package | computes | values | µs an essay | median round | to *comparable* | to *lexical* | to *everything* |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *(row(*parts) for parts in rows),
        "",
        f"- **Like for like {theirs / comparable:.0f} times as fast** ({by_medians:.0f} by the median rounds); "
        f"{indexed / comparable:.0f} times if Empath inverted its lists once. All {ours['lexical']['features']:.0f} lexical "
        f"features: {theirs / lexical:.0f} and {indexed / lexical:.0f} times as fast as the packages' "
        f"{counts['all'] + counts['empath']}.",
        *differences(lines),
    ]


def stages(figures: dict) -> list[str]:
    whole = {row["name"]: row for row in figures["stages"]}
    cut = {row["name"]: row for row in figures["cut_stages"]}

    def cells(row: dict) -> str:
        return f"{row['p50_us']:.1f} | {row['p99_us']:.1f} | {row['mallocs']:.1f}"

    def goal(name: str) -> str:
        took = cut[name]["p50_us"]
        verdict = "reached" if took <= GOALS[name] else f"missed: {took / GOALS[name]:.1f} times that"
        return (
            f"- *{name}*, an essay of {figures['cut_words']:.0f} words: {took / 1e3:.3f} ms at p50, "
            f"{cut[name]['p99_us'] / 1e3:.3f} ms at p99. Goal at p50: {GOALS[name] / 1e3:.1f} ms; {verdict}."
        )

    return [
        "### Stage by stage",
        "",
        f"Times in µs, of all {figures['essays']:.0f} essays, {figures['bytes'] / 1e6:.2f} MB; and of the "
        f"{figures['cut_essays']:.0f} that have {figures['cut_words']:.0f} words (between white space) or more, cut behind "
        "that word. An essay's time is the best of three passes over all. A stage gets what those before it made; a set "
        "begins with the text as posted.",
        "",
        f"| stage | | p50 | p99 | mallocs | {figures['cut_words']:.0f} words: p50 | p99 | mallocs |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *(f"| {name} | {row['kind']} | {cells(row)} | {cells(cut[name])} |" for name, row in whole.items()),
        "",
        *(goal(name) for name in GOALS),
        f"- Start-up, once a process: {figures['start_up_ms']:.1f} ms to decode word lists and weights.",
    ]


def linearity(figures: dict) -> list[str]:
    rows = figures["linearity"]
    prose = rows[0]

    def row(of_text: dict) -> str:
        cells = [of_text["name"], f"{of_text['tokens']:.0f}"]
        for figure in ["lexical_ns_per_byte", "everything_ns_per_byte", "syntax_ns_per_token"]:
            # A token of a megabyte says nothing of what a token takes.
            tells = "token" not in figure or of_text["tokens"] > 1000
            cells += [f"{of_text[figure]:.1f}", f"{of_text[figure] / prose[figure]:.2f} ×"] if tells else ["", ""]
        return f"| {' | '.join(cells)} |"

    return [
        "### What could cost more than prose",
        "",
        "A megabyte of each. The parser's time goes by tokens, of which a text of marks has more than prose of its length.",
        "",
        "| text | tokens | *lexical*, ns a byte | to prose | *everything*, ns a byte | to prose "
        "| syntax analysis, ns a token | to prose |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(row(of_text) for of_text in rows),
    ]


def features_section(bench: Path, essays: Path) -> str:
    beside = beside_python(bench, texts_of(essays))
    figures = run_bench(bench, essays, "features")
    return "\n".join(["## Features", "", *beside, "", *stages(figures), "", *linearity(figures)])
