"""Where training reads and writes, relative to the repository's root.

TRAINING_OUTPUT names a folder for everything that is written, instead of the repository's own files: for a trial.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_OUTPUT = os.environ.get("TRAINING_OUTPUT")
CACHE = Path(_OUTPUT).resolve() / "cache" if _OUTPUT else ROOT / "training" / ".cache"
CHECKPOINTS = CACHE / "checkpoints"
_WRITTEN = Path(_OUTPUT).resolve() if _OUTPUT else ROOT
MODEL_REPOSITORY = _WRITTEN / "triton_model_repo"
SCORING = _WRITTEN / "scoring.json" if _OUTPUT else ROOT / "Sources" / "Gateway" / "Resources" / "scoring.json"
FIXTURES = _WRITTEN / "fixtures" if _OUTPUT else ROOT / "Tests" / "Integration" / "Fixtures"
ESSAYS = ROOT.parent / "shared" / "data" / "essays"
TREEBANK = ROOT.parent / "shared" / "data" / "ud"
DEBIAN = ROOT / "training" / ".cache" / "debian"
"""Packages unpacked by scripts/debian-texts.sh; also of a trial."""
SILVER = CACHE / "silver.conllu"
"""The parser's teacher's trees, by train_syntax_teacher for train_syntax."""

WINDOWS = {"maximum_length": 256, "overlap": 16}
"""Tokens of the windows that transformers are sent, [CLS] and [SEP] counted, and how many neighbours share."""
