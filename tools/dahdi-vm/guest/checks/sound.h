/* What the checks send and how they judge what came of it. */
#ifndef SOUND_H
#define SOUND_H

#include <stddef.h>
#include <stdint.h>

/* Random sound out of values that mu-law carries unchanged, so that every sample can be found again. */
void sound_random(int16_t *samples, size_t count, unsigned seed);

/* How many samples of `sent` are in `heard`, in order, in runs of at least 20. */
size_t sound_found(const int16_t *sent, size_t sent_count, const int16_t *heard, size_t heard_count);

/* Amplitude of a sine in the sound. */
double sound_level(const int16_t *samples, size_t count, double frequency);

/* The keys heard, each once, as a string. */
void sound_keys(const int16_t *samples, size_t count, char *keys, size_t size);

#endif
