/* What the parts of this program share: one driver, and the ports that it has opened. */
#ifndef SITEBOX_DAHDI_HELPER_H
#define SITEBOX_DAHDI_HELPER_H

#include "channel.h"

#define HELPER_VERSION "1.0"

struct helper {
    struct channel *channels;
    struct outbox outbox;
    bool finished; /* the driver speaks another protocol: what waits is sent, then the connection ends */
};

struct channel *helper_channel(const struct helper *helper, int number);

/* Closes a port, says what sound was lost. */
void helper_close(struct helper *helper, struct channel *channel);

/* Does what a control frame says. `words` ends with a zero at `length`. */
void command(struct helper *helper, int number, const char *words, size_t length);

/* Tells what the card has to tell of a port. False where the card is gone. */
bool tell_events(struct channel *channel, struct outbox *outbox);

/* How an alarm is told, where there is one. */
void tell_alarm(const struct channel *channel, struct outbox *outbox);

/* Tells lost sound, at most every ten seconds, or at once. */
void tell_lost(struct channel *channel, struct outbox *outbox, bool at_once);

/* Every channel that the cards have, in words for `say`. */
void list_channels(const struct helper *helper, void (*say)(void *context, const char *words), void *context);

#endif
