#include "base/json.h"

#include "know/commitment.h"

enum { ID_BITS = 53, WORDS_MOST = 1000, NAME_MOST = 200 }; // numbers that every reader of JSON takes whole

static const commitment_row rows[COMMITMENT_KINDS] = {
#define COMMITMENT(name, id, hours, clock, keeps, text) [id] = {#name, text, hours, CLOCK_##clock, KEEP_##keeps},
#include "know/commitments.def"
};

const commitment_row *commitment_kind_row(enum commitment_kind k) {
    return &rows[k > COMMITMENT_none && k < COMMITMENT_KINDS ? k : COMMITMENT_promise];
}

enum commitment_kind commitment_kind_of(str name) {
    for (int k = COMMITMENT_none + 1; k < COMMITMENT_KINDS; k++)
        if (str_eq_ci(name, str_c(rows[k].name))) return (enum commitment_kind)k;
    return COMMITMENT_none;
}

bool commitment_is_theirs(enum commitment_kind k) {
    enum commitment_keeper keeper = commitment_kind_row(k)->keeper;
    return keeper == KEEP_PAYMENT || keeper == KEEP_RENEWAL;
}

// Inside of a text the quotes are escaped, so this stands only where it is a key.
static bool named_in(str body, int64_t *id) {
    static const char key[] = "\"commitment\":";
    if (body.len < sizeof key) return false;
    const char *at = memmem(body.s, body.len, key, sizeof key - 1);
    if (!at) return false;
    const char *end = body.s + body.len;
    int64_t v = 0;
    for (at += sizeof key - 1; at < end && *at >= '0' && *at <= '9' && v <= INT64_MAX / 100; at++)
        v = v * 10 + (*at - '0');
    return *id = v, v > 0;
}

int64_t commitment_id(const record *r) {
    int64_t id;
    if (named_in(r->body, &id)) return id;
    uint64_t name = (uint64_t)(r->has_thread ? r->thread : r->key) & ((UINT64_C(1) << ID_BITS) - 1);
    return name ? (int64_t)name : 1;
}

bool commitment_is_step(enum kind k) {
    return (k >= KIND_commitment_made && k <= KIND_commitment_void) || k == KIND_commitment_confirmed ||
           k == KIND_commitment_apologised;
}

bool commitment_is_keeper(enum kind k) {
    switch ((int)k) {
    case KIND_message_out:
    case KIND_call:
    case KIND_conversation_solved:
    case KIND_delivered:
    case KIND_refund:
    case KIND_payment:
    case KIND_contract_start:
    case KIND_contract_change: return true;
    default: return false;
    }
}

// At most so many bytes, cut between characters.
static str cut(arena *a, str x, size_t most) {
    size_t n = MIN(x.len, most);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_dup(a, str_sub(x, 0, n));
}

bool commitment_step_of(arena *a, const record *r, int64_t source_id, commitment_step *out) {
    if (!commitment_is_step((enum kind)r->kind)) return false;
    *out = (commitment_step){.id = commitment_id(r),
                             .at_us = r->at_us,
                             .key = r->key,
                             .profile_id = r->profile_id,
                             .what = (enum kind)r->kind,
                             .due_us = r->has_value && r->value > 0 ? r->value : 0};
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return true;
    str conversation = json_at(doc, "conversation");
    uint64_t about = 0;
    out->topic = cut(a, json_at(doc, "topic"), NAME_MOST);
    out->words = cut(a, json_at(doc, "text"), WORDS_MOST);
    out->owner = cut(a, json_at(doc, "staff"), NAME_MOST);
    out->team = cut(a, json_at(doc, "team"), NAME_MOST);
    if (str_u64_hex(json_at(doc, "about"), &about)) out->about = (int64_t)about;
    if (conversation.len) out->about = (int64_t)event_key(source_id, conversation);
    json_decref(doc);
    return true;
}

// ---- the fold ----

static int by_time(const void *a, const void *b) {
    const commitment_step *x = a, *y = b;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    if (x->what != y->what) return x->what < y->what ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

static void made(commitment *c, const commitment_step *s) {
    if (!c->made_us) c->made_us = c->open_us = s->at_us, c->agreed_before_due = true;
    if (!c->kind) c->kind = commitment_kind_of(s->topic);
    if (!c->profile_id) c->profile_id = s->profile_id;
    if (!c->about) c->about = s->about;
    if (!c->what.len) c->what = s->words;
    if (!c->owner.len) c->owner = s->owner;
    if (!c->team.len) c->team = s->team;
    if (!c->standard_id) c->standard_id = s->standard_id;
}

static void moved(commitment *c, const commitment_step *s) {
    if (!s->due_us || s->due_us == c->due_us) return;
    if (!c->first_due_us)
        c->first_due_us = s->due_us;
    else
        c->agreed_before_due &= s->at_us <= c->due_us, c->moves++;
    c->due_us = s->due_us;
}

static void take_step(commitment *c, const commitment_step *s) {
    if (s->what == KIND_commitment_made) made(c, s);
    if (s->what <= KIND_commitment_moved && c->made_us) moved(c, s); // said once more with another date: moved
    if (s->what == KIND_commitment_kept && !c->said_kept_us) c->said_kept_us = s->at_us;
    if (s->what == KIND_commitment_withdrawn && !c->withdrawn_us) c->withdrawn_us = s->at_us;
    if (s->what == KIND_commitment_void && !c->void_us) c->void_us = s->at_us;
    if (s->what == KIND_commitment_apologised && !c->sorry_us) c->sorry_us = s->at_us;
    if (s->what == KIND_commitment_confirmed) {
        if (!c->said_kept_us) c->said_kept_us = s->at_us;
        if (!c->confirmed_us) c->confirmed_us = s->at_us;
    }
    if (s->what == KIND_commitment_reopened) {
        c->said_kept_us = c->withdrawn_us = c->void_us = c->confirmed_us = c->sorry_us = 0;
        c->open_us = MAX(c->open_us, s->at_us), c->reopened++;
    }
}

bool commitment_fold(commitment_step *steps, size_t n, commitment *out) {
    *out = (commitment){0};
    if (n) qsort(steps, n, sizeof *steps, by_time);
    for (size_t i = 0; i < n; i++) out->id = steps[i].id, take_step(out, &steps[i]);
    for (size_t i = 0; i < n; i++) {
        if (!out->profile_id) out->profile_id = steps[i].profile_id;
        if (steps[i].what == KIND_commitment_reopened) out->open_us = MAX(out->open_us, steps[i].at_us);
    }
    if (!out->kind) out->kind = COMMITMENT_promise;
    out->judged_us = out->moves == 1 && out->agreed_before_due ? out->due_us : out->first_due_us;
    commitment_done(out, 0, 0);
    return out->made_us != 0;
}

bool commitment_keeps(const commitment *c, const record *r) {
    // The promise is often itself part of a message: what happens at the same moment does not keep it.
    if (r->at_us <= c->open_us) return false;
    switch (commitment_kind_row(c->kind)->keeper) {
    case KEEP_REPLY:
        return (r->kind == KIND_message_out || r->kind == KIND_call) &&
               (!c->about || (r->has_thread && r->thread == c->about));
    case KEEP_CALL: return r->kind == KIND_call;
    case KEEP_DELIVERY: return r->kind == KIND_delivered;
    case KEEP_REFUND: return r->kind == KIND_refund;
    case KEEP_PAYMENT: return r->kind == KIND_payment;
    case KEEP_RENEWAL: return r->kind == KIND_contract_start || r->kind == KIND_contract_change;
    case KEEP_SOLVED: return r->kind == KIND_conversation_solved && c->about && r->has_thread && r->thread == c->about;
    case KEEP_NOTHING: break;
    }
    return false;
}

void commitment_done(commitment *c, int64_t at_us, int64_t key) {
    c->done_us = at_us, c->done_key = at_us ? key : 0;
    c->kept_us = c->said_kept_us;
    if (at_us && (!c->kept_us || at_us < c->kept_us)) c->kept_us = at_us;
}

// ---- where it stands ----

static const char *const statuses[OWED_STATUSES] = {[OWED_open] = "open",
                                                    [OWED_kept] = "kept",
                                                    [OWED_renegotiated] = "renegotiated",
                                                    [OWED_kept_late] = "kept_late",
                                                    [OWED_broken] = "broken",
                                                    [OWED_withdrawn] = "withdrawn",
                                                    [OWED_void] = "void"};

const char *commitment_status_name(enum commitment_status s) {
    return statuses[s];
}

bool commitment_status_of(str name, enum commitment_status *out) {
    for (int i = 0; i < OWED_STATUSES; i++)
        if (str_eq(name, str_c(statuses[i]))) return *out = (enum commitment_status)i, true;
    return false;
}

enum commitment_status commitment_status(const commitment *c, int64_t now_us) {
    if (c->void_us) return OWED_void;
    if (c->withdrawn_us) return OWED_withdrawn;
    if (!c->kept_us) return c->judged_us && c->judged_us <= now_us ? OWED_broken : OWED_open;
    if (!c->judged_us || (c->kept_us <= c->first_due_us && c->kept_us <= c->judged_us)) return OWED_kept;
    if (c->kept_us > c->judged_us) return OWED_kept_late;
    return OWED_renegotiated;
}
