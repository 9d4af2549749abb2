#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void peer_send(struct peer *peer, const void *bytes, size_t length) {
    for (const uint8_t *at = bytes; length > 0;) {
        ssize_t written = send(peer->socket, at, length, MSG_NOSIGNAL);
        if (written <= 0) return;
        at += written;
        length -= (size_t)written;
    }
}

static void send_frame(struct peer *peer, char type, int channel, const void *payload, size_t length) {
    uint8_t frame[6 + 1024] = {(uint8_t)type, 0, (uint8_t)(channel >> 8), (uint8_t)channel, (uint8_t)(length >> 8), (uint8_t)length};
    memcpy(frame + 6, payload, length);
    peer_send(peer, frame, 6 + length);
}

void peer_say(struct peer *peer, int channel, const char *words) {
    send_frame(peer, 'C', channel, words, strlen(words));
}

static void hear_sound(struct peer *peer, int channel, const uint8_t *payload) {
    if (channel >= MAX_PORT) return;
    struct port *port = &peer->ports[channel];
    if (port->samples + FRAME <= MAX_SOUND) {
        memcpy(port->sound + port->samples, payload, 2 * FRAME);
        port->samples += FRAME;
    }
    if (!port->send) return;
    int16_t frame[FRAME] = {0};
    size_t count = port->say_left < FRAME ? port->say_left : FRAME;
    if (count > 0) memcpy(frame, port->say, count * sizeof *frame);
    port->say += count;
    port->say_left -= count;
    send_frame(peer, 'A', channel, frame, sizeof frame);
}

/* Takes what comes within so long. False where the connection has ended. */
static bool serve(struct peer *peer, int ms) {
    struct pollfd watched = {.fd = peer->socket, .events = POLLIN};
    if (poll(&watched, 1, ms) <= 0) return true;
    ssize_t got = recv(peer->socket, peer->bytes + peer->have, sizeof peer->bytes - peer->have, 0);
    if (got <= 0) return false;
    peer->have += (size_t)got;
    size_t at = 0;
    while (peer->have - at >= 6) {
        const uint8_t *frame = peer->bytes + at;
        int channel = frame[2] << 8 | frame[3];
        size_t length = (size_t)(frame[4] << 8 | frame[5]);
        if (peer->have - at < 6 + length) break;
        if (frame[0] == 'A') {
            hear_sound(peer, channel, frame + 6);
        } else {
            size_t used = strlen(peer->heard);
            snprintf(peer->heard + used, sizeof peer->heard - used, "%d %.*s\n", channel, (int)length, (const char *)frame + 6);
        }
        at += 6 + length;
    }
    peer->have -= at;
    memmove(peer->bytes, peer->bytes + at, peer->have);
    return true;
}

/* Where the words begin in what was heard; `end` is behind their line. */
static const char *find(const struct peer *peer, int channel, const char *words, const char **end) {
    char line[1100];
    int length = snprintf(line, sizeof line, "%d %s\n", channel, words);
    for (const char *at = peer->heard; (at = strstr(at, line)); at++)
        if (at == peer->heard || at[-1] == '\n') {
            *end = at + length;
            return at;
        }
    return NULL;
}

bool peer_heard(const struct peer *peer, int channel, const char *words) {
    const char *end;
    return find(peer, channel, words, &end);
}

bool peer_hear(struct peer *peer, int channel, const char *words, int ms) {
    const char *end;
    for (long long until = now_ms() + ms;;) {
        if (find(peer, channel, words, &end)) {
            memmove(peer->heard, end, strlen(end) + 1);
            return true;
        }
        long long left = until - now_ms();
        if (left <= 0 || !serve(peer, (int)left)) return false;
    }
}

void peer_pass(struct peer *peer, int ms) {
    for (long long until = now_ms() + ms, left; (left = until - now_ms()) > 0;)
        if (!serve(peer, (int)left)) return;
}

void peer_forget(struct peer *peer) {
    peer->heard[0] = 0;
}

void peer_listen(struct peer *peer, int channel) {
    peer->ports[channel].samples = 0;
}

bool peer_ask(struct peer *peer, int channel, const char *words, const char *answer) {
    peer_say(peer, channel, words);
    return peer_hear(peer, channel, answer, 2000);
}

bool peer_start(struct peer *peer, const char *path) {
    memset(peer, 0, sizeof *peer);
    peer->helper = fork();
    if (peer->helper == 0) {
        execl("/bin/sitebox-dahdi", "sitebox-dahdi", "--socket", path, (char *)NULL);
        _exit(127);
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    peer->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int tries = 0; connect(peer->socket, (struct sockaddr *)&address, sizeof address) < 0; tries++) {
        if (tries == 200) return false;
        usleep(20000);
    }
    return peer_ask(peer, 0, "hello 1", "hello 1 1.0");
}

int peer_stop(struct peer *peer) {
    int status;
    close(peer->socket);
    for (int tries = 0; tries < 100; tries++) {
        if (waitpid(peer->helper, &status, WNOHANG) == peer->helper) return status;
        usleep(20000);
    }
    kill(peer->helper, SIGKILL);
    waitpid(peer->helper, &status, 0);
    return -1;
}
