#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocks of 20 ms that the kernel holds each way. A stall of this program of up to 80 ms loses nothing that was heard. */
#define KERNEL_BLOCKS 4
/* How much of ours waits in the kernel: 40 ms carry over a late wake-up. */
#define AHEAD 2
/* China's place in the list of tone zones that dahdi_cfg loads. */
#define ZONE_CHINA 33
/* A driver that sends no sound for longer is not late, it is silent. */
#define SILENT_FRAMES 50

enum kind kind_of(int signalling) {
    if (signalling & ABI_SIGNALLED_FXS) return KIND_FXO;
    if (signalling & ABI_SIGNALLED_FXO) return KIND_FXS;
    return signalling & ABI_SIGNALLED_CLEAR ? KIND_CLEAR : KIND_OTHER;
}

const char *kind_name(enum kind kind) {
    static const char *const names[] = {"fxo", "fxs", "clear", "other"};
    return names[kind];
}

const char *alarm_name(uint32_t alarms) {
    if (alarms & ABI_ALARM_RED) return "red";
    if (alarms & ABI_ALARM_YELLOW) return "yellow";
    if (alarms & ABI_ALARM_BLUE) return "blue";
    return alarms ? "other" : "ok";
}

int channel_set(const struct channel *channel, unsigned long request, int32_t value) {
    return ioctl(channel->file, request, &value) < 0 ? errno : 0;
}

static void say_errno(char *reason, size_t size, int error) {
    const char *name = strerrorname_np(error);
    if (error == EBUSY) snprintf(reason, size, "busy");
    else if (error == EACCES || error == EPERM) snprintf(reason, size, "permission");
    else if (name) snprintf(reason, size, "error %s", name);
    else snprintf(reason, size, "error %d", error);
}

/* 0, or an errno: -1 where there is no DAHDI, ENXIO where there is no such channel. */
static int attach(struct channel *channel) {
    channel->file = open("/dev/dahdi/channel", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (channel->file < 0) return errno == ENOENT || errno == ENODEV || errno == ENXIO || errno == ENOTDIR ? -1 : errno;
    int error = channel_set(channel, ABI_SPECIFY, channel->number);
    return error == EINVAL || error == ENODEV ? ENXIO : error;
}

static void amplify(int16_t *samples, double factor) {
    if (factor == 1) return;
    for (int i = 0; i < FRAME_SAMPLES; i++) {
        double louder = samples[i] * factor;
        samples[i] = (int16_t)(louder > INT16_MAX ? INT16_MAX : louder < INT16_MIN ? INT16_MIN : louder);
    }
}

/* Gives the card 20 ms: the driver's, or silence. */
static void give(struct channel *channel) {
    int16_t frame[FRAME_SAMPLES];
    if (channel->queued > 0) {
        memcpy(frame, channel->queue[0], sizeof frame);
        channel->queued--;
        memmove(channel->queue[0], channel->queue[1], (size_t)channel->queued * sizeof frame);
        amplify(frame, channel->transmit_gain);
    } else {
        memset(frame, 0, sizeof frame);
        if (channel->streaming && ++channel->late > SILENT_FRAMES) channel->streaming = false;
    }
    /* Full buffers (EAGAIN) mean that enough waits; an event that waits is fetched before the next frame. */
    uint8_t codes[FRAME_SAMPLES];
    g711_encode(channel->law, frame, codes, FRAME_SAMPLES);
    if (write(channel->file, codes, sizeof codes) < 0) return;
}

/* Sound in blocks of 20 ms, and the tones and the cadence of China. */
static int prepare(struct channel *channel) {
    struct abi_buffers buffers = {.transmit_policy = ABI_POLICY_IMMEDIATE, .receive_policy = ABI_POLICY_IMMEDIATE};
    buffers.count = KERNEL_BLOCKS;
    buffers.size = FRAME_SAMPLES;
    if (ioctl(channel->file, ABI_SET_BUFFERS, &buffers) < 0) return errno;
    /* A site that loaded another zone only has that one's tones; a strange busy tone is better than none. */
    channel_set(channel, ABI_SET_TONE_ZONE, ZONE_CHINA);
    if (channel->kind == KIND_FXS) {
        struct abi_cadence cadence = {.times = {1000, 4000}};
        ioctl(channel->file, ABI_SET_CADENCE, &cadence);
    }
    /* Few cards hear digits themselves; the driver listens on all of them. */
    channel_set(channel, ABI_TONE_DETECT, ABI_TONE_DETECT_ON);
    for (int i = 0; i < AHEAD; i++) give(channel);
    return 0;
}

struct channel *channel_open(int number, enum kind wanted, char *reason, size_t size) {
    struct channel *channel = calloc(1, sizeof *channel);
    if (!channel) {
        snprintf(reason, size, "error ENOMEM");
        return NULL;
    }
    channel->number = number;
    channel->receive_gain = channel->transmit_gain = 1;
    int error = attach(channel);
    if (error == -1) snprintf(reason, size, "no-dahdi");
    else if (error == ENXIO) snprintf(reason, size, "no-such-channel");
    else if (error) say_errno(reason, size, error);
    if (!error) {
        struct abi_params params = {.channel = number};
        if (ioctl(channel->file, ABI_GET_PARAMS, &params) < 0) {
            error = errno;
            say_errno(reason, size, error);
        } else if ((channel->kind = kind_of(params.signalling)) != wanted) {
            error = EINVAL;
            snprintf(reason, size, "not-%s", kind_name(wanted));
        } else {
            channel->law = params.law == ABI_LAW_A ? LAW_A : LAW_MU;
            error = prepare(channel);
            if (error) say_errno(reason, size, error);
        }
    }
    if (!error) return channel;
    if (channel->file >= 0) close(channel->file);
    free(channel);
    return NULL;
}

void channel_close(struct channel *channel) {
    if (channel->ringing) channel_ring(channel, false);
    channel_hook(channel, ABI_ON_HOOK);
    close(channel->file);
    free(channel);
}

void channel_hear(struct channel *channel, const uint8_t *samples) {
    /* A tone has the line to itself, and writing would cut it off. */
    if (channel->tone || channel->dialling) return;
    if (channel->streaming) channel->lost += channel->late;
    channel->streaming = true;
    channel->late = 0;
    if (channel->queued == QUEUED_FRAMES) {
        memmove(channel->queue[0], channel->queue[1], sizeof channel->queue - sizeof channel->queue[0]);
        channel->queued--;
        channel->lost++;
    }
    int16_t *frame = channel->queue[channel->queued++];
    for (int i = 0; i < FRAME_SAMPLES; i++) frame[i] = (int16_t)(samples[2 * i] | samples[2 * i + 1] << 8);
}

bool channel_sound(struct channel *channel, struct outbox *outbox) {
    int got = 0;
    for (;; got++) {
        uint8_t codes[FRAME_SAMPLES];
        int16_t samples[FRAME_SAMPLES] = {0};
        ssize_t bytes = read(channel->file, codes, sizeof codes);
        if (bytes < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != ABI_EVENT_WAITS) return false;
            break;
        }
        g711_decode(channel->law, codes, samples, (size_t)bytes);
        amplify(samples, channel->receive_gain);
        uint8_t little[AUDIO_BYTES];
        for (int i = 0; i < FRAME_SAMPLES; i++) {
            little[2 * i] = (uint8_t)samples[i];
            little[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
        }
        if (!outbox_audio(outbox, channel->number, little)) channel->lost++;
    }
    if (channel->tone || channel->dialling) {
        channel->queued = 0;
        channel->streaming = false;
        return true;
    }
    /* What the card took is given again, so that what waits in the kernel neither runs out nor grows; after a stall no more than stood there before. */
    if (channel->streaming && got > AHEAD) channel->lost += got - AHEAD;
    for (int i = 0; i < got && i < AHEAD; i++) give(channel);
    return true;
}

uint32_t channel_alarms(const struct channel *channel) {
    struct abi_params params = {.channel = channel->number};
    return ioctl(channel->file, ABI_GET_PARAMS, &params) < 0 ? 0 : params.alarms;
}

int channel_hook(struct channel *channel, int state) {
    int error = channel_set(channel, ABI_HOOK, state);
    /* What takes its time goes on by itself on a file that does not block. */
    if (error == EINPROGRESS) error = 0;
    /* The kernel ends tones and dialling first, whether it then does it or not. */
    channel->dialling = channel->tone = false;
    if (!error) channel->ringing = state == ABI_RING;
    return error;
}

int channel_ring(struct channel *channel, bool on) {
    return channel_hook(channel, on ? ABI_RING : ABI_RING_OFF);
}

int channel_dial(struct channel *channel, const char *digits) {
    struct abi_dial dial = {.operation = ABI_DIAL_APPEND};
    /* T: by tones, not by pulses. */
    if ((size_t)snprintf(dial.digits, sizeof dial.digits, "T%s", digits) >= sizeof dial.digits) return E2BIG;
    if (ioctl(channel->file, ABI_DIAL, &dial) < 0) return errno;
    channel->dialling = true;
    channel->tone = false;
    return 0;
}

int channel_tone(struct channel *channel, int tone) {
    int error = channel_set(channel, ABI_SEND_TONE, tone);
    if (!error) {
        channel->tone = tone != ABI_TONE_STOP;
        channel->dialling = false;
    }
    return error;
}
