#include "base/json.h"

#include "know/commitment.h"
#include "know/rebuild_private.h"
#include "ledger/ident.h"
#include "sql/know.h"
#include "sql/know_likeness.h"
#include "sql/ledger.h"

#define GROW(m, list)                                                                                                  \
    do {                                                                                                               \
        if ((m)->n_##list == (m)->room_##list) {                                                                       \
            size_t room_ = (m)->room_##list ? (m)->room_##list * 2 : 1024;                                             \
            void *more_ = arena_alloc((m)->a, sizeof *(m)->list, 16, room_);                                           \
            if ((m)->n_##list) memcpy(more_, (m)->list, (m)->n_##list * sizeof *(m)->list);                            \
            (m)->list = more_, (m)->room_##list = room_;                                                               \
        }                                                                                                              \
    } while (0)

mem_profile *mem_at(mem *m, int64_t id) {
    if (id <= 0 || id > m->max_id) return NULL;
    if (!m->index[id]) {
        GROW(m, profiles);
        m->profiles[m->n_profiles] = (mem_profile){.id = id, .customer = id};
        m->index[id] = (int32_t)++m->n_profiles;
    }
    return &m->profiles[m->index[id] - 1];
}

static bool is_fact(const record *r) {
    return r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["));
}

static void read_idents(mem *m, const record *r, mem_profile *p) {
    said_ident ids[EVENT_IDENTS];
    size_t n = stitch_read_ids(m->a, r->body, ids, EVENT_IDENTS);
    int64_t source = ledger_import_source(m->l, r->import_id);
    for (size_t i = 0; i < n; i++) {
        GROW(m, idents);
        int64_t hash = (int64_t)ident_hash(ids[i].kind, ids[i].value);
        const uint16_t day = ids[i].day ? ids[i].day : stitch_day(r->at_us);
        m->idents[m->n_idents++] = (mem_ident){.hash = hash,
                                               .profile = (int32_t)(p - m->profiles),
                                               .kind = (uint8_t)ids[i].kind,
                                               .is_key = ids[i].is_key,
                                               .first_day = day,
                                               .said_day = day,
                                               .source_id = source,
                                               .import_id = r->import_id,
                                               .value = ids[i].value};
        if (ids[i].is_key)
            p->source_id = source, p->canon = stitch_canon(ledger_source_name(m->l, source), (uint64_t)hash);
    }
}

static void read_facts(mem *m, const record *r, mem_profile *p) {
    json_t *doc = NULL;
    err quiet = {0};
    bool any = str_has(r->body, S("\"name\":")) || str_has(r->body, S("\"country\":")) ||
               str_has(r->body, S("\"segment\":")) || str_has(r->body, S("\"lang\":")) ||
               str_has(r->body, S("\"postal_address\":")) || str_has(r->body, S("\"born\":"));
    if (!any || !json_read(r->body, &doc, &quiet)) return;
    for (int k = 0; k < FACTS; k++) {
        str v = json_text(json_object_get(doc, fact_names[k]));
        int64_t at_us = facts_time(r->at_us, r->edited_us);
        bool newer = !p->said[k].len || at_us > p->said_us[k] || (at_us == p->said_us[k] && str_cmp(v, p->said[k]) > 0);
        if (v.len && newer) p->said[k] = str_dup(m->a, v), p->said_us[k] = at_us;
    }
    json_decref(doc);
}

uint64_t feedback_hash(int64_t profile, int64_t at_us, int64_t key, int64_t kind, int64_t channel, int64_t source,
                       int64_t instrument, bool has_score, int64_t score, int64_t mood, str topic, str lang,
                       bool words) {
    int64_t v[] = {profile, at_us, key, kind, channel, source, instrument, has_score, has_score ? score : 0,
                   mood,    words};
    return str_hash2(str_hash2(str_hash((str){(const char *)v, sizeof v}), topic), lang);
}

static bool read_said(mem *m, const record *r, const said *s, err *e) {
    int64_t source = ledger_import_source(m->l, r->import_id);
    if (!m->n_months || m->months[m->n_months - 1].period != r->period) {
        GROW(m, months);
        m->months[m->n_months++] = (mem_month){.period = r->period};
    }
    mem_month *month = &m->months[m->n_months - 1];
    month->rows++, month->words += s->text.len > 0;
    month->sum += feedback_hash(r->profile_id, r->at_us, r->key, r->kind, r->channel, source, s->instrument,
                                s->has_score, s->score, s->mood, s->topic, s->lang, s->text.len > 0);
    return !m->on_feedback || m->on_feedback(m->on_ctx, r, s, source, e);
}

static void read_talk(mem *m, const record *r) {
    GROW(m, talk);
    m->talk[m->n_talk++] = (mem_talk){
        r->profile_id, r->thread, r->at_us, (int32_t)ledger_import_source(m->l, r->import_id), r->kind, r->channel};
}

static void take_waiting(mem *m) {
    size_t i = m->taken++ % AHEAD;
    timeline_take(m->a, &m->profiles[m->waiting_at[i]].t, &m->waiting[i]);
}

// Half-way through its wait an item's timeline has come, and tells where its newest purse entry lies.
static void let_wait(mem *m, const mem_profile *p, const fold_item *x) {
    if (m->pushed - m->taken == AHEAD) take_waiting(m);
    size_t i = m->pushed++ % AHEAD;
    m->waiting[i] = *x, m->waiting_at[i] = (int32_t)(p - m->profiles);
    for (size_t at = 0; at < sizeof p->t; at += 64) __builtin_prefetch((const char *)&p->t + at, 1);
    if (m->pushed < AHEAD / 2) return;
    const timeline *half = &m->profiles[m->waiting_at[(m->pushed - AHEAD / 2) % AHEAD]].t;
    if (half->n_purse) __builtin_prefetch(&half->purse[half->n_purse - 1], 1);
}

static bool read_event(void *ctx, const record *r, err *e) {
    mem *m = ctx;
    enum kind_class class = kind_class(r->kind);
    if (m->idents_only && !is_fact(r)) return true;
    mem_profile *p = mem_at(m, r->profile_id);
    if (++m->events % 65536 == 0 && m->progress) m->progress(m->progress_ctx, m->events, m->total);
    bool fact = is_fact(r);
    if (!fact) {
        m->keys++, m->keys_sum += (uint64_t)r->key * 0x9E3779B97F4A7C15u;
        if (m->on_key && !m->on_key(m->on_ctx, (uint64_t)r->key, e)) return false;
    }
    if (p && fact)
        read_idents(m, r, p);
    else if (p && r->body.len)
        read_facts(m, r, p);
    if (r->kind == KIND_consent && m->on_consent && !m->on_consent(m->on_ctx, r, e)) return false;
    bool owed = commitment_is_step((enum kind)r->kind) || r->kind == KIND_reward || r->kind == KIND_referral ||
                r->kind == KIND_handled || r->kind == KIND_labelled || r->kind == KIND_judged;
    if (owed && m->on_owed && !m->on_owed(m->on_ctx, r, e)) return false;
    if (class == CLASS_FACT || class == CLASS_NONE) return true;
    arena scratch = m->scratch;
    said s;
    bool says = said_of(&scratch, r, &s);
    if (says && !read_said(m, r, &s, e)) return false;
    if (class == CLASS_TALK) read_talk(m, r);
    if (!p) return true;
    fold_item x = fold_item_of(r, says ? &s : NULL, m->z);
    let_wait(m, p, &x);
    return true;
}

// What replaced versions said of their people still counts; the newest word stands.
static bool read_past(mem *m, err *e) {
    for (row r = store_query(m->s, Q_past_facts, e, ""); row_next(&r);) {
        record x = {
            .profile_id = row_int(&r, 0), .at_us = row_int(&r, 1), .edited_us = row_int(&r, 2), .body = row_str(&r, 3)};
        mem_profile *p = mem_at(m, x.profile_id);
        if (p) read_facts(m, &x, p);
    }
    return err_ok(e);
}

bool mem_open(mem *m, err *e) {
    m->max_id = 1;
    for (row r = store_query(m->s, Q_meta_value, e, "t", S("next_id")); row_next(&r);)
        if (!str_i64(row_str(&r, 0), &m->max_id)) fail(e, ERR_corrupt, "meta 'next_id' is not a number");
    return err_ok(e) && store_int(m->s, Q_import_events, &m->total, 0, e, "") && store_zone(m->s, m->a, &m->z, e) &&
           ledger_open(&m->l, m->s, world_real(), e);
}

bool mem_read(mem *m, err *e) {
    m->index = make(m->a, int32_t, m->max_id + 2);
    if (!ledger_all_events(m->s, read_event, m, e)) return false;
    while (m->taken < m->pushed) take_waiting(m);
    return read_past(m, e);
}

// ---- customers ----

static int by_sighting(const void *a, const void *b) {
    const mem_ident *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    if (x->profile != y->profile) return x->profile - y->profile;
    return (x->import_id < y->import_id) - (x->import_id > y->import_id); // the last import first
}

// One row per identifier and profile, as the store keeps them.
static void unique_idents(mem *m) {
    size_t n = 0;
    if (m->n_idents) qsort(m->idents, m->n_idents, sizeof *m->idents, by_sighting);
    for (size_t i = 0; i < m->n_idents; i++) {
        mem_ident *last = n ? &m->idents[n - 1] : NULL;
        const mem_ident *x = &m->idents[i];
        if (!last || last->hash != x->hash || last->profile != x->profile) {
            m->idents[n++] = *x;
            continue;
        }
        last->is_key |= x->is_key, last->first_day = MIN(last->first_day, x->first_day);
        if (last->import_id == x->import_id) last->said_day = MIN(last->said_day, x->said_day);
    }
    m->n_idents = n;
}

static bool read_verdicts(mem *m, group_verdict **out, size_t *n, err *e) {
    size_t room = 64;
    *out = make(m->a, group_verdict, room), *n = 0;
    for (row r = store_query(m->s, Q_link_scan, e, ""); row_next(&r);) {
        if (row_int(&r, 4) != LINK_SPLIT && row_int(&r, 4) != LINK_TOLD) continue;
        int64_t a = row_int(&r, 0), b = row_int(&r, 1);
        if (a <= 0 || b <= 0 || a > m->max_id || b > m->max_id || !m->index[a] || !m->index[b]) continue;
        if (*n == room) {
            group_verdict *more = make(m->a, group_verdict, room * 2);
            memcpy(more, *out, room * sizeof *more);
            *out = more, room *= 2;
        }
        (*out)[(*n)++] = (group_verdict){m->index[a] - 1, m->index[b] - 1, row_int(&r, 4) == LINK_TOLD};
    }
    return err_ok(e);
}

static bool read_alike(mem *m, group_in *in, err *e) {
    int64_t n = 0, join = 0;
    if (!store_int(m->s, Q_likeness_join, &join, 0, e, "") || !store_int(m->s, Q_likeness_count, &n, 0, e, ""))
        return false;
    group_alike *all = make(m->a, group_alike, n + 1);
    for (row r = store_query(m->s, Q_likeness_scan, e, ""); row_next(&r);) {
        int64_t a = row_int(&r, 0), b = row_int(&r, 1);
        if (a <= 0 || b <= 0 || a > m->max_id || b > m->max_id || !m->index[a] || !m->index[b]) continue;
        if (join && in->n_alike < (size_t)n)
            all[in->n_alike++] = (group_alike){m->index[a] - 1, m->index[b] - 1, (int32_t)row_int(&r, 2)};
    }
    in->alike = all, in->join_milli = (int32_t)join;
    return err_ok(e);
}

bool mem_decide(mem *m, err *e) {
    unique_idents(m);
    int64_t *ids = make(m->a, int64_t, m->n_profiles + 1);
    uint64_t *canon = make(m->a, uint64_t, m->n_profiles + 1);
    sighting *seen = make(m->a, sighting, m->n_idents + 1);
    for (size_t i = 0; i < m->n_profiles; i++) ids[i] = m->profiles[i].id, canon[i] = m->profiles[i].canon;
    for (size_t i = 0; i < m->n_idents; i++)
        seen[i] = (sighting){m->idents[i].hash, m->idents[i].profile, m->idents[i].kind, m->idents[i].is_key,
                             m->idents[i].first_day};
    group_verdict *verdicts;
    size_t n_verdicts;
    identity_rules rules;
    if (!read_verdicts(m, &verdicts, &n_verdicts, e) || !identity_rules_read(m->s, &rules, e)) return false;
    group_in in = {.rules = m->rules ? m->rules : &rules,
                   .ids = ids,
                   .canon = canon,
                   .n = m->n_profiles,
                   .seen = seen,
                   .n_seen = m->n_idents,
                   .verdicts = verdicts,
                   .n_verdicts = n_verdicts};
    if (!read_alike(m, &in, e)) return false;
    group_profiles(m->a, &in, &m->groups);
    for (size_t i = 0; i < m->n_profiles; i++) m->profiles[i].customer = m->groups.customer[i];
    return true;
}

bool mem_group(mem *m, err *e) {
    if (!mem_decide(m, e)) return false;
    for (size_t i = 0; i < m->n_profiles; i++) {
        mem_profile *p = &m->profiles[i];
        if (p->customer != p->id) timeline_merge(m->a, &mem_at(m, p->customer)->t, &p->t);
    }
    return true;
}

// ---- conversations ----

static int by_talk(const void *a, const void *b) {
    const mem_talk *x = a, *y = b;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return x->kind - y->kind;
}

bool mem_talks(mem *m, mem_talk_fn fn, void *ctx, err *e) {
    if (m->n_talk) qsort(m->talk, m->n_talk, sizeof *m->talk, by_talk);
    for (size_t i = 0, j; i < m->n_talk; i = j) {
        const mem_talk *x = &m->talk[i];
        arena scratch = m->scratch;
        talk t = {0};
        for (j = i; j < m->n_talk && m->talk[j].profile == x->profile && m->talk[j].thread == x->thread; j++)
            talk_take(&scratch, &t, m->talk[j].at_us, talk_who_of(m->talk[j].kind), m->talk[j].channel);
        mem_profile *p = mem_at(m, x->profile);
        if (p) {
            fold_item w = {.thread = talk_wait_key(x->profile, x->thread),
                           .at_us = talk_now(&t).waiting_us,
                           .waiting_known = true};
            timeline_take(m->a, &mem_at(m, p->customer)->t, &w);
        }
        if (!fn(ctx, x->profile, x->thread, x, &t, e)) return false;
    }
    return true;
}
