#define _GNU_SOURCE
#include "sha256.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>
#endif

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct sha256_words sha256_start(void) {
    return (struct sha256_words){{
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    }};
}

// MARK: For any machine

static uint32_t rotated(uint32_t word, int count) { return word >> count | word << (32 - count); }

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

struct sha256_words sha256_take_up(const uint8_t *bytes) {
    struct sha256_words words;
    for (int i = 0; i < 8; i++) words.at[i] = big_endian(bytes + 4 * i);
    return words;
}

void sha256_put_down(const struct sha256_words *words, uint8_t *bytes) {
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(words->at[i / 4] >> (24 - i % 4 * 8));
}

void sha256_take_plainly(struct sha256_words *words, const void *blocks, size_t count) {
    for (const uint8_t *block = blocks; count > 0; count--, block += SHA256_BLOCK_BYTES) {
        uint32_t schedule[64];
        for (int i = 0; i < 16; i++) schedule[i] = big_endian(block + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t near = schedule[i - 2], far = schedule[i - 15];
            schedule[i] = schedule[i - 16] + (rotated(far, 7) ^ rotated(far, 18) ^ far >> 3) + schedule[i - 7]
                + (rotated(near, 17) ^ rotated(near, 19) ^ near >> 10);
        }
        uint32_t a = words->at[0], b = words->at[1], c = words->at[2], d = words->at[3];
        uint32_t e = words->at[4], f = words->at[5], g = words->at[6], h = words->at[7];
        for (int i = 0; i < 64; i++) {
            uint32_t one = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + constants[i]
                + schedule[i];
            uint32_t two = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
        }
        uint32_t sums[8] = {a, b, c, d, e, f, g, h};
        for (int i = 0; i < 8; i++) words->at[i] += sums[i];
    }
}

// MARK: By the processor's own instructions, four rounds at a time

#if defined(__x86_64__)

static bool has_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & bit_SHA) == 0) return false;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0;
}

__attribute__((target("sha,ssse3,sse4.1")))
static void take(struct sha256_words *words, const uint8_t *block, size_t count) {
    const __m128i reversed = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    // The instructions want the words as ABEF and CDGH.
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&words->at[0]), 0xB1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)&words->at[4]), 0x1B);
    __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xF0);
    for (; count > 0; count--, block += SHA256_BLOCK_BYTES) {
        __m128i abef_before = abef, cdgh_before = cdgh, schedule[4];
        for (int i = 0; i < 4; i++) {
            schedule[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), reversed);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            __m128i *now = &schedule[i % 4], *last = &schedule[(i + 3) % 4];
            __m128i sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)constants + i));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            if (i >= 12) continue;
            __m128i next = _mm_sha256msg1_epu32(*now, schedule[(i + 1) % 4]);
            next = _mm_add_epi32(next, _mm_alignr_epi8(*last, schedule[(i + 2) % 4], 4));
            *now = _mm_sha256msg2_epu32(next, *last);
        }
        abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)&words->at[0], _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)&words->at[4], _mm_alignr_epi8(dchg, feba, 8));
}

#elif defined(__aarch64__)

// HWCAP_SHA2 of <asm/hwcap.h>.
static bool has_instructions(void) { return (getauxval(AT_HWCAP) & 1 << 6) != 0; }

__attribute__((target("sha2")))
static void take(struct sha256_words *words, const uint8_t *block, size_t count) {
    uint32x4_t abcd = vld1q_u32(&words->at[0]), efgh = vld1q_u32(&words->at[4]);
    for (; count > 0; count--, block += SHA256_BLOCK_BYTES) {
        uint32x4_t abcd_before = abcd, efgh_before = efgh, schedule[4];
        for (int i = 0; i < 4; i++) schedule[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(block + 16 * i)));
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            uint32x4_t *now = &schedule[i % 4], was = abcd;
            uint32x4_t sum = vaddq_u32(*now, vld1q_u32(&constants[4 * i]));
            abcd = vsha256hq_u32(abcd, efgh, sum);
            efgh = vsha256h2q_u32(efgh, was, sum);
            if (i >= 12) continue;
            *now = vsha256su1q_u32(
                vsha256su0q_u32(*now, schedule[(i + 1) % 4]), schedule[(i + 2) % 4], schedule[(i + 3) % 4]);
        }
        abcd = vaddq_u32(abcd, abcd_before), efgh = vaddq_u32(efgh, efgh_before);
    }
    vst1q_u32(&words->at[0], abcd);
    vst1q_u32(&words->at[4], efgh);
}

#else

static bool has_instructions(void) { return false; }

static void take(struct sha256_words *words, const uint8_t *block, size_t count) {
    sha256_take_plainly(words, block, count);
}

#endif

static bool is_fast;

// Once: to ask a virtual processor takes long.
__attribute__((constructor)) static void ask_processor(void) { is_fast = has_instructions(); }

void sha256_take(struct sha256_words *words, const void *blocks, size_t count) {
    if (is_fast) take(words, blocks, count); else sha256_take_plainly(words, blocks, count);
}
