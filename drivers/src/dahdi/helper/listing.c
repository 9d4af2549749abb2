#include "helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Marks the channels that somebody has open; only the kernel's listing tells without opening them. */
static void mark_in_use(bool *in_use) {
    DIR *spans = opendir("/proc/dahdi");
    if (!spans) return;
    for (struct dirent *entry; (entry = readdir(spans));) {
        char path[300], line[256];
        int number;
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/dahdi/%s", entry->d_name);
        FILE *span = fopen(path, "re");
        if (!span) continue;
        while (fgets(line, sizeof line, span))
            if (line[0] == '\t' && sscanf(line, "%d", &number) == 1 && number > 0 && number < ABI_MAX_CHANNEL && strstr(line, "(In use)")) in_use[number] = true;
        fclose(span);
    }
    closedir(spans);
}

void list_channels(const struct helper *helper, void (*say)(void *context, const char *words), void *context) {
    int control = open("/dev/dahdi/ctl", O_RDWR | O_CLOEXEC);
    if (control < 0) return;
    bool in_use[ABI_MAX_CHANNEL] = {false};
    mark_in_use(in_use);
    for (const struct channel *channel = helper ? helper->channels : NULL; channel; channel = channel->next) in_use[channel->number] = true;
    for (int number = 1; number < ABI_MAX_CHANNEL; number++) {
        struct abi_params params = {.channel = number};
        char words[160];
        if (ioctl(control, ABI_GET_PARAMS, &params) < 0) continue;
        params.name[sizeof params.name - 1] = 0;
        for (char *at = params.name; *at; at++)
            if (*at <= ' ' || *at > '~') *at = '_';
        snprintf(words, sizeof words, "channel %d %s %s %s %s", number, kind_name(kind_of(params.signalling)), in_use[number] ? "in-use" : "free",
                 alarm_name(params.alarms), *params.name ? params.name : "-");
        say(context, words);
    }
    close(control);
}
