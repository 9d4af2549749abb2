#include "helper.h"

#include <errno.h>
#include <time.h>

/* How often lost sound is told. */
#define TELL_LOST_MS 10000

void tell_alarm(const struct channel *channel, struct outbox *outbox) {
    uint32_t alarms = channel_alarms(channel);
    if (alarms) outbox_words(outbox, channel->number, "event alarm %s", alarm_name(alarms));
}

/* The exchange's ring and the telephone's hook share a number. */
static void ring_or_off_hook(struct channel *channel, struct outbox *outbox) {
    if (channel->kind == KIND_FXO) {
        outbox_words(outbox, channel->number, "event ring-end");
        return;
    }
    /* At once, and not when the driver gets to it: the telephone is at an ear now. */
    if (channel->ringing) channel_hook(channel, ABI_OFF_HOOK);
    outbox_words(outbox, channel->number, "event off-hook");
}

static void tell_event(struct channel *channel, struct outbox *outbox, int event) {
    if (event & (ABI_EVENT_DTMF_DOWN | ABI_EVENT_PULSE_DIGIT)) {
        char digit = (char)event;
        if ((digit >= '0' && digit <= '9') || (digit >= 'A' && digit <= 'D') || digit == '*' || digit == '#')
            outbox_words(outbox, channel->number, "event dtmf %c", digit);
        return;
    }
    const char *word = NULL;
    switch (event) {
        case ABI_EVENT_ON_HOOK: word = "on-hook"; break;
        case ABI_EVENT_RING_OFF_HOOK: ring_or_off_hook(channel, outbox); break;
        case ABI_EVENT_FLASH: word = "flash"; break;
        case ABI_EVENT_ALARM: {
            uint32_t alarms = channel_alarms(channel);
            outbox_words(outbox, channel->number, "event alarm %s", alarms ? alarm_name(alarms) : "other");
            break;
        }
        case ABI_EVENT_NO_ALARM: word = "no-alarm"; break;
        case ABI_EVENT_DIAL_COMPLETE:
            channel->dialling = false;
            word = "dial-complete";
            break;
        case ABI_EVENT_RINGER_ON: word = "ringer-on"; break;
        case ABI_EVENT_RINGER_OFF: word = "ringer-off"; break;
        case ABI_EVENT_POLARITY: word = "polarity"; break;
        case ABI_EVENT_RING_BEGIN: word = "ring-begin"; break;
        default: break; /* of no use to a driver */
    }
    if (word) outbox_words(outbox, channel->number, "event %s", word);
}

bool tell_events(struct channel *channel, struct outbox *outbox) {
    /* The kernel keeps 64; a card that tells without end does not keep the others waiting. */
    for (int i = 0; i < 64; i++) {
        int32_t event = ABI_EVENT_NONE;
        if (ioctl(channel->file, ABI_GET_EVENT, &event) < 0) return errno == EINTR;
        if (event == ABI_EVENT_REMOVED) return false;
        if (event == ABI_EVENT_NONE) return true;
        tell_event(channel, outbox, event);
    }
    return true;
}

void tell_lost(struct channel *channel, struct outbox *outbox, bool at_once) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long now_ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
    if (channel->lost == 0 || (!at_once && now_ms - channel->told_lost_ms < TELL_LOST_MS)) return;
    outbox_words(outbox, channel->number, "lost %ld", channel->lost);
    channel->lost = 0;
    channel->told_lost_ms = now_ms;
}
