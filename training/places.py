"""Where training reads and writes, relative to the repository's root."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "training" / ".cache"
CHECKPOINTS = CACHE / "checkpoints"
MODEL_REPOSITORY = ROOT / "triton_model_repo"
SCORING = ROOT / "Sources" / "Gateway" / "Resources" / "scoring.json"
FIXTURES = ROOT / "Tests" / "Integration" / "Fixtures"
ESSAYS = ROOT.parent / "shared" / "data" / "essays"
TREEBANK = ROOT.parent / "shared" / "data" / "ud"
SILVER = CACHE / "silver.conllu"
"""The parser's teacher's trees, by train_syntax_teacher for train_syntax."""
