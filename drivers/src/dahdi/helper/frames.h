/* The stream between this program and the driver: frames of a six byte header and a payload (docs/dahdi-helper.md). */
#ifndef SITEBOX_DAHDI_FRAMES_H
#define SITEBOX_DAHDI_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_HEADER = 6, FRAME_PAYLOAD = 1024, FRAME_SAMPLES = 160, AUDIO_BYTES = 2 * FRAME_SAMPLES };

/* Puts frames together out of pieces of any size. Starts zeroed. */
struct reader {
    uint8_t frame[FRAME_HEADER + FRAME_PAYLOAD + 1];
    size_t have;
    size_t skip; /* what is left of a frame that was too long */
};

struct frame_sink {
    void *context;
    /* `payload` has a zero behind its end, and is the sink's only until it returns. */
    void (*take)(void *context, char type, int channel, const uint8_t *payload, size_t length);
    void (*too_long)(void *context, int channel);
};

void reader_feed(struct reader *reader, const uint8_t *bytes, size_t length, const struct frame_sink *sink);

/* What waits until the driver takes it. Starts zeroed. */
struct outbox {
    uint8_t bytes[128 * 1024];
    size_t have;
    bool overflown; /* words were lost: the connection is good for nothing any more */
};

/* False where the driver is so late that sound is better left out. */
bool outbox_audio(struct outbox *outbox, int channel, const uint8_t *samples);

/* Words for the driver, as printf. */
void outbox_words(struct outbox *outbox, int channel, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Writes what the socket takes now. False where the connection has ended. */
bool outbox_flush(struct outbox *outbox, int socket);

#endif
