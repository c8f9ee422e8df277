"""Essays by language models, of prompts with slots: `python -m training.generate --help`."""
