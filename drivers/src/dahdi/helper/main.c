/*
 * Stands between the kernel's DAHDI interface and the driver of telephony cards, which speaks with it over a Unix socket (docs/dahdi-helper.md).
 *
 *     sitebox-dahdi --socket <path>    listens there and serves one connection, then ends
 *     sitebox-dahdi --channels         prints the channels and ends
 *
 * One thread: it waits for the driver and for the cards, and never for anything else.
 */
#include "helper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A driver that has died before it connected leaves nobody behind to end us. */
#define WAIT_FOR_DRIVER_MS 30000
/* How soon a card that vanished without a word is missed. */
#define LOOK_AROUND_MS 1000

static volatile sig_atomic_t asked_to_end;

static void end(int signal) {
    (void)signal;
    asked_to_end = 1;
}

struct channel *helper_channel(const struct helper *helper, int number) {
    struct channel *channel = helper->channels;
    while (channel && channel->number != number) channel = channel->next;
    return channel;
}

void helper_close(struct helper *helper, struct channel *channel) {
    struct channel **link = &helper->channels;
    while (*link != channel) link = &(*link)->next;
    *link = channel->next;
    tell_lost(channel, &helper->outbox, true);
    channel_close(channel);
}

static void take(void *context, char type, int number, const uint8_t *payload, size_t length) {
    struct helper *helper = context;
    if (type == 'C') {
        command(helper, number, (const char *)payload, length);
    } else if (type != 'A') {
        outbox_words(&helper->outbox, number, "failed unknown frame");
    } else if (length != AUDIO_BYTES) {
        outbox_words(&helper->outbox, number, "failed audio-length");
    } else {
        /* Sound for a port that was closed or removed meanwhile is nobody's fault. */
        struct channel *channel = helper_channel(helper, number);
        if (channel) channel_hear(channel, payload);
    }
}

static void too_long(void *context, int number) {
    outbox_words(&((struct helper *)context)->outbox, number, "failed too-long");
}

/* Reads what the driver sent. False where it is gone. */
static bool listen_to_driver(struct helper *helper, struct reader *reader, int driver) {
    uint8_t bytes[16384];
    const struct frame_sink sink = {helper, take, too_long};
    ssize_t got = recv(driver, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got > 0) reader_feed(reader, bytes, (size_t)got, &sink);
    return got > 0;
}

static void listen_to_card(struct helper *helper, struct channel *channel, short seen) {
    bool there = !(seen & (POLLERR | POLLHUP | POLLNVAL));
    if (there && (seen & POLLPRI)) there = tell_events(channel, &helper->outbox);
    if (there && (seen & POLLIN)) there = channel_sound(channel, &helper->outbox);
    if (there) {
        tell_lost(channel, &helper->outbox, false);
        return;
    }
    outbox_words(&helper->outbox, channel->number, "event removed");
    helper_close(helper, channel);
}

static void serve(struct helper *helper, int driver, const sigset_t *while_waiting) {
    struct reader *reader = calloc(1, sizeof *reader);
    struct pollfd *watched = NULL;
    while (reader && !asked_to_end && outbox_flush(&helper->outbox, driver) && !helper->finished) {
        size_t count = 1;
        for (struct channel *channel = helper->channels; channel; channel = channel->next) count++;
        struct pollfd *more = realloc(watched, count * sizeof *watched);
        if (!more) break;
        watched = more;
        /* While it does not take what we have, we do not hear what more it wants. */
        short wanted = helper->outbox.have > sizeof helper->outbox.bytes / 2 ? POLLOUT : helper->outbox.have > 0 ? POLLIN | POLLOUT : POLLIN;
        watched[0] = (struct pollfd){.fd = driver, .events = wanted};
        size_t place = 1;
        for (struct channel *channel = helper->channels; channel; channel = channel->next)
            watched[place++] = (struct pollfd){.fd = channel->file, .events = POLLIN | POLLPRI};
        const struct timespec patience = {.tv_sec = LOOK_AROUND_MS / 1000};
        if (ppoll(watched, count, &patience, while_waiting) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        place = 1;
        for (struct channel *channel = helper->channels, *next; channel; channel = next, place++) {
            next = channel->next;
            if (watched[place].revents) listen_to_card(helper, channel, watched[place].revents);
        }
        if ((watched[0].revents & (POLLIN | POLLHUP | POLLERR)) && !listen_to_driver(helper, reader, driver)) break;
    }
    free(watched);
    free(reader);
}

/* Listens at `path`, which is there only once it can be connected to. Below 0 where that cannot be. */
static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return -1;
    /* Whoever can open it can listen to every call. */
    umask(0077);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0) {
        if (listen(listener, 1) == 0 && rename(address.sun_path, path) == 0) return listener;
        int error = errno;
        unlink(address.sun_path);
        errno = error;
    }
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

/* Waits for the driver's connection at `path`, which is gone afterwards. Below 0 where none came. */
static int await_driver(const char *path, const sigset_t *while_waiting) {
    int listener = listen_at(path);
    if (listener < 0) return -1;
    int driver = -1;
    struct pollfd watched = {.fd = listener, .events = POLLIN};
    const struct timespec patience = {.tv_sec = WAIT_FOR_DRIVER_MS / 1000};
    int ready = ppoll(&watched, 1, &patience, while_waiting);
    if (ready > 0) driver = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    else if (ready == 0) errno = ETIMEDOUT;
    int error = errno;
    unlink(path);
    close(listener);
    errno = error;
    return driver;
}

static void print(void *context, const char *words) {
    (void)context;
    puts(words);
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--channels") == 0) {
        list_channels(NULL, print, NULL);
        return 0;
    }
    if (count != 3 || strcmp(arguments[1], "--socket") != 0) {
        fprintf(stderr, "usage: sitebox-dahdi --socket <path> | --channels\n");
        return 2;
    }
    /* The signals are let in only while we wait, so none of them comes between a look at asked_to_end and the wait. */
    sigset_t ending, while_waiting;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, &while_waiting);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = end}, NULL);

    int driver = await_driver(arguments[2], &while_waiting);
    if (driver < 0) {
        if (asked_to_end) return 0;
        fprintf(stderr, "sitebox-dahdi: no driver at %s: %s\n", arguments[2], strerror(errno));
        return 1;
    }
    struct helper *helper = calloc(1, sizeof *helper);
    if (helper) serve(helper, driver, &while_waiting);
    while (helper && helper->channels) helper_close(helper, helper->channels);
    if (helper) outbox_flush(&helper->outbox, driver);
    free(helper);
    close(driver);
    return 0;
}
