#pragma once
#include <stddef.h>

/// The first byte of the model, which is there for the life of the program and never changes.
const void *linguistic_model_bytes(void);
/// Its length in bytes.
size_t linguistic_model_size(void);
