"""The fit of the ensembles over made-up logits, and the tables over answers made up in the gateway's format."""

import datetime
import json

import numpy
import pytest

from training import evaluate, fit_ensemble, report
from training.analysis import MODELS, read_analyzed
from training.fold_rows import measured_rows
from training.held_out_logits import WINDOW_MODELS, CrossFit, Fold, Measured, Texts
from training.model_repository import TensorSpec, configuration, fit_id, write_model
from training.stacking import ThresholdRule, sigmoid, subsets
from training.window_pooling import Pooling


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def made_up(folder, name: str, count: int, seed: int):
    """Essays and answers: the classifiers know the label, ebm a little."""
    chance = numpy.random.default_rng(seed)
    essays, answers = [], []
    for number in range(count):
        human = number % 2 == 0
        source = ("ellipse" if number % 3 else "detectrl-story") if human else "ndhal"
        identity = f"{source}-{number}"
        sign = -1 if human else 1
        logits = [float(chance.normal(sign * strength, 1.5)) for strength in (3, 3, 2, 0.8)]
        essays.append({"id": identity, "source": source, "label": "human" if human else "ai",
                       "prompt": f"p{number % 97}", "generator": "human" if human else "gpt-4",
                       "text": "word " * (60 + number)})
        probability = float(sigmoid(sum(logits) / 4))
        answers.append({
            "id": identity, "probability_ai": probability,
            "verdict": "ai" if probability > 0.8 else "human" if probability < 0.2 else "uncertain",
            "models": [{"name": model, "version": "1", "logit": logit} for model, logit in zip(MODELS, logits)]})
    write(folder / f"{name}.jsonl", essays)
    write(folder / f"{name}.analyzed.jsonl", answers)
    return essays, answers


def texts(chance, count: int, sources: tuple[str, ...], strengths: tuple[float, ...], shift: float = 0.0) -> Texts:
    """Half humans; `shift` moves all logits, as a change of domain does."""
    label = numpy.arange(count) % 2
    signs = (2 * label - 1)[:, None]
    logits = chance.normal(signs * numpy.array(strengths), 1.5) + shift
    return Texts(logits, label, [sources[place // 2 % len(sources)] for place in range(count)])


@pytest.fixture(scope="module")
def measured():
    """Held-out texts by models that know all sources, and two folds in which ebm is right about strangers and bert_classifier is not."""
    chance = numpy.random.default_rng(4)
    held_out_texts = texts(chance, 1600, ("a", "b", "c", "d"), (3, 3, 2, 1))
    folds = [Fold(texts(chance, 800, others, (3, 3, 2, 1)), texts(chance, 1000, left_out, (2, 0.1, 1, 1), shift=1.5))
             for left_out, others in ((("a", "b"), ("c", "d")), (("c", "d"), ("a", "b")))]
    return held_out_texts, folds


@pytest.fixture(scope="module")
def entries(measured):
    return [fit_ensemble.ensemble(models, *measured, ThresholdRule())[0] for models in subsets(MODELS)]


def test_every_subset_keeps_its_promise_for_the_humans_of_left_out_sources(entries):
    assert [len(entry["models"]) for entry in entries] == [4] + [3] * 4 + [2] * 6 + [1] * 4
    for entry in entries:
        held_out, thresholds = entry["held_out"], entry["thresholds"]
        assert held_out["humans"] == held_out["ai"] == 1000
        assert held_out["humans_at_or_above_ai_threshold"] <= 10
        assert held_out["ai_at_or_below_human_threshold"] <= 50
        assert held_out["humans_at_or_above_ai_threshold"] / 1000 < held_out["false_positive_rate_upper_95"] < 0.03
        assert 0 <= thresholds["human"] < thresholds["ai"] <= 1
        assert entry["human_scores"] == sorted(entry["human_scores"]) and len(entry["human_scores"]) == 1000
        assert len(entry["weights"]) == len(entry["models"])


def test_a_change_of_domain_raises_the_threshold(measured, entries):
    held_out_texts, folds = measured
    same = [Fold(fold.seen, fold.seen) for fold in folds]
    for models, entry in zip(subsets(MODELS), entries):
        known, _ = fit_ensemble.ensemble(models, held_out_texts, same, ThresholdRule())
        assert entry["thresholds"]["ai"] > known["thresholds"]["ai"]


def test_a_model_that_is_right_about_known_sources_only_counts_for_less(entries):
    bilstm, classifier, _, ebm = entries[0]["weights"]
    assert ebm > 0.1 and classifier < 0.5 * bilstm


def test_the_probability_is_right_for_texts_of_known_sources(measured, entries):
    held_out_texts, _ = measured
    for models, entry in zip(subsets(MODELS), entries):
        columns = [MODELS.index(name) for name in models]
        probability = sigmoid(entry["intercept"] + held_out_texts.logits[:, columns] @ numpy.array(entry["weights"]))
        for low, high in ((0, 0.2), (0.2, 0.8), (0.8, 1.01)):
            chosen = (probability >= low) & (probability < high)
            # Few texts lie between; three standard errors of their share are allowed, too.
            allowed = max(0.08, 3 * numpy.sqrt(0.25 / chosen.sum()))
            assert abs(probability[chosen].mean() - held_out_texts.label[chosen].mean()) < allowed


def test_how_sure_the_models_of_a_fold_are_changes_nothing(measured, entries):
    """They may be half as sure as those that know all sources, and shifted: calibration takes both away."""
    held_out_texts, folds = measured

    def other(texts: Texts) -> Texts:
        return Texts(texts.logits * 0.5 - 1, texts.label, texts.sources)

    entry, _ = fit_ensemble.ensemble(
        ("ebm",), held_out_texts, [Fold(other(fold.seen), other(fold.unseen)) for fold in folds], ThresholdRule())
    assert entry["weights"] == entries[-1]["weights"]
    assert entry["human_scores"] == pytest.approx(entries[-1]["human_scores"], abs=0.01)


@pytest.fixture
def cross_fit(monkeypatch):
    """What `cross_fit` writes: the first fold leaves out corpus b, the second, nothing. Of 300 texts every fifth is held out, and
    a text has two windows; logits are random and those of texts that a fold does not measure are no numbers."""
    monkeypatch.setattr("training.splits.FOLDS", (("b",),))
    monkeypatch.setattr("training.splits.ALL_FOLDS", (("b",), ()))
    monkeypatch.setattr("training.splits.NOTHING", 1)
    chance = numpy.random.default_rng(6)
    essays = [{"source": "ab"[n % 2], "id": str(n), "label": ("human", "ai")[n // 2 % 2], "held_out": n % 5 == 0} for n in range(300)]
    label = numpy.array([int(essay["label"] == "ai") for essay in essays])
    measured = Measured(essays, numpy.repeat(numpy.arange(300), 2), chance.integers(20, 254, 600).astype(float), label,
                        [essay["source"] for essay in essays])
    kinds = numpy.stack([measured_rows(essays, fold) for fold in (("b",), ())])
    found = {"kind": kinds}
    for name in MODELS:
        mean = chance.normal(2.0 * label - 1, 2, kinds.shape)
        found[f"{name}.mean"] = numpy.where(kinds > 0, mean, numpy.nan)
        if name in WINDOW_MODELS:
            found[f"{name}.windows"] = found[f"{name}.mean"][:, measured.essay_of] + chance.normal(0, 1, (2, 600))
    return measured, found


def test_a_fold_measures_what_it_leaves_out_and_what_is_held_out_of_the_rest(cross_fit):
    _, found = cross_fit
    fold, nothing = found["kind"]
    assert (fold[1::2] == 2).all() and (fold[::2] == (numpy.arange(0, 300, 2) % 5 == 0)).all()
    assert (numpy.flatnonzero(nothing) == numpy.arange(0, 300, 5)).all() and nothing.max() == 1


def test_what_was_cross_fitted_is_read_text_by_text(cross_fit, tmp_path):
    measured, found = cross_fit
    numpy.savez(tmp_path / "found.npz", **found)
    read = CrossFit.read(measured, tmp_path / "found.npz")
    (fold,) = read.folds
    for texts, number, rows in ((read.held_out, 1, numpy.arange(0, 300, 5)), (fold.seen, 0, numpy.arange(0, 300, 10)),
                                (fold.unseen, 0, numpy.arange(1, 300, 2))):
        assert (texts.label == measured.labels[rows]).all()
        assert texts.sources == [measured.corpora[row] for row in rows]
        assert (texts.logits[:, MODELS.index("ebm")] == found["ebm.mean"][number, rows]).all()
        for name in WINDOW_MODELS:
            windows = numpy.flatnonzero(numpy.isin(measured.essay_of, rows))
            own = read.poolings[name].essays(
                found[f"{name}.windows"][number, windows], measured.tokens[windows], numpy.repeat(numpy.arange(len(rows)), 2), len(rows))
            assert texts.logits[:, MODELS.index(name)] == pytest.approx(own)


@pytest.mark.parametrize("change", [
    lambda found: found.pop("ebm.mean"),
    lambda found: found["bert_bilstm.mean"].__setitem__((0, 1), numpy.nan),
    lambda found: found.__setitem__("kind", found["kind"][:1]),
    lambda found: found.__setitem__("kind", found["kind"][:, :-1]),
], ids=["a model", "a text", "a fold", "other texts"])
def test_what_was_cross_fitted_in_part_or_of_other_texts_is_refused(cross_fit, tmp_path, change):
    measured, found = cross_fit
    change(found)
    numpy.savez(tmp_path / "found.npz", **found)
    with pytest.raises(ValueError, match="run cross-fit whole"):
        CrossFit.read(measured, tmp_path / "found.npz")


def test_the_report_counts_the_left_out_humans_as_the_scoring_file_does(measured, tmp_path, monkeypatch):
    held_out_texts, folds = measured
    monkeypatch.setattr(report.splits, "FOLDS", (("a", "b"), ("c", "d")))
    entry, left_out = fit_ensemble.ensemble(MODELS, held_out_texts, folds, ThresholdRule())
    fit_ensemble.save_left_out(tmp_path / "left_out.npz", left_out, folds)
    *sources, pooled = report.left_out_table(entry["thresholds"]["ai"], tmp_path / "left_out.npz").splitlines()[2:]
    assert [line.split(" | ")[0] for line in sources] == ["| a", "| b", "| c", "| d"]
    hits = entry["held_out"]["humans_at_or_above_ai_threshold"]
    assert 0 < hits and pooled.startswith("| **mean, and pooled** | 1000 |") and pooled.endswith(f"| {hits / 1000:.2%} | |")


def test_the_fit_names_the_models_it_was_made_with(tmp_path, entries):
    fit_ensemble.write_scoring(tmp_path / "scoring.json", entries, {}, {"bert_bilstm": Pooling(0.2, 0.1)})
    fitted = json.loads((tmp_path / "scoring.json").read_text())
    for name in MODELS:
        assert fitted["models"][name]["fit_id"] == fit_ensemble.configured(name, "fit_id")
    assert fitted["models"]["bert_bilstm"]["pooling"] == {"slope": 0.2, "gain": 0.1}
    assert fitted["windows"] == {"maximum_length": 256, "overlap": 16}


def test_a_neutral_file_names_the_models_and_promises_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["fit_ensemble", "--neutral", "--output", str(tmp_path / "neutral.json"),
                                     "--references", str(tmp_path / "absent.json")])
    fit_ensemble.main()
    scoring = json.loads((tmp_path / "neutral.json").read_text())
    assert set(scoring["models"]) == set(MODELS) and len(scoring["ensembles"]) == 15
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


def test_the_tables_have_a_line_for_each_source_and_its_rates(tmp_path, monkeypatch, capsys):
    _, answers = made_up(tmp_path, "dev", 300, 5)
    monkeypatch.setattr("sys.argv", ["evaluate", str(tmp_path / "dev.analyzed.jsonl"), "--essays",
                                     str(tmp_path / "dev.jsonl"), "--output", str(tmp_path / "table.md")])
    evaluate.main()
    text = (tmp_path / "table.md").read_text()
    assert capsys.readouterr().out.strip() == text.strip()
    for source, label in (("ellipse", "human"), ("detectrl-story", "human"), ("ndhal", "ai")):
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {source} | {label} |")]
        called = [answer["verdict"] for answer in answers if answer["id"].startswith(source)]
        wrong = "ai" if label == "human" else "human"
        assert line.endswith(f"| {called.count(wrong) / len(called):.2%} |")
        assert f"| {len(called)} |" in line
    for model in MODELS:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {model} | ")]
        assert line.count("+") >= 2 and line.count(" to ") == 2
    for group in ("| gpt-4 | ai | 150 |", "| learners of English | human | 100 |", "|   0–99 words | human | 20 |"):
        assert group in text


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
