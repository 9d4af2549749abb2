#include "frames.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Sound that waits longer than this is too old to be heard: a second of one channel. */
#define AUDIO_WAITING (50 * (FRAME_HEADER + AUDIO_BYTES))

static int be16(const uint8_t *at) {
    return at[0] << 8 | at[1];
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

void reader_feed(struct reader *reader, const uint8_t *bytes, size_t length, const struct frame_sink *sink) {
    while (length > 0) {
        if (reader->skip > 0) {
            size_t skipped = least(reader->skip, length);
            reader->skip -= skipped;
            bytes += skipped;
            length -= skipped;
            continue;
        }
        size_t wanted = FRAME_HEADER;
        if (reader->have >= FRAME_HEADER) wanted += (size_t)be16(reader->frame + 4);
        size_t taken = least(wanted - reader->have, length);
        memcpy(reader->frame + reader->have, bytes, taken);
        reader->have += taken;
        bytes += taken;
        length -= taken;
        if (reader->have < FRAME_HEADER) continue;

        int channel = be16(reader->frame + 2);
        size_t payload = (size_t)be16(reader->frame + 4);
        if (payload > FRAME_PAYLOAD) {
            reader->skip = payload;
            reader->have = 0;
            sink->too_long(sink->context, channel);
        } else if (reader->have == FRAME_HEADER + payload) {
            reader->frame[reader->have] = 0;
            reader->have = 0;
            sink->take(sink->context, (char)reader->frame[0], channel, reader->frame + FRAME_HEADER, payload);
        }
    }
}

static bool append(struct outbox *outbox, char type, int channel, const void *payload, size_t length) {
    if (outbox->have + FRAME_HEADER + length > sizeof outbox->bytes) return false;
    uint8_t *at = outbox->bytes + outbox->have;
    at[0] = (uint8_t)type;
    at[1] = 0;
    at[2] = (uint8_t)(channel >> 8);
    at[3] = (uint8_t)channel;
    at[4] = (uint8_t)(length >> 8);
    at[5] = (uint8_t)length;
    memcpy(at + FRAME_HEADER, payload, length);
    outbox->have += FRAME_HEADER + length;
    return true;
}

bool outbox_audio(struct outbox *outbox, int channel, const uint8_t *samples) {
    if (outbox->have > AUDIO_WAITING) return false;
    return append(outbox, 'A', channel, samples, AUDIO_BYTES);
}

void outbox_words(struct outbox *outbox, int channel, const char *format, ...) {
    char words[FRAME_PAYLOAD + 1];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if (!append(outbox, 'C', channel, words, least((size_t)length, FRAME_PAYLOAD))) outbox->overflown = true;
}

bool outbox_flush(struct outbox *outbox, int socket) {
    if (outbox->overflown) return false;
    while (outbox->have > 0) {
        ssize_t written = send(socket, outbox->bytes, outbox->have, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK;
        }
        outbox->have -= (size_t)written;
        memmove(outbox->bytes, outbox->bytes + written, outbox->have);
    }
    return true;
}
