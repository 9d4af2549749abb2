#include "sound.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ITU-T G.711, mu-law: what the spans of the rig speak. */
static int16_t mu_law(uint8_t code) {
    code = (uint8_t)~code;
    int value = (((code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;
    return (int16_t)(code & 0x80 ? -value : value);
}

void sound_random(int16_t *samples, size_t count, unsigned seed) {
    srand(seed);
    for (size_t i = 0; i < count; i++) samples[i] = mu_law((uint8_t)(rand() >> 7));
}

enum { RUN = 20 };

size_t sound_found(const int16_t *sent, size_t sent_count, const int16_t *heard, size_t heard_count) {
    size_t found = 0, next = 0;
    for (size_t at = 0; at + RUN <= heard_count;) {
        /* Within a second of what was found last: farther away a run of 20 could be chance. */
        size_t match = next, end = next + 8000;
        if (end + RUN > sent_count) end = sent_count > RUN ? sent_count - RUN : 0;
        while (match <= end && memcmp(sent + match, heard + at, RUN * sizeof *sent) != 0) match++;
        if (match > end || match + RUN > sent_count) {
            at++;
            continue;
        }
        while (match < sent_count && at < heard_count && sent[match] == heard[at]) {
            match++;
            at++;
            found++;
        }
        next = match;
    }
    return found;
}

double sound_level(const int16_t *samples, size_t count, double frequency) {
    double coefficient = 2 * cos(2 * M_PI * frequency / 8000), before = 0, last = 0;
    for (size_t i = 0; i < count; i++) {
        double now = samples[i] + coefficient * last - before;
        before = last;
        last = now;
    }
    return count ? 2 * sqrt(fmax(0, last * last + before * before - coefficient * last * before)) / (double)count : 0;
}

/* Which of four is heard, twice as strong as any other; -1 where none is. */
static int strongest(const int16_t *samples, size_t count, const double *frequencies) {
    double best = 0, second = 0;
    int which = -1;
    for (int i = 0; i < 4; i++) {
        double level = sound_level(samples, count, frequencies[i]);
        if (level > best) {
            second = best;
            best = level;
            which = i;
        } else if (level > second) {
            second = level;
        }
    }
    return best > 500 && best > 2 * second ? which : -1;
}

static char key_in(const int16_t *samples, size_t count) {
    static const double rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    int row = strongest(samples, count, rows), column = strongest(samples, count, columns);
    return row < 0 || column < 0 ? 0 : "123A456B789C*0#D"[row * 4 + column];
}

void sound_keys(const int16_t *samples, size_t count, char *keys, size_t size) {
    enum { WINDOW = 160 };
    size_t used = 0;
    char held = 0, before = 0;
    for (size_t at = 0; at + WINDOW <= count; at += WINDOW / 2) {
        char key = key_in(samples + at, WINDOW);
        /* Twice in a row is a key; the edges of one look like others. */
        if (key && key == before && key != held && used + 1 < size) keys[used++] = key;
        if (key == before) held = key;
        before = key;
    }
    keys[used] = 0;
}
