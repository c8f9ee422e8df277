#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Blocks of memory that this thread has asked for so far: malloc, calloc, realloc and the aligned ones, Swift's included.
/// A true count of calls, because this target takes their place and passes them on to glibc. 0 elsewhere.
uint64_t allocation_count(void);

#endif
