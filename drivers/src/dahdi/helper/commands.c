#include "helper.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 4

/* How loud or quiet a port can be made, dB. */
#define MAX_GAIN 24.0

struct request {
    struct helper *helper;
    struct channel *channel; /* NULL where it is not open */
    int number;
    int count;
    char *words[MAX_WORDS];
};

static void say(const struct request *request, const char *words) {
    outbox_words(&request->helper->outbox, request->number, "%s", words);
}

static void say_failed(const struct request *request, int error) {
    const char *name = strerrorname_np(error);
    if (error == ENOTTY || error == ENOSYS || error == EOPNOTSUPP) say(request, "failed unsupported");
    else if (error == EBUSY) say(request, "failed busy");
    else outbox_words(&request->helper->outbox, request->number, "failed error %s", name ? name : "unknown");
}

static void say_done(const struct request *request, int error, const char *what) {
    if (error) say_failed(request, error);
    else outbox_words(&request->helper->outbox, request->number, "done %s", what);
}

static void say_unknown(const struct request *request, const char *word) {
    char printable[41];
    size_t length = 0;
    for (; word[length] && length < sizeof printable - 1; length++) printable[length] = word[length] > ' ' && word[length] < 127 ? word[length] : '?';
    printable[length] = 0;
    outbox_words(&request->helper->outbox, request->number, "failed unknown %s", length ? printable : "-");
}

/* The number that a word is, or `otherwise`. */
static double number_in(const char *word, double otherwise) {
    char *end;
    double number = strtod(word, &end);
    return *word == 0 || *end != 0 || !isfinite(number) ? otherwise : number;
}

static void open_channel(const struct request *request) {
    const char *what = request->words[1];
    bool fxs = strcmp(what, "fxs") == 0;
    char reason[64];
    if (!fxs && strcmp(what, "fxo") != 0) {
        say_unknown(request, what);
        return;
    }
    if (request->channel) {
        say(request, "failed busy");
        return;
    }
    struct channel *channel = channel_open(request->number, fxs ? KIND_FXS : KIND_FXO, reason, sizeof reason);
    if (!channel) {
        outbox_words(&request->helper->outbox, request->number, "failed %s", reason);
        return;
    }
    channel->next = request->helper->channels;
    request->helper->channels = channel;
    say(request, "opened");
    tell_alarm(channel, &request->helper->outbox);
}

static void close_channel(const struct request *request) {
    helper_close(request->helper, request->channel);
    say(request, "closed");
}

static void hook(const struct request *request) {
    bool off = strcmp(request->words[1], "off") == 0;
    if (!off && strcmp(request->words[1], "on") != 0) say_unknown(request, request->words[1]);
    else say_done(request, channel_hook(request->channel, off ? ABI_OFF_HOOK : ABI_ON_HOOK), off ? "hook off" : "hook on");
}

static void flash(const struct request *request) {
    say_done(request, channel_hook(request->channel, ABI_FLASH), "flash");
}

static void ring(const struct request *request) {
    bool on = strcmp(request->words[1], "on") == 0;
    if (!on && strcmp(request->words[1], "off") != 0) say_unknown(request, request->words[1]);
    else say_done(request, channel_ring(request->channel, on), on ? "ring on" : "ring off");
}

static void dial(const struct request *request) {
    const char *digits = request->words[1];
    if (*digits == 0 || digits[strspn(digits, "0123456789*#ABCDw")] != 0) say_failed(request, EINVAL);
    else say_done(request, channel_dial(request->channel, digits), "dial");
}

static void tone(const struct request *request) {
    static const struct {
        const char *name, *done;
        int tone;
    } tones[] = {{"dial", "tone dial", ABI_TONE_DIAL},
                 {"busy", "tone busy", ABI_TONE_BUSY},
                 {"ring-back", "tone ring-back", ABI_TONE_RING_BACK},
                 {"congestion", "tone congestion", ABI_TONE_CONGESTION},
                 {"none", "tone none", ABI_TONE_STOP}};
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++)
        if (strcmp(request->words[1], tones[i].name) == 0) {
            say_done(request, channel_tone(request->channel, tones[i].tone), tones[i].done);
            return;
        }
    say_unknown(request, request->words[1]);
}

/* Nothing of a low-level driver's own: what a card does not know it refuses with EINVAL as often as with ENOTTY. */
static int card_set(const struct request *request, unsigned long what, int value) {
    int error = channel_set(request->channel, what, value);
    return error == EINVAL ? ENOTTY : error;
}

static void polarity(const struct request *request) {
    bool reversed = strcmp(request->words[1], "reversed") == 0;
    if (!reversed && strcmp(request->words[1], "normal") != 0) say_unknown(request, request->words[1]);
    else say_done(request, card_set(request, ABI_SET_POLARITY, reversed), reversed ? "polarity reversed" : "polarity normal");
}

static void gain(const struct request *request) {
    double receive = number_in(request->words[1], INFINITY), transmit = number_in(request->words[2], INFINITY);
    if (fabs(receive) > MAX_GAIN || fabs(transmit) > MAX_GAIN) {
        say_failed(request, EINVAL);
        return;
    }
    request->channel->receive_gain = pow(10, receive / 20);
    request->channel->transmit_gain = pow(10, transmit / 20);
    say(request, "done gain");
}

static void echo(const struct request *request) {
    double taps = number_in(request->words[1], -1);
    if (taps != 0 && taps != 32 && taps != 64 && taps != 128 && taps != 256) say_failed(request, EINVAL);
    else say_done(request, card_set(request, ABI_ECHO_CANCEL, (int)taps), "echo");
}

static void on_hook_transfer(const struct request *request) {
    double ms = number_in(request->words[1], -1);
    if (ms < 0 || ms > 60000) say_failed(request, EINVAL);
    else say_done(request, card_set(request, ABI_ON_HOOK_TRANSFER, (int)ms), "on-hook-transfer");
}

static void hello(const struct request *request) {
    if (strcmp(request->words[1], "1") == 0) {
        say(request, "hello 1 " HELPER_VERSION);
        return;
    }
    say(request, "failed version");
    request->helper->finished = true;
}

static void say_channel(void *context, const char *words) {
    say(context, words);
}

static void channels(const struct request *request) {
    list_channels(request->helper, say_channel, (void *)request);
    say(request, "channels-end");
}

static void ping(const struct request *request) {
    say(request, "pong");
}

/* Which port a word is for: the helper itself, one that is yet to be opened, any that is open, or an open one of a kind. */
enum whose { WHOSE_HELPER, WHOSE_ANY, WHOSE_OPEN, WHOSE_FXO, WHOSE_FXS };

static const struct verb {
    const char *name;
    enum whose whose;
    int count;
    void (*act)(const struct request *request);
} verbs[] = {
    {"hello", WHOSE_HELPER, 2, hello},       {"channels", WHOSE_HELPER, 1, channels},
    {"ping", WHOSE_HELPER, 1, ping},         {"open", WHOSE_ANY, 2, open_channel},
    {"close", WHOSE_OPEN, 1, close_channel}, {"hook", WHOSE_OPEN, 2, hook},
    {"flash", WHOSE_FXO, 1, flash},          {"ring", WHOSE_FXS, 2, ring},
    {"dial", WHOSE_FXO, 2, dial},            {"tone", WHOSE_FXS, 2, tone},
    {"polarity", WHOSE_FXS, 2, polarity},    {"gain", WHOSE_OPEN, 3, gain},
    {"echo", WHOSE_OPEN, 2, echo},           {"on-hook-transfer", WHOSE_FXS, 2, on_hook_transfer},
};

static const struct verb *verb_named(const char *name, bool of_helper) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if ((verbs[i].whose == WHOSE_HELPER) == of_helper && strcmp(verbs[i].name, name) == 0) return &verbs[i];
    return NULL;
}

void command(struct helper *helper, int number, const char *words, size_t length) {
    char line[FRAME_PAYLOAD + 1];
    struct request request = {.helper = helper, .number = number, .channel = helper_channel(helper, number)};
    /* A zero within would hide what comes behind it. */
    for (size_t i = 0; i < length; i++) line[i] = words[i] ? words[i] : '?';
    line[length] = 0;
    char *rest = line;
    while (rest && request.count < MAX_WORDS) request.words[request.count++] = strsep(&rest, " ");

    const struct verb *verb = verb_named(request.words[0], number == 0);
    if (!verb) say_unknown(&request, request.words[0]);
    else if (rest || request.count != verb->count) say_failed(&request, EINVAL);
    else if (verb->whose > WHOSE_ANY && !request.channel) say(&request, "failed not-open");
    else if (verb->whose == WHOSE_FXO && request.channel->kind != KIND_FXO) say(&request, "failed not-fxo");
    else if (verb->whose == WHOSE_FXS && request.channel->kind != KIND_FXS) say(&request, "failed not-fxs");
    else verb->act(&request);
}
