"""Trains the part-of-speech tagger, the lemmas and the dependency parser of Sources/Features/Syntax.

`conllu` reads the treebank, `words` turns tokens into integers, `clusters` learns word classes from plain text,
`tables` holds weights while they are learned and packs them, `tagger`, `lemmas` and `parser` are the three models,
`model_file` writes what Swift reads. All features are integers, hashed by `hashing`; Swift computes the same ones.
"""
