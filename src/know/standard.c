#include "know/standard.h"

#include "base/json.h"
#include "know/in_versions.h"
#include "sql/act_promise.h"
#include "text/thanks.h"

enum { ID_BITS = 53, NAME_MOST = 200, SCOPE_MOST = 100, THANKS_MOST = 400 };
#define FAR_US (INT64_MAX / 8) // later than anything

struct standards {
    standard *rows;
    size_t n;
    agreements *agreements;
    calendar always;
};

static const struct {
    const char *name, *text;
    enum kind kind;
} starts[STANDARD_STARTS] = {
#define START(name, id, kind, text) [id] = {#name, text, kind},
#include "know/standard_starts.def"
};

const char *standard_start_name(enum standard_start s) {
    return starts[s].name;
}

enum standard_start standard_start_of(str name) {
    for (int i = START_none + 1; i < STANDARD_STARTS; i++)
        if (str_eq_ci(name, str_c(starts[i].name))) return (enum standard_start)i;
    return START_none;
}

// ---- reading ----

static standard read_row(arena *a, const row *r) {
    return (standard){.id = row_int(r, 0),
                      .version = row_int(r, 1),
                      .name = str_dup(a, row_str(r, 2)),
                      .kind = (enum commitment_kind)row_int(r, 3),
                      .starts = (enum standard_start)row_int(r, 4),
                      .segment = str_dup(a, row_str(r, 5)),
                      .channel = (enum channel)row_int(r, 6),
                      .priority = str_dup(a, row_str(r, 7)),
                      .minutes = row_int(r, 8),
                      .clock = (enum commitment_clock)row_int(r, 9),
                      .from_us = row_int(r, 10),
                      .until_us = row_int(r, 11),
                      .created_us = row_int(r, 12),
                      .by = str_dup(a, row_str(r, 13)),
                      .sample = row_int(r, 14) != 0};
}

bool standards_read(arena *a, store *s, standards **out, err *e) {
    standards *x = *out = make(a, standards, 1);
    size_t room = 0;
    *x = (standards){0};
    for (row r = store_query(s, Q_standard_all, e, ""); row_next(&r);) {
        if (x->n == room) {
            standard *more = make(a, standard, room = room ? room * 2 : 16);
            if (x->n) memcpy(more, x->rows, x->n * sizeof *more);
            x->rows = more;
        }
        x->rows[x->n++] = read_row(a, &r);
    }
    return err_ok(e) && agreements_read(a, s, &x->agreements, e);
}

const standard *standards_rows(const standards *x, size_t *n) {
    return *n = x->n, x->rows;
}
agreements *standards_agreements(const standards *x) {
    return x->agreements;
}

bool standards_any(store *s, bool *any, err *e) {
    int64_t first;
    bool ok = store_int(s, Q_standard_first, &first, INT64_MIN, e, "");
    return *any = ok && first != INT64_MIN, ok;
}

static bool holds(const standard *x, int64_t at_us) {
    return x->from_us <= at_us && (!x->until_us || at_us < x->until_us);
}

// ---- events ----

static bool is_talk(enum kind k) {
    return kind_class(k) == CLASS_TALK && k != KIND_note;
}

bool standard_minds(const record *r) {
    if (is_talk((enum kind)r->kind)) return true;
    for (int i = START_none + 1; i < STANDARD_STARTS; i++)
        if (starts[i].kind == (enum kind)r->kind && r->kind != KIND_none) return true;
    return str_has(r->body, S("\"segment\":"));
}

standard_event standard_event_of(arena *a, const record *r) {
    standard_event x = {.at_us = r->at_us,
                        .key = r->key,
                        .profile = r->profile_id,
                        .thread = r->has_thread ? r->thread : 0,
                        .kind = r->kind,
                        .channel = r->channel,
                        .has_thread = r->has_thread};
    json_t *doc = NULL;
    err quiet = {0};
    bool talk = kind_class((enum kind)r->kind) == CLASS_TALK;
    bool any = talk || str_has(r->body, S("\"segment\":")) || str_has(r->body, S("\"priority\":"));
    if (!any || !r->body.len || !json_read(r->body, &doc, &quiet)) return x;
    str text = json_at(doc, "text");
    x.thanks = r->kind == KIND_message_in && text.len && text.len <= THANKS_MOST && words_are_thanks(*a, text);
    x.staff = json_at(doc, "staff").len > 0;
    x.segment = str_dup(a, json_at(doc, "segment"));
    x.priority = str_dup(a, json_at(doc, "priority"));
    json_decref(doc);
    return x;
}

enum clock_who standard_who(const standard_event *ev) {
    if (ev->thanks) return CLOCK_MACHINE;
    switch ((enum kind)ev->kind) {
    case KIND_conversation_opened: return CLOCK_OPENED;
    case KIND_message_in: return CLOCK_CUSTOMER;
    case KIND_message_out:
    case KIND_call: return CLOCK_PERSON;
    case KIND_conversation_solved: return CLOCK_SOLVED;
    default: return CLOCK_MACHINE;
    }
}

static int by_time(const void *a, const void *b) {
    const standard_event *x = a, *y = b;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    enum clock_who u = standard_who(x), v = standard_who(y);
    if (u != v) return u < v ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

int standard_by_talk(const void *a, const void *b) {
    const standard_event *x = a, *y = b;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    return by_time(a, b);
}

// ---- what follows ----

typedef struct {
    int64_t at_us;
    str segment;
} segment_word;

typedef struct {
    arena *a;
    standards *x;
    const int64_t *profiles;
    size_t n_profiles;
    segment_word *words; // by time
    size_t n_words;
    commitment_step *out;
    size_t n, room;
} following;

// As it was last said by then; said only later, as it was said first.
static str segment_at(const following *f, int64_t at_us) {
    str found = f->n_words ? f->words[0].segment : S("");
    for (size_t i = 0; i < f->n_words && f->words[i].at_us <= at_us; i++) found = f->words[i].segment;
    return found;
}

static void push(following *f, commitment_step s) {
    if (f->n == f->room) {
        commitment_step *more = make(f->a, commitment_step, f->room = f->room ? f->room * 2 : 64);
        if (f->n) memcpy(more, f->out, f->n * sizeof *more);
        f->out = more;
    }
    f->out[f->n++] = s;
}

static int64_t number_of(int64_t standard_id, const standard_event *ev) {
    const int64_t v[] = {standard_id, ev->key};
    uint64_t h = str_hash((str){(const char *)v, sizeof v}) & ((UINT64_C(1) << ID_BITS) - 1);
    return h ? (int64_t)h : 1;
}

static int64_t due_of(const standard *s, const agreement_terms *t, int64_t at_us) {
    int64_t minutes = t->minutes[s->kind] ? t->minutes[s->kind] : s->minutes, open_us = minutes * 60 * SECOND_US;
    if (s->clock == CLOCK_ALWAYS) return at_us + open_us;
    int64_t due = business_add(&t->cal, at_us, open_us);
    return due == INT64_MAX ? 0 : due;
}

static bool in_scope(const standard *s, const standard_event *ev, str segment) {
    return holds(s, ev->at_us) && (!s->segment.len || str_eq_ci(s->segment, segment)) &&
           (!s->channel || s->channel == (enum channel)ev->channel) &&
           (!s->priority.len || str_eq_ci(s->priority, ev->priority));
}

// closed_us: when the wait that it starts ended without an answer; 0: it did not.
static void start(following *f, const standard *s, const standard_event *ev, bool talk, int64_t closed_us) {
    str segment = segment_at(f, ev->at_us);
    if (!in_scope(s, ev, segment)) return;
    const agreement_terms *t = agreements_for(f->x->agreements, f->profiles, f->n_profiles, segment, ev->at_us);
    commitment_step made = {.id = number_of(s->id, ev),
                            .at_us = ev->at_us,
                            .key = ev->key,
                            .profile_id = ev->profile,
                            .what = KIND_commitment_made,
                            .due_us = due_of(s, t, ev->at_us),
                            .about = talk && ev->has_thread ? ev->thread : 0,
                            .topic = str_c(commitment_kind_row(s->kind)->name),
                            .words = s->name,
                            .standard_id = s->id};
    push(f, made);
    bool reply = commitment_kind_row(s->kind)->keeper == KEEP_REPLY;
    if (!closed_us || !reply || (made.due_us && closed_us > made.due_us)) return;
    push(f, (commitment_step){.id = made.id,
                              .at_us = closed_us,
                              .key = ev->key ^ 1, // another than that of the first, which may be of the same moment
                              .profile_id = ev->profile,
                              .what = KIND_commitment_void,
                              .words = S("closed without an answer, in time"),
                              .standard_id = s->id});
}

static bool wants(enum standard_start s, bool first) {
    return s == START_message || s == (first ? START_first_message : START_next_message);
}

// The event that began a wait: of that moment the customer's first one, else what opened the conversation.
static const standard_event *begun_by(const standard_event *evs, size_t n, int64_t at_us) {
    const standard_event *opened = NULL;
    for (size_t i = 0; i < n; i++) {
        if (evs[i].at_us != at_us) continue;
        if (evs[i].kind == KIND_message_in && !evs[i].thanks) return &evs[i];
        if (evs[i].kind == KIND_conversation_opened && !opened) opened = &evs[i];
    }
    return opened;
}

static void one_talk(following *f, const standard_event *evs, size_t n) {
    arena scratch = arena_open(n * 256 + (1 << 16));
    clock_step *steps = make(&scratch, clock_step, n + 1);
    for (size_t i = 0; i < n; i++) steps[i] = (clock_step){evs[i].at_us, standard_who(&evs[i])};
    clock_runs r = clock_read(&scratch, steps, n, NULL, FAR_US);
    size_t at = 0;
    for (int i = 0; i < r.n; i++)
        for (int k = 0; k < r.runs[i].n_waits; k++) {
            const clock_wait *w = &r.runs[i].waits[k];
            while (at < n && evs[at].at_us < w->from_us) at++;
            const standard_event *ev = NULL;
            size_t to = at;
            while (to < n && evs[to].at_us == w->from_us) to++;
            ev = begun_by(evs + at, to - at, w->from_us);
            if (!ev || (w->end == CLOCK_REPLIED && w->to_us == w->from_us)) continue; // answered as it was asked
            for (size_t j = 0; j < f->x->n; j++)
                if (wants(f->x->rows[j].starts, k == 0))
                    start(f, &f->x->rows[j], ev, true, w->end == CLOCK_CLOSED ? w->to_us : 0);
        }
    arena_close(&scratch);
}

static void talks(following *f, standard_event *evs, size_t n) {
    size_t k = 0;
    standard_event *own = make(f->a, standard_event, n + 1);
    for (size_t i = 0; i < n; i++)
        if (is_talk((enum kind)evs[i].kind)) own[k++] = evs[i];
    if (k) qsort(own, k, sizeof *own, standard_by_talk);
    for (size_t i = 0, j; i < k; i = j) {
        for (j = i; j < k && own[j].profile == own[i].profile && own[j].thread == own[i].thread;) j++;
        one_talk(f, own + i, j - i);
    }
}

static void single(following *f, const standard_event *evs, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < f->x->n; j++) {
            enum kind k = starts[f->x->rows[j].starts].kind;
            // A complaint belongs to a conversation; the thread of an order is the order.
            if (k != KIND_none && k == (enum kind)evs[i].kind)
                start(f, &f->x->rows[j], &evs[i], k == KIND_complaint, 0);
        }
}

static void read_words(following *f, const standard_event *evs, size_t n) {
    f->words = make(f->a, segment_word, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!evs[i].segment.len) continue;
        segment_word *last = f->n_words ? &f->words[f->n_words - 1] : NULL;
        if (last && last->at_us == evs[i].at_us) { // of one moment the greater, as facts are taken
            if (str_cmp(evs[i].segment, last->segment) > 0) last->segment = evs[i].segment;
            continue;
        }
        f->words[f->n_words++] = (segment_word){evs[i].at_us, evs[i].segment};
    }
}

static int by_number(const void *a, const void *b) {
    const commitment_step *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

void standards_steps(arena *a, standards *x, const int64_t *profiles, size_t n_profiles, standard_event *evs, size_t n,
                     commitment_step **out, size_t *n_out) {
    following f = {.a = a, .x = x, .profiles = profiles, .n_profiles = n_profiles};
    if (n) qsort(evs, n, sizeof *evs, by_time);
    read_words(&f, evs, n);
    talks(&f, evs, n);
    single(&f, evs, n);
    if (f.n) qsort(f.out, f.n, sizeof *f.out, by_number);
    *out = f.out, *n_out = f.n;
}

// ---- changing ----

static bool bad(const char **field, const char *name) {
    return *field = name, false;
}

bool standard_check(standard *x, const char **field, err *e) {
    x->name = str_trim(x->name), x->segment = str_trim(x->segment), x->priority = str_trim(x->priority);
    if (!x->name.len || x->name.len > NAME_MOST)
        return fail(e, ERR_invalid, "a standard needs a name of at most 200 bytes; customers may read it") ||
               bad(field, "name");
    if (!x->kind) return fail(e, ERR_invalid, "name what is promised: reply, refund, delivery …") || bad(field, "kind");
    if (!x->starts)
        return fail(e, ERR_invalid, "name what starts it: first_message, next_message, complaint, return …") ||
               bad(field, "starts");
    if (x->segment.len > SCOPE_MOST) return fail(e, ERR_invalid, "'segment' is too long") || bad(field, "segment");
    if (x->priority.len > SCOPE_MOST) return fail(e, ERR_invalid, "'priority' is too long") || bad(field, "priority");
    if (x->minutes < 1) return fail(e, ERR_invalid, "'within' needs a length of time, like 4h") || bad(field, "within");
    return true;
}

bool standard_end(store *s, const standard *x, int64_t until_us, err *e) {
    return store_run(s, Q_standard_until, NULL, e, "iii", x->id, x->version, MAX(until_us, x->from_us));
}

bool standard_put(ledger *l, standard *x, err *e) {
    static const in_versions table = {Q_standard_all, 10, 11, Q_standard_until};
    store *s = ledger_store(l);
    if (!in_versions_next(l, &table, x->from_us, &x->id, &x->version, e)) return false;
    return store_run(s, Q_standard_put, NULL, e, "iitiititiiiIiti", x->id, x->version, x->name, (int64_t)x->kind,
                     (int64_t)x->starts, x->segment, (int64_t)x->channel, x->priority, x->minutes, (int64_t)x->clock,
                     x->from_us, x->until_us ? &x->until_us : NULL, x->created_us, x->by, (int64_t)x->sample);
}
