#include <fcgiapp.h>

// What Glibc's Swift module leaves out of Linux, for the threads that accept FastCGI connections.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
