/* One open port of a card: its sound both ways, its hook and its tones. */
#ifndef SITEBOX_DAHDI_CHANNEL_H
#define SITEBOX_DAHDI_CHANNEL_H

#include "abi.h"
#include "frames.h"
#include "g711.h"

/* Sound of the driver's that came early waits here: 60 ms. */
enum { QUEUED_FRAMES = 3 };

enum kind { KIND_FXO, KIND_FXS, KIND_CLEAR, KIND_OTHER };

struct channel {
    struct channel *next;
    int number;
    int file;
    enum kind kind;
    enum law law; /* what the card speaks */
    bool ringing;
    bool dialling;
    bool tone;
    double receive_gain, transmit_gain; /* factors */
    int16_t queue[QUEUED_FRAMES][FRAME_SAMPLES];
    int queued;
    bool streaming; /* the driver has sent sound less than a second ago */
    int late;       /* frames in a row that the driver did not have */
    long lost;
    long long told_lost_ms;
};

/* What kind of port a channel signalled like this is. */
enum kind kind_of(int signalling);
const char *kind_name(enum kind kind);
const char *alarm_name(uint32_t alarms);

/* Opens a port on its hook with sound flowing. NULL and the reason in words where it cannot. */
struct channel *channel_open(int number, enum kind wanted, char *reason, size_t size);

/* Stops ringing, puts the hook on, frees. Removal of the card is no hindrance. */
void channel_close(struct channel *channel);

/* Queues 20 ms from the driver (little endian). */
void channel_hear(struct channel *channel, const uint8_t *samples);

/* Takes all that the card has, hands it to the driver, and gives the card as much. False where the card is gone. */
bool channel_sound(struct channel *channel, struct outbox *outbox);

/* The channel's alarms as the card states them now. */
uint32_t channel_alarms(const struct channel *channel);

/* These answer 0 or an errno. */
int channel_hook(struct channel *channel, int state);
int channel_ring(struct channel *channel, bool on);
int channel_dial(struct channel *channel, const char *digits);
int channel_tone(struct channel *channel, int tone);
int channel_set(const struct channel *channel, unsigned long request, int32_t value);

#endif
