#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "know/meaning_reader.h"
#include "text/foreign.h"

extern char **environ;

struct reader {
    pack *words;
    const encoder *own;
    foreign *other;
    const mood *moods;
    const langid *languages;
    const label_model *own_moods;
    const char *make, *command;
    int socket; // to the user's program; -1: none
    struct program *program;
};

// The user's program is started when it is first needed: it may take long to begin.
struct program {
    pthread_mutex_t lock; // one speaks with it at a time
    int socket;           // its end, until it runs
    pid_t pid;            // 0: it does not run
};

static bool start(const reader *r, err *e) {
    struct program *p = r->program;
    posix_spawn_file_actions_t io;
    char sh[] = "sh", c[] = "-c";
    char *argv[] = {sh, c, (char *)(uintptr_t)r->command, NULL};
    if (p->pid) return true;
    posix_spawn_file_actions_init(&io);
    posix_spawn_file_actions_adddup2(&io, p->socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&io, p->socket, STDOUT_FILENO);
    const int failed = posix_spawn(&p->pid, "/bin/sh", &io, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&io);
    if (!failed) return close(p->socket), p->socket = -1, true;
    p->pid = 0;
    return fail(e, ERR_unavailable, "the encoder cannot be started: %s", strerror(failed));
}

static bool open_encoder(arena *a, reader *r, err *e) {
    const char *command = getenv("HEED_ENCODER");
    r->make = "";
    if (command && *command) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            return fail(e, ERR_unavailable, "the encoder cannot be started: no socket");
        r->make = str_z(a, str_fmt(a, "HEED_ENCODER %016" PRIx64, str_hash(str_c(command))));
        r->command = command, r->socket = ends[0];
        r->program = make(a, struct program, 1);
        *r->program = (struct program){.socket = ends[1]};
        pthread_mutex_init(&r->program->lock, NULL);
        r->other = foreign_open(a, r->socket);
        return true;
    }
    r->own = encoder_open(a, r->words);
    if (r->own) r->make = encoder_make(r->own);
    return true;
}

bool reader_open(arena *a, reader **out, str where, err *e) {
    reader *r = *out = make(a, reader, 1);
    const bool folder = !str_starts(where, S("postgres")) && !str_eq(where, S(":memory:"));
    const char *path = pack_place(a, folder ? where : S(""));
    *r = (reader){.socket = -1};
    if (path && !pack_open(a, &r->words, path, e)) return *out = NULL, false;
    r->moods = mood_open(a, r->words);
    r->languages = langid_open(a, r->words);
    if (open_encoder(a, r, e)) return true;
    reader_close(r);
    return *out = NULL, false;
}

bool reader_embeds(const reader *r) {
    return r && (r->own || r->other);
}

bool reader_own(const reader *r) {
    return r && r->own;
}

const char *reader_make(const reader *r) {
    return r->make;
}

const pack *reader_words(const reader *r) {
    return r->words;
}

const encoder *reader_encoder(const reader *r) {
    return r->own;
}

const mood *reader_mood(const reader *r) {
    return r->moods;
}

const langid *reader_languages(const reader *r) {
    return r->languages;
}

void reader_take_moods(reader *r, const label_model *own) {
    r->own_moods = own;
}

const label_model *reader_moods(const reader *r) {
    return r->own_moods;
}

bool reader_embed(const reader *r, arena scratch, const str *texts, size_t n, float *out, err *e) {
    if (r->other) {
        pthread_mutex_lock(&r->program->lock);
        const bool ok = start(r, e) && foreign_embed(r->other, scratch, texts, n, out, e);
        pthread_mutex_unlock(&r->program->lock);
        return ok;
    }
    if (!r->own) return fail(e, ERR_unavailable, "%s", pack_missing());
    encoder_embed(r->own, scratch, texts, n, out);
    return true;
}

void reader_close(reader *r) {
    if (!r) return;
    if (r->socket >= 0) close(r->socket);
    if (r->program && r->program->socket >= 0) close(r->program->socket);
    if (r->program && r->program->pid) kill(r->program->pid, SIGTERM), waitpid(r->program->pid, NULL, 0);
    pack_close(r->words);
}
