#include "g711.h"

#define SIGN 0x80
#define A_FLIPPED 0x55
#define MU_FLIPPED 0x7f

/* The place of the highest bit that is set; `value` is not 0. */
static int highest_bit(unsigned value) {
    return 31 - __builtin_clz(value);
}

static int16_t decode_a(uint8_t code) {
    int bits = code ^ A_FLIPPED, segment = bits >> 4 & 7, step = bits & 15;
    int magnitude = segment == 0 ? step * 16 + 8 : (step * 16 + 264) << (segment - 1);
    return (int16_t)(bits & SIGN ? magnitude : -magnitude);
}

/* A negative sample is inverted, not negated, so that one on a decision value takes the code nearer to zero (G.191). */
static uint8_t encode_a(int16_t sample) {
    unsigned magnitude = (unsigned)(sample < 0 ? ~sample : sample) >> 4;
    unsigned code = magnitude;
    if (magnitude >= 32) {
        int segment = highest_bit(magnitude) - 3;
        code = (unsigned)segment << 4 | (magnitude >> (segment - 1) & 15);
    }
    return (uint8_t)((sample < 0 ? code : code | SIGN) ^ A_FLIPPED);
}

static int16_t decode_mu(uint8_t code) {
    int bits = code ^ MU_FLIPPED, segment = bits >> 4 & 7, step = bits & 15;
    int magnitude = ((step * 8 + 132) << segment) - 132;
    return (int16_t)(bits & SIGN ? magnitude : -magnitude);
}

static uint8_t encode_mu(int16_t sample) {
    unsigned magnitude = ((unsigned)(sample < 0 ? ~sample : sample) >> 2) + 33;
    if (magnitude > 0x1fff) magnitude = 0x1fff;
    int segment = highest_bit(magnitude) - 5;
    unsigned code = (unsigned)segment << 4 | (magnitude >> (segment + 1) & 15);
    return (uint8_t)((sample < 0 ? code : code | SIGN) ^ MU_FLIPPED);
}

void g711_decode(enum law law, const uint8_t *codes, int16_t *samples, size_t count) {
    for (size_t i = 0; i < count; i++) samples[i] = law == LAW_A ? decode_a(codes[i]) : decode_mu(codes[i]);
}

void g711_encode(enum law law, const int16_t *samples, uint8_t *codes, size_t count) {
    for (size_t i = 0; i < count; i++) codes[i] = law == LAW_A ? encode_a(samples[i]) : encode_mu(samples[i]);
}
