"""One module a section of `compare.py`, and what they share."""

import os

# One thread each. Here, because it must be said before the libraries are loaded.
os.environ |= {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
