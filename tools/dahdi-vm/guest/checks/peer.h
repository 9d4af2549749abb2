/* The driver's side of the protocol (docs/dahdi-helper.md), written apart from the helper's so that neither can hide the other's mistake. */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { FRAME = 160, MAX_PORT = 16, MAX_SOUND = 8000 * 20 };

struct port {
    int16_t sound[MAX_SOUND];
    size_t samples; /* heard since listening began */
    const int16_t *say;
    size_t say_left; /* samples */
    bool send; /* one frame for each that comes: silence where there is nothing to say */
};

struct peer {
    int socket;
    pid_t helper;
    uint8_t bytes[1 << 16];
    size_t have;
    char heard[65536]; /* control frames since the last wait: "<channel> <words>\n" each */
    struct port ports[MAX_PORT];
};

/* Starts a helper and greets it. False where it does not answer. */
bool peer_start(struct peer *peer, const char *path);

/* Ends the connection; answers how the helper ended (wait status), -1 where it had to be killed. */
int peer_stop(struct peer *peer);

void peer_say(struct peer *peer, int channel, const char *words);
void peer_send(struct peer *peer, const void *bytes, size_t length);

/* Waits until these words came on that channel; they, and what came before them on any channel, are then forgotten. */
bool peer_hear(struct peer *peer, int channel, const char *words, int ms);

/* Whether these words came; forgets nothing. */
bool peer_heard(const struct peer *peer, int channel, const char *words);

/* Serves the connection for so long. */
void peer_pass(struct peer *peer, int ms);

/* Says words and waits for an answer. */
bool peer_ask(struct peer *peer, int channel, const char *words, const char *answer);

void peer_forget(struct peer *peer);
void peer_listen(struct peer *peer, int channel);

#endif
