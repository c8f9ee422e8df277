# make run: the gateway and a real Triton on this machine.   make test: every test.
.PHONY: run test lint format train evaluate feature-report feature-docs settings-docs metric-docs bench load fuzz api-fuzz tsan screenshot

run:
	scripts/run.sh

test:
	scripts/test.sh

# What a person need not look for: format, generated files, unsafe code where it does not belong.
lint:
	scripts/lint.sh

format:
	swift format format --in-place --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# Every step from essays to the models that Triton serves (training/README.md); QUICK=1 a small sample, into .run/train.
train:
	scripts/train.sh

# The figures of the README: ESSAYS_DIR holds dev.jsonl (default ../shared/data/essays).
evaluate:
	scripts/evaluate.sh

# Tests and effect sizes of every feature (docs/feature-statistics.md) and the references of the explanations.
# ESSAYS_DIR holds train.jsonl; ARGUMENTS go to training/feature_report.py.
feature-report:
	scripts/feature-report.sh $(ARGUMENTS)

# The tables of docs/features.md from the feature schema in the code, and gpt/knowledge.md from them and the scoring file.
feature-docs:
	FEATURE_DOCS=write swift test -c release -Xswiftc -enable-testing --filter FeatureDocumentationTests
	scripts/generate-knowledge.py

# The table of settings in docs/operations.md, from the code.
settings-docs:
	SETTINGS_DOCS=write swift test --filter "The configuration"

# The table of metrics in docs/operations.md, from the list in the code.
metric-docs:
	METRIC_DOCS=write swift test -c release -Xswiftc -enable-testing --filter MetricDocumentationTests

# Random texts for FUZZ_SECONDS (300): cleaner, segmenter, features; the tokenizer's invariants.
fuzz:
	FEATURES_FUZZ_SECONDS=$${FUZZ_SECONDS:-300} swift test -c release -Xswiftc -enable-testing --no-parallel \
		--filter "FuzzTests|TokenizerTests|StageTests"

# schemathesis over the OpenAPI document of a gateway with a real Triton, for MINUTES (10).
api-fuzz:
	swift build -c release --product gateway
	scripts/api-fuzz.sh

# Eight threads that share one extractor, under the thread sanitizer. (Not the client: the sanitizer does not see what
# Synchronization's Mutex does on Linux, and takes each of its critical sections for a race.)
tsan:
	swift test --sanitize=thread --scratch-path .build-tsan --no-parallel \
		--filter "DeterminismTests|FeaturesTests.SyntaxTests"

# Speed of the tokenizer and of the features beside other libraries, from one core: ESSAYS_DIR as above.
# ARGS="--write docs/benchmarks.md" keeps the pages; ARGS=features, or tokenizer, runs one section, and ARGS=cost tells
# what an essay costs with all models.
bench:
	scripts/bench.sh $(ARGS)

# What the gateway adds to the calls of Triton that it makes, its CPU and memory, its ceiling; perf_analyzer on each model.
# Writes docs/load.md in some 7 minutes on a machine that does nothing else. ESSAYS_DIR as above; ARGS="--quick" tries it.
load:
	scripts/load.sh --output docs/load.md $(ARGS)

# docs/web-page.png, from a running gateway: URL (http://127.0.0.1:8080).
screenshot:
	scripts/install-debian.sh
	scripts/make-venv.sh requirements-test.txt
	.venv/bin/python scripts/screenshot.py $(URL)
