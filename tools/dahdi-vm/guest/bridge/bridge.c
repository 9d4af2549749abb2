/*
 * Runs inside the virtual machine: for each connection to TCP port 5000 a helper of its own, whose socket is joined to the connection. So a driver
 * outside of the machine speaks with the helper as if it were its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int connect_helper(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int helper = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int tries = 0; tries < 200; tries++) {
        if (connect(helper, (struct sockaddr *)&address, sizeof address) == 0) return helper;
        usleep(20000);
    }
    return -1;
}

/* Carries what one has to the other. False where it has ended. */
static bool carry(int from, int to) {
    char bytes[8192];
    ssize_t got = recv(from, bytes, sizeof bytes, 0);
    for (ssize_t at = 0; at < got;) {
        ssize_t written = send(to, bytes + at, (size_t)(got - at), MSG_NOSIGNAL);
        if (written <= 0) return false;
        at += written;
    }
    return got > 0;
}

static void join(int outside) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/helper-%d.sock", getpid());
    pid_t program = fork();
    if (program == 0) {
        execl("/bin/sitebox-dahdi", "sitebox-dahdi", "--socket", path, (char *)NULL);
        _exit(127);
    }
    int helper = connect_helper(path);
    struct pollfd watched[] = {{.fd = outside, .events = POLLIN}, {.fd = helper, .events = POLLIN}};
    for (bool open = helper >= 0; open;) {
        if (poll(watched, 2, -1) < 0) break;
        if (watched[0].revents) open = carry(outside, helper);
        if (open && watched[1].revents) open = carry(helper, outside);
    }
    close(helper);
    close(outside);
    waitpid(program, NULL, 0);
}

int main(void) {
    signal(SIGCHLD, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(5000)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0) {
        perror("bridge");
        return 1;
    }
    puts("rig-listens");
    fflush(stdout);
    for (;;) {
        int outside = accept(listener, NULL, NULL);
        if (outside < 0) continue;
        setsockopt(outside, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(listener);
            join(outside);
            _exit(0);
        }
        close(outside);
    }
}
