// The weights of the tagger, the lemmas and the parser, written by training/train_syntax.py.
#include "linguistic_model.h"

// clang knows #embed in every C; only pedantry says that it is of C23.
#pragma clang diagnostic ignored "-Wc23-extensions"

// On 64 bytes, so that a section's offset is also its alignment.
_Alignas(64) static const unsigned char model[] = {
#embed "syntax.bin"
};

const void *linguistic_model_bytes(void) { return model; }

size_t linguistic_model_size(void) { return sizeof model; }
