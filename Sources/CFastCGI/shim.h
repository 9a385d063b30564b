#include <fcgiapp.h>

// What Glibc's Swift module leaves out of Linux, for the threads that accept FastCGI connections.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
