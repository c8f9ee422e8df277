"""The two commands from files to files, over answers made up in the gateway's format."""

import datetime
import json

import numpy
import pytest

from training import evaluate, fit_ensemble
from training.analysis import MODELS, read_analyzed
from training.model_repository import TensorSpec, configuration, fit_id, write_model
from training.splits import is_report
from training.stacking import sigmoid


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def made_up(folder, name: str, count: int, seed: int):
    """Essays and answers: bert_bilstm and bert_classifier know the label, ebm a little."""
    chance = numpy.random.default_rng(seed)
    essays, answers = [], []
    for number in range(count):
        human = number % 2 == 0
        source = ("ellipse" if number % 3 else "detectrl-story") if human else "ndhal"
        identity = f"{source}-{number}"
        sign = -1 if human else 1
        logits = [float(chance.normal(sign * strength, 1.5)) for strength in (3, 3, 0.8)]
        essays.append({"id": identity, "source": source, "label": "human" if human else "ai",
                       "prompt": f"p{number % 97}", "text": "."})
        probability = float(sigmoid(sum(logits) / 3))
        answers.append({
            "id": identity, "probability_ai": probability,
            "verdict": "ai" if probability > 0.8 else "human" if probability < 0.2 else "uncertain",
            "models": [{"name": model, "version": "1", "logit": logit} for model, logit in zip(MODELS, logits)]})
    write(folder / f"{name}.jsonl", essays)
    write(folder / f"{name}.analyzed.jsonl", answers)
    return essays, answers


@pytest.fixture
def fitted(tmp_path, monkeypatch):
    made_up(tmp_path, "calibration", 2000, 1)
    made_up(tmp_path, "dev", 2400, 2)
    (tmp_path / "references.json").write_text(json.dumps({
        name: {"human": [], "ai": [], "minimum": 0, "maximum": 1}
        for name in fit_ensemble.configured("ebm", "feature_names").split(",")}))
    arguments = ["fit_ensemble", "--output", str(tmp_path / "scoring.json")]
    for flag, file in (("calibration-analyzed", "calibration.analyzed.jsonl"), ("dev-analyzed", "dev.analyzed.jsonl"),
                       ("calibration", "calibration.jsonl"), ("dev", "dev.jsonl"), ("references", "references.json")):
        arguments += [f"--{flag}", str(tmp_path / file)]
    monkeypatch.setattr("sys.argv", arguments)
    fit_ensemble.main()
    return json.loads((tmp_path / "scoring.json").read_text())


def test_every_subset_keeps_its_promise(fitted):
    assert [len(entry["models"]) for entry in fitted["ensembles"]] == [3, 2, 2, 2, 1, 1, 1]
    for entry in fitted["ensembles"]:
        held_out, thresholds = entry["held_out"], entry["thresholds"]
        assert held_out["humans"] == held_out["ai"] == 1000
        assert held_out["humans_at_or_above_ai_threshold"] <= 10
        assert held_out["ai_at_or_below_human_threshold"] <= 50
        assert held_out["humans_at_or_above_ai_threshold"] / 1000 < held_out["false_positive_rate_upper_95"] < 0.03
        assert 0 <= thresholds["human"] < thresholds["ai"] <= 1
        assert entry["human_scores"] == sorted(entry["human_scores"]) and len(entry["human_scores"]) == 1000
        assert len(entry["weights"]) == len(entry["models"])


def test_the_models_that_know_more_weigh_more(fitted):
    bilstm, classifier, ebm = fitted["ensembles"][0]["weights"]
    assert min(bilstm, classifier) > ebm > 0


def test_the_fit_names_the_models_it_was_made_with(fitted):
    for name in MODELS:
        assert fitted["models"][name]["fit_id"] == fit_ensemble.configured(name, "fit_id")
    assert fitted["windows"] == {"maximum_length": 256, "overlap": 64}


def test_the_half_that_is_reported_decides_nothing(tmp_path, fitted, monkeypatch, capsys):
    """Labels of the report half turned round: the same scoring, another printed figure."""
    essays = [json.loads(line) for line in (tmp_path / "dev.jsonl").read_text().splitlines()]
    for essay in essays:
        if is_report(essay):
            essay["label"] = "human" if essay["label"] == "ai" else "ai"
    write(tmp_path / "dev.jsonl", essays)
    fit_ensemble.main()
    again = json.loads((tmp_path / "scoring.json").read_text())
    assert again["ensembles"] == fitted["ensembles"]
    assert again["version"] != fitted["version"]


def test_references_of_other_features_are_refused(tmp_path, fitted):
    (tmp_path / "references.json").write_text('{"smog": {"human": [], "ai": [], "minimum": 0, "maximum": 1}}')
    with pytest.raises(ValueError, match="run training.feature_report"):
        fit_ensemble.main()


def test_a_neutral_file_names_the_models_and_promises_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["fit_ensemble", "--neutral", "--output", str(tmp_path / "neutral.json"),
                                     "--references", str(tmp_path / "absent.json")])
    fit_ensemble.main()
    scoring = json.loads((tmp_path / "neutral.json").read_text())
    assert set(scoring["models"]) == set(MODELS) and len(scoring["ensembles"]) == 7
    assert all(entry["held_out"]["false_positive_rate_upper_95"] == 1 for entry in scoring["ensembles"])
    assert all(sum(entry["weights"]) == pytest.approx(1) for entry in scoring["ensembles"])


def test_versions_count_the_fits_of_a_day():
    day = datetime.date(2026, 11, 24)
    assert fit_ensemble.next_version("", day) == "2026-11-24.1"
    assert fit_ensemble.next_version("2026-11-24.4", day) == "2026-11-24.5"
    assert fit_ensemble.next_version("2026-11-23.4", day) == "2026-11-24.1"


def test_failed_essays_are_told_and_others_go_on(tmp_path):
    _, answers = made_up(tmp_path, "some", 40, 3)
    answers[3] = {"id": answers[3]["id"], "error": "too_short"}
    answers[5]["models"] = answers[5]["models"][:2]
    write(tmp_path / "some.analyzed.jsonl", answers)
    found = read_analyzed(tmp_path / "some.analyzed.jsonl", tmp_path / "some.jsonl")
    assert len(found.ids) == 38 and len(found.failed) == 2
    assert "too_short" in found.failed[0]


def test_answers_to_other_essays_are_refused(tmp_path):
    made_up(tmp_path, "one", 10, 4)
    _, answers = made_up(tmp_path, "two", 12, 4)
    with pytest.raises(ValueError, match="2 of them not among"):
        read_analyzed(tmp_path / "two.analyzed.jsonl", tmp_path / "one.jsonl")


def test_the_table_has_a_line_for_each_source_and_its_rates(tmp_path, monkeypatch, capsys):
    _, answers = made_up(tmp_path, "dev", 300, 5)
    monkeypatch.setattr("sys.argv", ["evaluate", str(tmp_path / "dev.analyzed.jsonl"), "--essays",
                                     str(tmp_path / "dev.jsonl"), "--output", str(tmp_path / "table.md")])
    evaluate.main()
    text = (tmp_path / "table.md").read_text()
    assert capsys.readouterr().out.strip() == text.strip()
    whole = text.split("### Whole set")[1]
    for source, label in (("ellipse", "human"), ("detectrl-story", "human"), ("ndhal", "ai")):
        (line,) = [line for line in whole.splitlines() if line.startswith(f"| {source} | {label} |")]
        called = [answer["verdict"] for answer in answers if answer["id"].startswith(source)]
        wrong = "ai" if label == "human" else "human"
        assert line.endswith(f"| {called.count(wrong) / len(called):.2%} |")
        assert f"| {len(called)} |" in line


def test_a_configuration_can_be_read_back(tmp_path):
    terms = json.dumps(["a", 'b & "c"'])
    identity = write_model("m", b"bytes", [TensorSpec("x", "TYPE_FP64", (2,))], [TensorSpec("y", "TYPE_FP32", (1,))],
                           repository=tmp_path, parameters={"term_names": terms})
    assert identity == fit_id(b"bytes") == fit_ensemble.configured("m", "fit_id", tmp_path)
    assert json.loads(fit_ensemble.configured("m", "term_names", tmp_path)) == json.loads(terms)
    with pytest.raises(ValueError, match="no parameter"):
        fit_ensemble.configured("m", "absent", tmp_path)


def test_the_configuration_for_a_gpu_differs_in_its_instances_only(tmp_path):
    write_model("m", b"bytes", [TensorSpec("x", "TYPE_FP64", (2,))], [TensorSpec("y", "TYPE_FP32", (1,))],
                repository=tmp_path, for_gpu=True)
    ours, theirs = ((tmp_path / "m" / name).read_text() for name in ("config.pbtxt", "configs/gpu.pbtxt"))
    assert ours != theirs and ours.replace("KIND_CPU", "KIND_GPU") == theirs


def test_variable_dimensions_warm_up_with_a_length():
    text = configuration("m", [TensorSpec("ids", "TYPE_INT64", (-1,))], [TensorSpec("y", "TYPE_FP32", (2,))],
                         maximum_batch=4, threads=2, warm_up_length=64, parameters={})
    assert 'dims: [ -1 ]' in text and 'dims: [ 64 ] zero_data: true' in text and "max_batch_size: 4" in text
