"""The report from files to files, over made-up features; the gateway is played by a script."""

import csv
import json
import sys
import xml.etree.ElementTree

import numpy
import pytest

from training import feature_report, feature_texts
from training.feature_document import Study, effect, guidance, number, probability
from training.feature_texts import Schema, ebm_texts, feature_rows, read_store, stored_features, text_key
from training.references import read_references, references

SOURCES = (("ellipse", "human"), ("comnets", "human"), ("comnets", "ai"), ("ndhal", "ai"))
NAMES = ("length", "rate", "flat", *(f"noise_{number:02}" for number in range(14)))
FAMILIES = ("size", "style", "style", *["psycholinguistics"] * 14)


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def made_up(folder, each: int = 60):
    """`length` counts and differs, `rate` turns round in comnets, `flat` is constant, the rest is mostly zero."""
    chance = numpy.random.default_rng(5)
    essays, answers = [], []
    for source, label in SOURCES:
        for place in range(each):
            identity = f"{source}-{label}-{place}"
            essays.append({"id": identity, "text": f"Text {identity}.", "label": label, "source": source,
                           "prompt": f"{label} {place}"})
            sign = 1 if label == "ai" else -1
            turn = -0.5 if source == "comnets" else 2
            noise = chance.normal(0, 1, 14)
            answers.append({"id": identity, "features": {
                "length": int(chance.integers(5, 20)) + 6 * sign, "rate": float(chance.normal(sign * turn, 1)),
                "flat": 2.0, **{name: float(max(0, value)) for name, value in zip(NAMES[3:], noise)}}})
    write(folder / "essays.jsonl", essays)
    write(folder / "features.jsonl", answers)
    (folder / "schema.json").write_text(json.dumps(
        {"hash": "0123456789abcdef", "names": [*NAMES, "absent"], "families": [*FAMILIES, "semantic flow"]}))
    return essays, answers


def run(monkeypatch, folder, *more):
    flags = {"essays": "essays.jsonl", "features": "features.jsonl", "schema": "schema.json", "output": "out/page.md",
             "plots": "out/plots", "csv": "all.csv"}
    arguments = [part for flag, file in flags.items() for part in (f"--{flag}", str(folder / file))]
    monkeypatch.setattr(sys, "argv", ["feature_report", *arguments, "--keep-calibration", *map(str, more)])
    feature_report.main()
    return (folder / "out" / "page.md").read_text(encoding="utf-8")


def test_the_page_tells_every_feature_by_family(tmp_path, monkeypatch):
    made_up(tmp_path)
    page = run(monkeypatch, tmp_path)
    assert all(f"`{name}`" in page for name in NAMES)
    assert "nan" not in page.lower()
    families = [line for line in page.splitlines() if line.startswith("### ")]
    assert families == ["### Size", "### Style", "### Psycholinguistics"]
    assert "Not computed in this run: `absent`." in page
    assert "240 whole texts (120 by people, 120 by language models) of `essays.jsonl`" in page
    assert "**read the corrected p-values**" in page
    (length, *_) = [line for line in page.splitlines() if line.startswith("| `length`")]
    assert length.endswith("| stable | differs |")
    (rate, *_) = [line for line in page.splitlines() if line.startswith("| `rate`")]
    assert rate.endswith("| artefact | differs |")
    assert "- `rate`: comnets within" in page
    assert [line for line in page.splitlines() if line.startswith("| `flat`")][0].endswith("|  | constant |")
    # Twelve of fourteen stand open.
    assert "<details><summary>2 more, |d| at most" in page
    assert page.count("<details>") == page.count("</details>")
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_figures_are_there_small_and_without_a_date(tmp_path, monkeypatch):
    made_up(tmp_path)
    page = run(monkeypatch, tmp_path)
    for name in (feature_report.DISTRIBUTIONS, feature_report.EFFECTS):
        assert f"](plots/{name})" in page
        figure = tmp_path / "out" / "plots" / name
        assert 1_000 < figure.stat().st_size < 300_000
        assert "dc:date" not in figure.read_text()
        assert xml.etree.ElementTree.parse(figure).getroot().tag.endswith("svg")


def test_the_same_input_gives_the_same_bytes(tmp_path, monkeypatch):
    made_up(tmp_path)
    figures = (feature_report.DISTRIBUTIONS, feature_report.EFFECTS)
    files = ("out/page.md", "all.csv", *(f"out/plots/{figure}" for figure in figures))
    run(monkeypatch, tmp_path)
    first = [(tmp_path / file).read_bytes() for file in files]
    run(monkeypatch, tmp_path)
    assert [(tmp_path / file).read_bytes() for file in files] == first


def test_features_are_joined_by_id(tmp_path, monkeypatch):
    _, answers = made_up(tmp_path)
    page = run(monkeypatch, tmp_path)
    write(tmp_path / "features.jsonl", answers[::-1])
    assert run(monkeypatch, tmp_path) == page
    write(tmp_path / "features.jsonl", answers[1:])
    with pytest.raises(ValueError, match="no line for 1 of 240 essays"):
        run(monkeypatch, tmp_path)


def test_texts_without_features_are_left_out_unless_many(tmp_path, monkeypatch):
    _, answers = made_up(tmp_path)
    for answer in answers[:5]:
        del answer["features"]
    write(tmp_path / "features.jsonl", answers)
    assert "235 whole texts (115 by people" in run(monkeypatch, tmp_path)
    for answer in answers[5:30]:
        del answer["features"]
    write(tmp_path / "features.jsonl", answers)
    with pytest.raises(RuntimeError, match="one text in twenty"):
        run(monkeypatch, tmp_path)


def test_the_sample_is_even_and_leaves_calibration_out(tmp_path):
    made_up(tmp_path)
    path = tmp_path / "essays.jsonl"
    chosen = feature_report.sample([path], 20, keep_calibration=True)
    assert len(chosen) == 80 and chosen == feature_report.sample([path], 20, keep_calibration=True)
    kept = feature_report.sample([path], 0, keep_calibration=False)
    assert 0 < len(kept) < 240 and not any(feature_report.splits.is_calibration(essay) for essay in kept)
    with pytest.raises(ValueError, match="twice"):
        feature_report.sample([path, path], 20, keep_calibration=True)


def test_the_table_for_machines_has_all_numbers(tmp_path, monkeypatch):
    made_up(tmp_path)
    run(monkeypatch, tmp_path)
    with (tmp_path / "all.csv").open() as file:
        rows = {row["feature"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(NAMES)
    assert rows["rate"]["direction"] == "artefact" and float(rows["rate"]["d:comnets:both"]) < -0.2
    for row in rows.values():
        assert all(value not in ("", "nan") for key, value in row.items() if key != "direction")


def test_without_a_schema_the_files_features_are_one_family(tmp_path, monkeypatch):
    made_up(tmp_path)
    arguments = ["--essays", "essays.jsonl", "--features", "features.jsonl", "--output", "page.md", "--plots", "plots",
                 "--csv", "all.csv", "--references", "references.json", "--limit", "0", "--keep-calibration"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["feature_report", *arguments])
    feature_report.main()
    assert (tmp_path / "page.md").read_text().count("\n### ") == 1
    made = read_references(tmp_path / "references.json", NAMES)
    assert made["flat"] == {"human": [2.0] * 101, "ai": [2.0] * 101, "minimum": 2.0, "maximum": 2.0}


def test_references_are_quantiles_of_whole_texts_and_ranges_of_all(tmp_path):
    whole = numpy.column_stack([numpy.arange(202.0), numpy.ones(202)])
    labels = numpy.repeat([0, 1], 101)
    trained = numpy.array([[-5.0, 0.0], [400.0, 2.0]])
    made = references(["a", "b"], whole, labels, trained)
    assert made["a"]["human"] == [float(value) for value in range(101)]
    assert made["a"]["ai"][50] == 151 and len(made["a"]["ai"]) == 101
    assert (made["a"]["minimum"], made["a"]["maximum"]) == (-5, 400)
    assert (made["b"]["minimum"], made["b"]["maximum"]) == (0, 2)
    (tmp_path / "r.json").write_text(json.dumps(made))
    assert read_references(tmp_path / "r.json", ["b", "a"]) == made
    with pytest.raises(ValueError, match="other features"):
        read_references(tmp_path / "r.json", ["a", "b", "c"])


GATEWAY = '''
import json, sys
arguments = sys.argv[1:]
if "--schema" in arguments:
    print(json.dumps({"hash": "feed", "names": ["letters", "words", "flow"], "families": ["size", "size", "flow"]}))
    sys.exit()
with open(LOG, "a") as log:
    for line in sys.stdin:
        entry = json.loads(line)
        log.write(entry["id"] + "\\n")
        if "unusable" in entry["text"]:
            print(json.dumps({"id": entry["id"], "error": "empty"}))
            continue
        values = {"letters": len(entry["text"]), "words": len(entry["text"].split())}
        if "--triton" in arguments:
            values["flow"] = len(entry["text"]) % 7
        print(json.dumps({"id": entry["id"], "features": values}))
'''


@pytest.fixture
def gateway(tmp_path, monkeypatch):
    """Its GATEWAY_BIN; what it was asked stands in `asked`."""
    (tmp_path / "gateway.py").write_text(GATEWAY.replace("LOG", repr(str(tmp_path / "asked"))))
    monkeypatch.setenv("GATEWAY_BIN", f"{sys.executable} {tmp_path / 'gateway.py'}")
    return tmp_path / "asked"


def asked(log) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_each_text_is_computed_once(tmp_path, gateway):
    store = tmp_path / "cache" / "features.feed.jsonl"
    first = stored_features(["one two", "three", "one two", "unusable"], store, "http://triton")
    assert first == [{"letters": 7, "words": 2, "flow": 0}, {"letters": 5, "words": 1, "flow": 5}, first[0], None]
    assert asked(gateway) == 3
    # A run that was interrupted in the middle of a line: that text alone is computed again, refused ones are retried.
    lines = store.read_text().splitlines()
    store.write_text(lines[0] + "\n" + lines[1][:20])
    assert stored_features(["one two", "three", "unusable"], store, "http://triton") == [first[0], first[1], None]
    assert asked(gateway) == 5
    assert set(read_store(store)) == {text_key("one two"), text_key("three")}


def test_rows_need_every_feature():
    essays = [{"id": str(place)} for place in range(40)]
    answers = [{"b": 2, "a": 1}] * 39 + [{"a": 1}]
    rows = feature_rows(essays, answers, ["a", "b"])
    assert len(rows) == 39 and rows[0]["features"] == [1.0, 2.0]


def test_a_schema_may_name_families():
    assert Schema.parse('{"hash": "h", "names": ["a", "b"]}') == Schema("h", ("a", "b"), {})
    assert Schema.parse('{"hash": "h", "names": ["a"], "families": ["f"]}').families == {"a": "f"}
    with pytest.raises(ValueError):
        Schema.parse('{"hash": "h", "names": ["a", "b"], "families": ["f"]}')


def gateway_run(monkeypatch, folder, *more):
    monkeypatch.setattr(feature_texts.store_path, "__defaults__", (folder / "cache",))
    essays = [{"id": f"{source}-{label}-{place}", "source": source, "label": label, "prompt": str(place),
               "text": " ".join(["Word follows word here."] * (6 + place % 5 + 3 * (label == "ai")))}
              for source, label in SOURCES for place in range(30)]
    write(folder / "essays.jsonl", essays)
    monkeypatch.setattr(sys, "argv", [
        "feature_report", "--essays", str(folder / "essays.jsonl"), "--trained-on", str(folder / "essays.jsonl"),
        "--output", str(folder / "page.md"), "--plots", str(folder / "plots"), "--csv", str(folder / "all.csv"), *more])
    feature_report.main()
    return essays


def test_with_a_server_the_references_are_written_with_the_ebms_range(tmp_path, gateway, monkeypatch):
    target = tmp_path / "references.json"
    essays = gateway_run(monkeypatch, tmp_path, "--triton", "http://triton", "--references", str(target))
    made = read_references(target, ["letters", "words", "flow"])
    seen = [len(row["text"].split()) for row in ebm_texts(essays)]
    assert (made["words"]["minimum"], made["words"]["maximum"]) == (min(seen), max(seen))
    # Four words a sentence, six to ten sentences by people.
    assert (made["words"]["human"][0], made["words"]["human"][100]) == (24, 40)
    assert "--triton http://127.0.0.1:8000" in (tmp_path / "page.md").read_text()
    # What was computed is there for the next run.
    before = asked(gateway)
    gateway_run(monkeypatch, tmp_path, "--triton", "http://triton", "--references", str(target))
    assert asked(gateway) == before


def test_without_a_server_references_stay_as_they_are(tmp_path, gateway, monkeypatch, capsys):
    gateway_run(monkeypatch, tmp_path)
    assert "flow need --triton" in capsys.readouterr().out
    assert "Not computed in this run: `flow`." in (tmp_path / "page.md").read_text()
    with pytest.raises(SystemExit):
        gateway_run(monkeypatch, tmp_path, "--references", str(tmp_path / "references.json"))
    assert not (tmp_path / "references.json").exists()


def test_guidance_names_what_applies():
    assert "These are 4,999 records: **read the corrected p-values**" in guidance(4999)
    assert "These are 5,000 records: **read the effect sizes**" in guidance(5000)


def test_numbers_are_short_and_defined():
    assert [number(value) for value in (0, 1234.5, 0.00012345, -3.14159, float("inf"), 1e-9)] == [
        "0", "1234", "0.000123", "−3.14", "∞", "1e-09"]
    assert [effect(value) for value in (-0.001, 0.5, -1.234, float("-inf"))] == ["0.00", "+0.50", "−1.23", "−∞"]
    assert [probability(p) for p in (0, 1e-5, 0.04321, 1)] == ["<1e-300", "1.0e-05", "0.043", "1.000"]


def test_a_study_counts_its_texts():
    study = Study("h", ("a",), 5, {("a", "human"): 3, ("a", "ai"): 4, ("b", "ai"): 1}, (), "")
    assert (study.records, study.of_label("human"), study.of_label("ai")) == (8, 3, 5)
