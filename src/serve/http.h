// http: the socket in front of the server.
//
// libmicrohttpd reads and writes; every request becomes an exchange (serve/server.h). Threads that hold sockets run
// what is short; what only reads the store, and long bodies, go to runners, so that a slow report holds up nobody. A
// watch closes what is too slow: a head, a body or a reader of answers has a time to be done, not only a time between
// two bytes. When there is hardly room for more connections, the longest idle go first.
#ifndef HEED_HTTP_H
#define HEED_HTTP_H

#include "serve/server.h"

typedef struct http http;

// 0 stands for what is said behind.
typedef struct {
    server *sv;           // its readers: threads + runners
    const int *listeners; // sockets that listen (http_listen); http closes them
    int n_listeners;
    int threads;       // that hold sockets; as many as processors, 2 to 4
    int runners;       // 4
    int most;          // connections; what the limit of open files leaves, at most 16,384
    int most_of_one;   // of one address; no limit
    int most_streams;  // of live pages; a quarter of the connections
    size_t head;       // largest head of a request, in bytes; 16 KiB
    size_t bodies;     // of all bodies that are being received, in bytes; 256 MiB
    const char *spool; // folder of large bodies while they are received; TMPDIR
    int head_ms;       // for the head of a request; 10 s
    int idle_ms;       // between requests; 75 s
    int grace_ms;      // for a body or an answer, beside what follows from the rate; 10 s
    int rate;          // least bytes a second of a body or an answer; 1024
    int beat_ms;       // between signs of life to live pages; 15 s
    int stream_ms;     // how long one lives until it must ask again, and so be known again; 10 min
    int stop_ms;       // how long a stop waits for slow clients; 20 s
} http_opts;

enum { HTTP_THREADS_MOST = 4, HTTP_RUNNERS = 4 };
int http_threads(void); // the default

must_use bool http_open(http **out, const http_opts *o, err *e);
// Takes no more connections, ends idle ones and live pages, waits for answers under way, and frees all. NULL is fine.
// The server is closed after it.
void http_close(http *h);

// How it goes.
typedef struct {
    int64_t open, idle, streams, most;           // connections
    int64_t accepted, refused, overdue, dropped; // ever: refused for want of room, too slow, idle ones that made room
    int64_t waiting;                             // requests in line for a runner
    int64_t body_bytes;                          // of bodies that are being received
} http_state;
http_state http_look(http *h);

// A socket that listens. "127.0.0.1:8080", "[::1]:8080", ":8080" (every address), port 0: any free one.
must_use bool http_listen(str address, int *fd, err *e);
str http_address(arena *a, int fd);        // "http://127.0.0.1:8080"
int http_inherited(int *fds, int most);    // sockets that systemd passed on (LISTEN_FDS); clears what says so
void http_tell_manager(const char *state); // "READY=1" to systemd (NOTIFY_SOCKET); nothing without one
int64_t http_raise_files(void);            // raises the limit of open files as far as is allowed, and tells it

#endif
