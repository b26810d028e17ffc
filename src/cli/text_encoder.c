#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/text_encoder.h"

extern char **environ;

struct text_encoder {
    const encoder *own;
    foreign *other;
    int socket;
    pid_t pid; // 0: there is none
};

static bool start(text_encoder *t, const char *command, err *e) {
    int ends[2];
    posix_spawn_file_actions_t io;
    char sh[] = "sh", c[] = "-c";
    char *argv[] = {sh, c, (char *)(uintptr_t)command, NULL};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(e, ERR_unavailable, "the encoder cannot be started: no socket");
    posix_spawn_file_actions_init(&io);
    posix_spawn_file_actions_adddup2(&io, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&io, ends[1], STDOUT_FILENO);
    const int failed = posix_spawn(&t->pid, "/bin/sh", &io, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&io);
    close(ends[1]);
    t->socket = ends[0];
    if (!failed) return true;
    t->pid = 0;
    return fail(e, ERR_unavailable, "the encoder cannot be started: %s", strerror(failed));
}

bool text_encoder_open(arena *a, text_encoder **out, const pack *words, err *e) {
    const char *command = getenv("HEED_ENCODER");
    text_encoder *t = *out = make(a, text_encoder, 1);
    t->socket = -1;
    if (!command || !*command) {
        t->own = encoder_open(a, words);
        return true;
    }
    if (!start(t, command, e)) return false;
    t->other = foreign_open(a, t->socket);
    return true;
}

bool text_encoder_is(const text_encoder *t) {
    return t && (t->own || t->other);
}

bool text_encoder_embed(const text_encoder *t, arena scratch, const str *texts, size_t n, float *out, err *e) {
    if (t->other) return foreign_embed(t->other, scratch, texts, n, out, e);
    encoder_embed(t->own, scratch, texts, n, out);
    return true;
}

void text_encoder_close(text_encoder *t) {
    if (!t) return;
    if (t->socket >= 0) close(t->socket);
    if (t->pid) kill(t->pid, SIGTERM), waitpid(t->pid, NULL, 0);
}
