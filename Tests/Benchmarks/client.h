// What the clients beside it share: requests with holes in them, and connections to what they measure.

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { maximumRequest = 4096, maximumHoles = 8 };

// {n........} and {m........}: decimal digits, as many as the hole is long.
struct request {
    char text[maximumRequest];
    size_t length;
    struct { size_t at, digits; char kind; } holes[maximumHoles];
    int holeCount;
};

static void fail(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, errno ? strerror(errno) : "wrong");
    exit(1);
}

// In the text, \r, \n and \xHH are what they are in C.
static void readTemplate(struct request *request, const char *text) {
    while (*text) {
        if (request->length + 1 >= sizeof request->text) fail("the request is too long");
        size_t digits = 0;
        if (text[0] == '{' && (text[1] == 'n' || text[1] == 'm')) digits = strspn(text + 2, ".") + 2;
        if (digits && text[digits] == '}' && request->holeCount < maximumHoles) {
            request->holes[request->holeCount].at = request->length;
            request->holes[request->holeCount].digits = digits + 1;
            request->holes[request->holeCount++].kind = text[1];
            request->length += digits + 1, text += digits + 1;
        } else if (text[0] == '\\' && (text[1] == 'r' || text[1] == 'n')) {
            request->text[request->length++] = text[1] == 'r' ? '\r' : '\n', text += 2;
        } else if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
            char digits[] = { text[2], text[3], 0 };
            request->text[request->length++] = (char)strtoul(digits, NULL, 16), text += 4;
        } else {
            request->text[request->length++] = *text++;
        }
    }
}

static void fillHoles(struct request *request, uint64_t n, uint64_t m) {
    for (int index = 0; index < request->holeCount; index++) {
        uint64_t value = request->holes[index].kind == 'm' ? m : n;
        for (size_t digit = request->holes[index].digits; digit-- > 0; value /= 10)
            request->text[request->holes[index].at + digit] = (char)('0' + value % 10);
    }
}

// The path of a Unix socket, or a port of 127.0.0.1.
static int connectTo(const char *address) {
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in port = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int isLocal = address[0] == '/';
    strncpy(local.sun_path, address, sizeof local.sun_path - 1);
    port.sin_port = htons((uint16_t)atoi(address));
    int descriptor = socket(isLocal ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    struct sockaddr *name = isLocal ? (struct sockaddr *)&local : (struct sockaddr *)&port;
    if (connect(descriptor, name, isLocal ? sizeof local : sizeof port)) fail(address);
    return descriptor;
}

static void sendAll(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes += sent, count -= (size_t)sent;
    }
}
