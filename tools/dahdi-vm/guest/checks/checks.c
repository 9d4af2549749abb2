/*
 * Runs inside the virtual machine: the helper against the kernel's DAHDI modules. Two looped spans: what one side's channel 3 (a port for a
 * telephone, FXS) does its other end, channel 7 (a port for an exchange, FXO), sees, and so do 4 and 8.
 */
#include "peer.h"
#include "sound.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TELEPHONE = 3, EXCHANGE = 7, TELEPHONE_2 = 4, EXCHANGE_2 = 8 };

static int failed;
static struct peer peer, other;

static void check(bool ok, const char *what, const char *format, ...) {
    char figure[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(figure, sizeof figure, format, arguments);
    va_end(arguments);
    printf("  %-6s  %-62s %s\n", ok ? "ok" : "FAILED", what, figure);
    failed += !ok;
    if (!ok && peer.heard[0]) printf("          heard: %s\n", peer.heard);
}

static long long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void channels_are_listed(void) {
    static const char *const kinds[] = {"clear", "clear", "fxs", "fxs", "clear", "clear", "fxo", "fxo"};
    int right = 0;
    peer_say(&peer, 0, "channels");
    peer_pass(&peer, 500);
    for (int i = 0; i < 8; i++) {
        char start[64];
        snprintf(start, sizeof start, "0 channel %d %s free ok ", i + 1, kinds[i]);
        right += strstr(peer.heard, start) != NULL;
    }
    check(right == 8 && peer_heard(&peer, 0, "channels-end"), "channels are listed with their kinds", "%d of 8", right);
    peer_forget(&peer);
}

static void ports_open(void) {
    check(peer_ask(&peer, TELEPHONE, "open fxo", "failed not-fxo"), "a telephone's port is not opened as an exchange's", "");
    check(peer_ask(&peer, EXCHANGE, "open fxs", "failed not-fxs"), "an exchange's port is not opened as a telephone's", "");
    check(peer_ask(&peer, 99, "open fxs", "failed no-such-channel"), "a channel that is not there is refused", "");
    check(peer_ask(&peer, TELEPHONE, "open fxs", "opened") && peer_ask(&peer, EXCHANGE, "open fxo", "opened"), "both ends open", "");
    check(peer_ask(&other, TELEPHONE, "open fxs", "failed busy"), "another helper is told that it is busy", "");
    peer_say(&other, 0, "channels");
    peer_pass(&other, 300);
    check(strstr(other.heard, "0 channel 3 fxs in-use ok") != NULL, "and sees it in use", "");
    peer_forget(&other);
}

static void call_is_answered(void) {
    /* The kernel takes no ring for one within two seconds of opening a port or hanging up. */
    peer_pass(&peer, 2500);
    bool done = peer_ask(&peer, TELEPHONE, "ring on", "done ring on");
    bool rings = peer_hear(&peer, EXCHANGE, "event ring-begin", 2000);
    long long begun = now_ms();
    check(done && rings, "the exchange rings, the other end sees it", "");
    bool paused = peer_hear(&peer, EXCHANGE, "event ring-end", 4000);
    bool again = peer_hear(&peer, EXCHANGE, "event ring-begin", 6000);
    long long cadence = now_ms() - begun;
    check(paused && again && cadence > 4500 && cadence < 5500, "with the cadence of China", "%lld ms from ring to ring", cadence);
    peer_forget(&peer);
    check(peer_ask(&peer, EXCHANGE, "hook off", "done hook off"), "the port at the exchange goes off its hook", "");
    check(peer_hear(&peer, TELEPHONE, "event off-hook", 2000), "the other end sees the answer", "");
    peer_forget(&peer);
    peer_pass(&peer, 6000);
    check(!peer_heard(&peer, TELEPHONE, "event ringer-on"), "and rings no more", "");
    peer_forget(&peer);
}

/* 16,000 bytes in 20 ms frames both ways at the same time. */
static void sound_passes(void) {
    enum { SAMPLES = 8000 };
    static int16_t down[SAMPLES], up[SAMPLES];
    sound_random(down, SAMPLES, 1);
    sound_random(up, SAMPLES, 2);
    struct port *telephone = &peer.ports[TELEPHONE], *exchange = &peer.ports[EXCHANGE];
    telephone->send = exchange->send = true;
    peer_pass(&peer, 300);
    peer_listen(&peer, TELEPHONE);
    peer_listen(&peer, EXCHANGE);
    telephone->say = down, telephone->say_left = SAMPLES;
    exchange->say = up, exchange->say_left = SAMPLES;
    long long begun = now_ms();
    peer_pass(&peer, 2000);
    long long took = now_ms() - begun;
    size_t at_exchange = sound_found(down, SAMPLES, exchange->sound, exchange->samples);
    size_t at_telephone = sound_found(up, SAMPLES, telephone->sound, telephone->samples);
    double rate = (double)exchange->samples / FRAME / (double)took * 1000;
    check(at_exchange >= SAMPLES * 95 / 100, "16000 bytes from telephone to exchange", "%.2f %% lost", 100 - 100.0 * (double)at_exchange / SAMPLES);
    check(at_telephone >= SAMPLES * 95 / 100, "16000 bytes from exchange to telephone", "%.2f %% lost", 100 - 100.0 * (double)at_telephone / SAMPLES);
    check(rate > 48 && rate < 52, "frames come at 50 a second", "%.1f", rate);
    telephone->send = exchange->send = false;
}

static void gain_is_applied(void) {
    static int16_t sine[8000];
    for (int i = 0; i < 8000; i++) sine[i] = (int16_t)(8000 * ((i / 4) % 2 ? -1 : 1)); /* 1 kHz, square */
    struct port *telephone = &peer.ports[TELEPHONE], *exchange = &peer.ports[EXCHANGE];
    double level[2];
    telephone->send = true;
    for (int quiet = 0; quiet < 2; quiet++) {
        peer_ask(&peer, EXCHANGE, quiet ? "gain -6 0" : "gain 0 0", "done gain");
        telephone->say = sine, telephone->say_left = 8000;
        peer_pass(&peer, 400);
        peer_listen(&peer, EXCHANGE);
        peer_pass(&peer, 400);
        level[quiet] = sound_level(exchange->sound, exchange->samples, 1000);
        telephone->say_left = 0;
        peer_pass(&peer, 300);
    }
    peer_ask(&peer, EXCHANGE, "gain 0 0", "done gain");
    telephone->send = false;
    double ratio = level[1] / level[0];
    check(ratio > 0.45 && ratio < 0.55, "a gain of -6 dB halves the sound", "%.2f", ratio);
}

static void digits_are_dialled(void) {
    const char *digits = "123#w4567890*ABCD";
    char words[64], keys[64], wanted[64];
    size_t used = 0;
    for (const char *digit = digits; *digit; digit++)
        if (*digit != 'w') wanted[used++] = *digit;
    wanted[used] = 0;
    snprintf(words, sizeof words, "dial %s", digits);
    peer.ports[EXCHANGE].send = true;
    peer_listen(&peer, TELEPHONE);
    bool done = peer_ask(&peer, EXCHANGE, words, "done dial");
    bool complete = peer_hear(&peer, EXCHANGE, "event dial-complete", 8000);
    peer_pass(&peer, 200);
    sound_keys(peer.ports[TELEPHONE].sound, peer.ports[TELEPHONE].samples, keys, sizeof keys);
    check(done && complete && strcmp(keys, wanted) == 0, "digits are dialled while sound is sent, and heard at the other end", "\"%s\"", keys);
    peer.ports[EXCHANGE].send = false;
    check(peer_ask(&peer, EXCHANGE, "dial 12x", "failed error EINVAL"), "what is no digit is refused", "");
}

static void tones_are_played(void) {
    struct port *exchange = &peer.ports[EXCHANGE];
    bool done = peer_ask(&peer, TELEPHONE, "tone busy", "done tone busy");
    peer_listen(&peer, EXCHANGE);
    peer_pass(&peer, 3000);
    /* 20 ms at a time: how much is on, how often it changes. */
    int on = 0, changes = 0, windows = (int)(exchange->samples / FRAME);
    bool was = false;
    for (int i = 0; i < windows; i++) {
        bool is = sound_level(exchange->sound + i * FRAME, FRAME, 450) > 500;
        on += is;
        changes += i > 0 && is != was;
        was = is;
    }
    double share = windows ? (double)on / windows : 0;
    check(done && share > 0.4 && share < 0.6 && changes >= 6 && changes <= 10, "the busy tone of China is heard: 450 Hz, 350 ms on and off",
          "%.0f %% on, %d changes in 3 s", 100 * share, changes);
    done = peer_ask(&peer, TELEPHONE, "tone none", "done tone none");
    peer_pass(&peer, 300);
    peer_listen(&peer, EXCHANGE);
    peer_pass(&peer, 1000);
    double level = sound_level(exchange->sound, exchange->samples, 450);
    check(done && level < 50, "and ends", "level %.0f", level);
}

static void flash_is_seen(void) {
    peer_forget(&peer);
    bool done = peer_ask(&peer, EXCHANGE, "flash", "done flash");
    check(done && peer_hear(&peer, TELEPHONE, "event flash", 3000), "a flash of the hook is seen", "");
}

static void card_features(void) {
    check(peer_ask(&peer, EXCHANGE, "echo 128", "done echo"), "the echo canceller is switched on", "");
    check(peer_ask(&peer, EXCHANGE, "echo 0", "done echo"), "and off", "");
    check(peer_ask(&peer, TELEPHONE, "polarity reversed", "failed unsupported"), "polarity is refused, these spans have none", "");
    check(peer_ask(&peer, TELEPHONE, "on-hook-transfer 500", "failed unsupported"), "on-hook sound is refused likewise", "");
}

static void both_sides_hang_up(void) {
    peer_forget(&peer);
    check(peer_ask(&peer, EXCHANGE, "hook on", "done hook on") && peer_hear(&peer, TELEPHONE, "event on-hook", 3000), "one end hangs up, the other sees it", "");
    peer_pass(&peer, 1500);
    peer_ask(&peer, TELEPHONE, "ring on", "done ring on");
    peer_hear(&peer, EXCHANGE, "event ring-begin", 3000);
    peer_ask(&peer, EXCHANGE, "hook off", "done hook off");
    check(peer_hear(&peer, TELEPHONE, "event off-hook", 3000), "a second call is answered", "");
    peer_pass(&peer, 1500);
    peer_forget(&peer);
    check(peer_ask(&peer, TELEPHONE, "hook on", "done hook on") && peer_hear(&peer, EXCHANGE, "event on-hook", 3000), "the other end hangs up, this one sees it", "");
    peer_ask(&peer, EXCHANGE, "hook on", "done hook on");
}

static void driver_vanishes(void) {
    static struct peer third;
    bool ready = peer_start(&third, "/tmp/third.sock") && peer_ask(&third, EXCHANGE_2, "open fxo", "opened") && peer_ask(&other, TELEPHONE_2, "open fxs", "opened");
    ready = ready && peer_ask(&third, EXCHANGE_2, "hook off", "done hook off") && peer_hear(&other, TELEPHONE_2, "event off-hook", 3000);
    int status = peer_stop(&third);
    check(ready && status == 0, "the helper ends when its driver vanishes", "status %d", status);
    check(peer_hear(&other, TELEPHONE_2, "event on-hook", 3000), "and has put the hook on", "");
    ready = peer_start(&third, "/tmp/fourth.sock") && peer_ask(&third, EXCHANGE_2, "open fxo", "opened") && peer_ask(&third, EXCHANGE_2, "hook off", "done hook off");
    ready = ready && peer_hear(&other, TELEPHONE_2, "event off-hook", 3000);
    kill(third.helper, SIGTERM);
    check(ready && peer_hear(&other, TELEPHONE_2, "event on-hook", 3000), "as it does when it is asked to end", "");
    status = peer_stop(&third);
    check(status == 0, "which is no failure", "status %d", status);
}

/* Words and halves of words in any order, on ports that are open and on others. */
static void nonsense_is_survived(void) {
    static const char *const words[] = {"hook off", "hook on", "flash", "ring on", "ring off", "dial 12", "tone dial", "tone none", "gain 3 -3", "echo 64", "echo 0",
                                        "open fxs", "open fxo", "close", "hook", "", " ", "dial", "polarity normal", "gain nan 0", "on-hook-transfer 100", "channels"};
    srand(7);
    for (int i = 0; i < 3000; i++) {
        const char *word = words[(size_t)rand() % (sizeof words / sizeof *words)];
        peer_say(&other, rand() % 10, word);
        if (rand() % 50 == 0) {
            uint8_t frame[6] = {(uint8_t)(rand() % 2 ? 'A' : rand()), 0, 0, (uint8_t)(rand() % 10), 8, (uint8_t)rand()};
            static const uint8_t nothing[4096];
            peer_send(&other, frame, sizeof frame);
            peer_send(&other, nothing, (size_t)(frame[4] << 8 | frame[5]));
        }
        if (i % 20 == 0) peer_pass(&other, 1), peer_forget(&other);
    }
    peer_pass(&other, 500);
    peer_forget(&other);
    check(peer_ask(&other, 0, "ping", "pong"), "3000 words of nonsense on real channels are survived", "");
}

static void card_is_removed(void) {
    peer_forget(&peer);
    long long begun = now_ms();
    /* The second span leaves, open channels or not, as when a card's driver loses its card. */
    int span = open("/sys/bus/dahdi_spans/devices/span-2/../unassign_span", O_WRONLY);
    bool left = span >= 0 && write(span, "1", 1) == 1;
    check(left && peer_hear(&peer, EXCHANGE, "event removed", 4000), "a card that is taken out is told", "after %lld ms", now_ms() - begun);
    check(peer_ask(&peer, EXCHANGE, "hook off", "failed not-open"), "its channel is closed", "");
    check(peer_ask(&peer, EXCHANGE, "open fxo", "failed no-such-channel"), "and not there any more", "");
    check(peer_ask(&peer, TELEPHONE, "hook off", "done hook off"), "while the others go on", "");
    close(span);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    check(peer_start(&peer, "/tmp/first.sock"), "the helper greets", "");
    check(peer_start(&other, "/tmp/second.sock"), "and so does a second one", "");
    channels_are_listed();
    ports_open();
    call_is_answered();
    sound_passes();
    gain_is_applied();
    digits_are_dialled();
    tones_are_played();
    flash_is_seen();
    card_features();
    both_sides_hang_up();
    driver_vanishes();
    peer_ask(&peer, EXCHANGE, "close", "closed");
    peer_ask(&peer, TELEPHONE, "close", "closed");
    nonsense_is_survived();
    check(peer_stop(&other) == 0, "and the helper ends without a failure", "");
    check(peer_ask(&peer, TELEPHONE, "open fxs", "opened") && peer_ask(&peer, EXCHANGE, "open fxo", "opened"), "the ports are free afterwards", "");
    card_is_removed();
    check(peer_stop(&peer) == 0, "the first helper ends without a failure", "");
    return failed > 0;
}
