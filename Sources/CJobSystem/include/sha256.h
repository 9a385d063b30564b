// SHA-256 (FIPS 180-4), one block after the other: what is between two blocks can be put down, and taken up by another
// process, which the libraries do not let do.

#ifndef JOBD_SHA256_H
#define JOBD_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK_BYTES = 64 };

/// The state between two blocks.
struct sha256_words {
    uint32_t at[8];
};

/// The words as 32 bytes, each with its largest byte first: after the last block, the digest.
void sha256_put_down(const struct sha256_words *words, uint8_t *bytes);

/// The words of such bytes.
struct sha256_words sha256_take_up(const uint8_t *bytes);

/// Before the first block.
struct sha256_words sha256_start(void);

/// After `count` more blocks.
void sha256_take(struct sha256_words *words, const void *blocks, size_t count);

/// The same without the processor's own instructions for it, for machines that have none.
void sha256_take_plainly(struct sha256_words *words, const void *blocks, size_t count);

#endif
