// The floor of the road through nginx and FastCGI: a constant answer from libfcgi on 16 threads.
//
//     hello SOCKET ANSWER      ANSWER is a file: the JSON to answer with

#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>

enum { threads = 16, backlog = 1024 };

static char answer[1 << 16];
static int length, listening;

static void *serve(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listening, 0);
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutS("Status: 200\r\nContent-Type: application/json\r\n\r\n", request.out);
        FCGX_PutStr(answer, length, request.out);
        FCGX_Detach(&request);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int count, char **words) {
    FILE *file = count == 3 ? fopen(words[2], "r") : NULL;
    if (!file) return fprintf(stderr, "hello SOCKET ANSWER\n"), 2;
    length = (int)fread(answer, 1, sizeof answer, file);
    FCGX_Init();
    listening = FCGX_OpenSocket(words[1], backlog);
    for (int index = 1; index < threads; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL)) return 1;
    }
    serve(NULL);
    return 1;
}
