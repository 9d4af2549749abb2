/*
 * The part of the DAHDI kernel interface that this program uses, written down here so that it compiles where the kernel's header is not installed.
 * The rig (tools/dahdi-vm) compiles abi-check.c against the real header and fails where a number or a size differs.
 */
#ifndef SITEBOX_DAHDI_ABI_H
#define SITEBOX_DAHDI_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

/* GET_PARAMS */
struct abi_params {
    int32_t channel;
    int32_t span, position;
    int32_t signalling, possible_signalling;
    int32_t off_hook, receive_bits, transmit_bits, transmit_hook, receive_hook;
    int32_t law, idle_bits;
    char name[40];
    int32_t times[11];
    uint32_t alarms;
};

/* SET_BUFINFO; sizes are in samples, whatever the samples look like to us */
struct abi_buffers {
    int32_t transmit_policy, receive_policy;
    int32_t count, size;
    int32_t readable, writable;
};

/* DIAL */
struct abi_dial {
    int32_t operation;
    char digits[256];
};

/* SETCADENCE: on and off in turns, ms */
struct abi_cadence {
    int32_t times[16];
};

#define ABI_GET_PARAMS _IOWR(0xDA, 5, struct abi_params)
#define ABI_HOOK _IOW(0xDA, 7, int32_t)
#define ABI_GET_EVENT _IOR(0xDA, 8, int32_t)
#define ABI_SEND_TONE _IOW(0xDA, 21, int32_t)
#define ABI_SET_TONE_ZONE _IOW(0xDA, 22, int32_t)
#define ABI_SET_BUFFERS _IOW(0xDA, 27, struct abi_buffers)
#define ABI_DIAL _IOW(0xDA, 31, struct abi_dial)
#define ABI_ECHO_CANCEL _IOW(0xDA, 33, int32_t)
#define ABI_SPECIFY _IOW(0xDA, 38, int32_t)
#define ABI_SET_CADENCE _IOW(0xDA, 42, struct abi_cadence)
#define ABI_ON_HOOK_TRANSFER _IOW(0xDA, 51, int32_t)
#define ABI_TONE_DETECT _IOW(0xDA, 91, int32_t)
#define ABI_SET_POLARITY _IOW(0xDA, 92, int32_t)

/* An FXO port is signalled as the FXS at the other end of its line would be, and the other way about. */
#define ABI_SIGNALLED_FXO (1 << 12)
#define ABI_SIGNALLED_FXS (1 << 13)
#define ABI_SIGNALLED_CLEAR (1 << 7)

enum { ABI_ON_HOOK = 0, ABI_OFF_HOOK = 1, ABI_FLASH = 3, ABI_RING = 5, ABI_RING_OFF = 6 };
enum { ABI_TONE_STOP = -1, ABI_TONE_DIAL = 0, ABI_TONE_BUSY = 1, ABI_TONE_RING_BACK = 2, ABI_TONE_CONGESTION = 3 };
enum { ABI_DIAL_APPEND = 1 };
enum { ABI_POLICY_IMMEDIATE = 0 };
enum { ABI_LAW_A = 2 };
enum { ABI_TONE_DETECT_ON = 1 };
enum { ABI_MAX_CHANNEL = 1024 };

enum {
    ABI_EVENT_NONE = 0,
    ABI_EVENT_ON_HOOK = 1,
    ABI_EVENT_RING_OFF_HOOK = 2,
    ABI_EVENT_FLASH = 3,
    ABI_EVENT_ALARM = 4,
    ABI_EVENT_NO_ALARM = 5,
    ABI_EVENT_DIAL_COMPLETE = 9,
    ABI_EVENT_RINGER_ON = 10,
    ABI_EVENT_RINGER_OFF = 11,
    ABI_EVENT_POLARITY = 17,
    ABI_EVENT_RING_BEGIN = 18,
    ABI_EVENT_REMOVED = 20,
    /* or'ed with the digit's character */
    ABI_EVENT_PULSE_DIGIT = 1 << 16,
    ABI_EVENT_DTMF_DOWN = 1 << 17
};

enum { ABI_ALARM_YELLOW = 1 << 2, ABI_ALARM_RED = 1 << 3, ABI_ALARM_BLUE = 1 << 4 };

/* What a read or a write fails with while an event waits to be fetched. Linux has no name for it. */
enum { ABI_EVENT_WAITS = 500 };

#endif
