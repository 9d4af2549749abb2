/* Prints the numbers and sizes that the helper has of DAHDI's interface beside those of the kernel's own header, and ends with 1 where one differs. */
#include "abi.h"

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

#include <dahdi/user.h>

static int wrong;

static void compare(const char *name, unsigned long ours, unsigned long theirs) {
    printf("  %-26s %#12lx %#12lx%s\n", name, ours, theirs, ours == theirs ? "" : "   DIFFERS");
    wrong += ours != theirs;
}

#define SAME(ours, theirs) compare(#theirs, (unsigned long)(ours), (unsigned long)(theirs))
#define PLACE(our_struct, our_field, their_struct, their_field) \
    compare(#their_struct "." #their_field, offsetof(struct our_struct, our_field), offsetof(struct their_struct, their_field))

int main(void) {
    printf("  %-26s %12s %12s\n", "interface", "helper", "kernel");
    SAME(ABI_GET_PARAMS, DAHDI_GET_PARAMS);
    SAME(ABI_HOOK, DAHDI_HOOK);
    SAME(ABI_GET_EVENT, DAHDI_GETEVENT);
    SAME(ABI_SEND_TONE, DAHDI_SENDTONE);
    SAME(ABI_SET_TONE_ZONE, DAHDI_SETTONEZONE);
    SAME(ABI_SET_BUFFERS, DAHDI_SET_BUFINFO);
    SAME(ABI_DIAL, DAHDI_DIAL);
    SAME(ABI_ECHO_CANCEL, DAHDI_ECHOCANCEL);
    SAME(ABI_SPECIFY, DAHDI_SPECIFY);
    SAME(ABI_SET_CADENCE, DAHDI_SETCADENCE);
    SAME(ABI_ON_HOOK_TRANSFER, DAHDI_ONHOOKTRANSFER);
    SAME(ABI_TONE_DETECT, DAHDI_TONEDETECT);
    SAME(ABI_SET_POLARITY, DAHDI_SETPOLARITY);

    SAME(sizeof(struct abi_params), sizeof(struct dahdi_params));
    PLACE(abi_params, channel, dahdi_params, channo);
    PLACE(abi_params, signalling, dahdi_params, sigtype);
    PLACE(abi_params, law, dahdi_params, curlaw);
    PLACE(abi_params, name, dahdi_params, name);
    PLACE(abi_params, alarms, dahdi_params, chan_alarms);
    SAME(sizeof(struct abi_buffers), sizeof(struct dahdi_bufferinfo));
    PLACE(abi_buffers, count, dahdi_bufferinfo, numbufs);
    PLACE(abi_buffers, size, dahdi_bufferinfo, bufsize);
    SAME(sizeof(struct abi_dial), sizeof(struct dahdi_dialoperation));
    PLACE(abi_dial, digits, dahdi_dialoperation, dialstr);
    SAME(sizeof(struct abi_cadence), sizeof(struct dahdi_ring_cadence));

    SAME(ABI_SIGNALLED_FXO, __DAHDI_SIG_FXO);
    SAME(ABI_SIGNALLED_FXS, __DAHDI_SIG_FXS);
    SAME(ABI_SIGNALLED_CLEAR, DAHDI_SIG_CLEAR);
    SAME(ABI_ON_HOOK, DAHDI_ONHOOK);
    SAME(ABI_OFF_HOOK, DAHDI_OFFHOOK);
    SAME(ABI_FLASH, DAHDI_FLASH);
    SAME(ABI_RING, DAHDI_RING);
    SAME(ABI_RING_OFF, DAHDI_RINGOFF);
    SAME(ABI_TONE_STOP, DAHDI_TONE_STOP);
    SAME(ABI_TONE_DIAL, DAHDI_TONE_DIALTONE);
    SAME(ABI_TONE_BUSY, DAHDI_TONE_BUSY);
    SAME(ABI_TONE_RING_BACK, DAHDI_TONE_RINGTONE);
    SAME(ABI_TONE_CONGESTION, DAHDI_TONE_CONGESTION);
    SAME(ABI_DIAL_APPEND, DAHDI_DIAL_OP_APPEND);
    SAME(ABI_POLICY_IMMEDIATE, DAHDI_POLICY_IMMEDIATE);
    SAME(ABI_LAW_A, DAHDI_LAW_ALAW);
    SAME(ABI_TONE_DETECT_ON, DAHDI_TONEDETECT_ON);
    SAME(ABI_MAX_CHANNEL, DAHDI_MAX_CHANNELS);

    SAME(ABI_EVENT_NONE, DAHDI_EVENT_NONE);
    SAME(ABI_EVENT_ON_HOOK, DAHDI_EVENT_ONHOOK);
    SAME(ABI_EVENT_RING_OFF_HOOK, DAHDI_EVENT_RINGOFFHOOK);
    SAME(ABI_EVENT_FLASH, DAHDI_EVENT_WINKFLASH);
    SAME(ABI_EVENT_ALARM, DAHDI_EVENT_ALARM);
    SAME(ABI_EVENT_NO_ALARM, DAHDI_EVENT_NOALARM);
    SAME(ABI_EVENT_DIAL_COMPLETE, DAHDI_EVENT_DIALCOMPLETE);
    SAME(ABI_EVENT_RINGER_ON, DAHDI_EVENT_RINGERON);
    SAME(ABI_EVENT_RINGER_OFF, DAHDI_EVENT_RINGEROFF);
    SAME(ABI_EVENT_POLARITY, DAHDI_EVENT_POLARITY);
    SAME(ABI_EVENT_RING_BEGIN, DAHDI_EVENT_RINGBEGIN);
    SAME(ABI_EVENT_REMOVED, DAHDI_EVENT_REMOVED);
    SAME(ABI_EVENT_PULSE_DIGIT, DAHDI_EVENT_PULSEDIGIT);
    SAME(ABI_EVENT_DTMF_DOWN, DAHDI_EVENT_DTMFDOWN);
    SAME(ABI_ALARM_YELLOW, DAHDI_ALARM_YELLOW);
    SAME(ABI_ALARM_RED, DAHDI_ALARM_RED);
    SAME(ABI_ALARM_BLUE, DAHDI_ALARM_BLUE);
    return wrong > 0;
}
