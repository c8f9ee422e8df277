# make run: the gateway and a real Triton on this machine.   make test: every test.
.PHONY: run test lint format evaluate bench

run:
	scripts/run.sh

test:
	scripts/test.sh

# What a person need not look for: format, generated files, unsafe code where it does not belong.
lint:
	scripts/lint.sh

format:
	swift format format --in-place --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# The figures of the README: ESSAYS_DIR holds dev.jsonl (default ../shared/data/essays).
evaluate:
	scripts/evaluate.sh

# Speed beside other libraries, from one core: ESSAYS_DIR as above. ARGS="--write docs/benchmarks.md" keeps the table.
bench:
	scripts/bench.sh $(ARGS)
