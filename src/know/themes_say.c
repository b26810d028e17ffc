// What people say of themes: it binds every later look, and can be taken back.
#include "base/json.h"
#include "know/themes_private.h"
#include "sql/know_theme.h"

enum { SAY_WORDS = 1000 };

const char *theme_act_name(enum theme_act a) {
    static const char *const names[] = {
        "",
#define ACT(name, text) #name,
#include "know/theme_acts.def"
    };
    return (size_t)a < COUNT(names) ? names[a] : "";
}

static enum theme_act act_of(str name) {
    for (size_t i = 1; i < THEME_ACTS; i++)
        if (str_eq(name, str_c(theme_act_name((enum theme_act)i)))) return (enum theme_act)i;
    return THEME_ACT_none;
}

// ---- read ----

bool theme_saids_read(arena *a, store *s, theme_saids *out, err *e) {
    size_t room = 64;
    *out = (theme_saids){.v = make(a, theme_said_row, room)};
    for (row r = store_query(s, Q_theme_said_last, e, ""); row_next(&r);)
        out->last = row_int(&r, 0), out->last_undone = row_int(&r, 1);
    for (row r = store_query(s, Q_theme_said_scan, e, ""); row_next(&r);) {
        if (out->n == room) {
            theme_said_row *more = make(a, theme_said_row, room * 2);
            memcpy(more, out->v, out->n * sizeof *more);
            out->v = more, room *= 2;
        }
        out->v[out->n++] =
            (theme_said_row){act_of(row_str(&r, 1)),   row_int(&r, 0),           row_int(&r, 2),     row_int(&r, 3),
                             (uint64_t)row_int(&r, 4), (uint64_t)row_int(&r, 5), row_int(&r, 6) != 0};
    }
    return err_ok(e);
}

map64 theme_saids_pins(arena *a, const theme_saids *x) {
    map64 m = map64_new(a, 64);
    for (size_t i = 0; i < x->n; i++) { // later ones stand above earlier ones
        const theme_said_row *s = &x->v[i];
        bool pins = !s->undone && (s->act == THEME_ACT_pin || s->act == THEME_ACT_split);
        if (s->word && pins) map64_put(&m, (int64_t)s->word, (int32_t)i);
    }
    return m;
}

int64_t theme_saids_pin(const theme_saids *x, const map64 *pins, uint64_t word) {
    int32_t i = word ? map64_get(pins, (int64_t)word) : -1;
    return i >= 0 ? x->v[i].theme : 0;
}

static theme_said said_row(arena *a, const row *r) {
    return (theme_said){.id = row_int(r, 0),
                        .at_us = row_int(r, 1),
                        .by = str_dup(a, row_str(r, 2)),
                        .act = act_of(row_str(r, 3)),
                        .theme = row_int(r, 4),
                        .other = row_int(r, 5),
                        .detail = str_dup(a, row_str(r, 6)),
                        .undone_us = row_int(r, 7),
                        .undone_by = str_dup(a, row_str(r, 8)),
                        .words = row_int(r, 9)};
}

bool themes_said(store *s, int64_t theme, int64_t below, int64_t limit, theme_said_fn fn, void *ctx, err *e) {
    arena a = arena_open(1 << 24);
    for (row r = store_query(s, Q_theme_said_page, e, "iii", below, theme, limit); row_next(&r);) {
        arena one = a;
        theme_said x = said_row(&one, &r);
        if (!fn(ctx, &x, e)) row_end(&r);
    }
    arena_close(&a);
    return err_ok(e);
}

bool themes_said_get(arena *a, store *s, int64_t said_id, theme_said *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_theme_said_one, e, "i", said_id); row_next(&r);) *out = said_row(a, &r), found = true;
    return err_ok(e) && (found || fail(e, ERR_not_found, "nobody said anything of number %" PRId64, said_id));
}

// ---- said ----

typedef struct {
    arena a;
    ledger *l;
    store *s;
    const theme_saying *x;
    int64_t now, whole, theme; // theme: that it is about then
    theme_row t, o;            // the theme, and the other one
} saying;

typedef struct {
    int64_t profile, key, at_us, theme;
    int far;
    uint64_t word;
} spot;

static bool spot_read(saying *k, const theme_spot *w, spot *out, err *e) {
    bool found = false;
    str text;
    *out = (spot){.profile = w->profile, .key = w->key};
    for (row r = store_query(k->s, Q_theme_spot, e, "ii", w->profile, w->key); row_next(&r);) {
        found = true;
        out->at_us = row_int(&r, 0), out->theme = row_int(&r, 1), out->far = (int)row_int(&r, 2);
    }
    if (!err_ok(e)) return false;
    if (!found) return fail(e, ERR_not_found, "these words are not there, or were not understood yet");
    arena scratch = k->a;
    if (!themes_text(&scratch, k->s, w->profile, w->key, out->at_us, &text, e)) return false;
    out->word = theme_key(scratch, text);
    return out->word || fail(e, ERR_invalid, "these words say nothing: take some with a letter or a digit");
}

typedef struct {
    int64_t theme, other;
    const spot *w, *w2;
    str detail;
} said_put;

static bool put(saying *k, const said_put *p, err *e) {
    const spot none = {.profile = 0};
    const spot *w = p->w ? p->w : &none, *w2 = p->w2 ? p->w2 : &none;
    int64_t id;
    if (!ledger_id(k->l, &id, e)) return false;
    if (!k->whole) k->whole = id;
    return store_run(k->s, Q_theme_said_put, NULL, e, "iittiiiiiiiiit", id, k->now, k->x->by,
                     str_c(theme_act_name(k->x->act)), p->theme, p->other, w->profile, w->key, w2->profile, w2->key,
                     (int64_t)w->word, (int64_t)w2->word, k->whole, p->detail.len ? p->detail : S("{}"));
}

static bool mark_spot(saying *k, int64_t profile, int64_t key, int64_t theme, int far, err *e) {
    return store_run(k->s, Q_theme_mark, NULL, e, "iiii", profile, key, theme, (int64_t)far);
}

static str was_state(saying *k, const theme_row *t) {
    return str_fmt(&k->a, "{\"state\":%d,\"into\":%" PRId64 ",\"change\":%" PRId64 "}", t->state, t->into,
                   k->x->change);
}

static bool alive(const theme_row *t, err *e) {
    if (t->state == THEME_lives || t->state == THEME_quiet) return true;
    return fail(e, ERR_conflict, "theme %" PRId64 " is %s: take that back first", t->id,
                t->state == THEME_merged         ? "merged into another one"
                : t->state == THEME_became_topic ? "a topic"
                                                 : "put away");
}

static bool read_other(saying *k, err *e) {
    if (k->x->other == k->t.id) return fail(e, ERR_invalid, "a theme and itself: take another one");
    return themes_get(&k->a, k->s, k->x->other, &k->o, e) && alive(&k->o, e);
}

static bool forbidden(saying *k, bool *out, err *e) {
    theme_saids all;
    *out = false;
    if (!theme_saids_read(&k->a, k->s, &all, e)) return false;
    for (size_t i = 0; i < all.n; i++) {
        const theme_said_row *s = &all.v[i];
        if (s->act != THEME_ACT_apart || s->undone) continue;
        *out |= (s->theme == k->t.id && s->other == k->o.id) || (s->theme == k->o.id && s->other == k->t.id);
    }
    return true;
}

// A merge is a view: both stay what they are, and the one stands for the other wherever it is looked at. So taking it
// back gives exactly what was before, also after later looks.
static bool say_merge(saying *k, err *e) {
    bool no;
    if (!alive(&k->t, e) || !read_other(k, e) || !forbidden(k, &no, e)) return false;
    if (no) return fail(e, ERR_conflict, "somebody said that these two never become one: take that back first");
    k->theme = k->o.id;
    return put(k, &(said_put){k->t.id, k->o.id, NULL, NULL, was_state(k, &k->t)}, e) &&
           store_run(k->s, Q_theme_state_set, NULL, e, "iii", k->t.id, (int64_t)THEME_merged, k->o.id) &&
           store_run(k->s, Q_theme_touch, NULL, e, "i", k->o.id);
}

// The words of a person go where the person says; what is like them follows at the next look.
static bool pin_words(saying *k, int64_t theme, err *e) {
    if (!k->x->n) return fail(e, ERR_invalid, "name at least one word");
    if (k->x->n > SAY_WORDS) return fail(e, ERR_invalid, "at most %d words at once", SAY_WORDS);
    for (size_t i = 0; i < k->x->n; i++) {
        spot w;
        if (!spot_read(k, &k->x->words[i], &w, e)) return false;
        str was = str_fmt(&k->a, "{\"theme\":%" PRId64 ",\"far\":%d}", w.theme, w.far);
        if (!put(k, &(said_put){theme, k->t.id, &w, NULL, was}, e) || !mark_spot(k, w.profile, w.key, theme, 0, e))
            return false;
    }
    return true;
}

static bool say_split(saying *k, err *e) {
    int64_t last = 0;
    if (!alive(&k->t, e) || !store_int(k->s, Q_theme_last, &last, 0, e, "")) return false;
    k->theme = last + 1;
    str name = k->x->title.len ? k->x->title : str_fmt(&k->a, "part of %.*s", STR_ARG(theme_called(&k->t)));
    return store_run(k->s, Q_theme_put, NULL, e, "iittitiiit", k->theme, k->t.topic, name, S("[]"), (int64_t)k->t.reach,
                     S("{}"), (int64_t)THEME_lives, k->now, k->t.seen_us, k->t.lang) &&
           (!k->x->title.len || store_run(k->s, Q_theme_title_set, NULL, e, "it", k->theme, k->x->title)) &&
           put(k, &(said_put){k->theme, k->t.id, NULL, NULL, S("")}, e) && pin_words(k, k->theme, e) &&
           store_run(k->s, Q_theme_touch, NULL, e, "i", k->t.id);
}

static bool say_pin(saying *k, err *e) {
    return alive(&k->t, e) && put(k, &(said_put){k->t.id, k->t.id, NULL, NULL, S("")}, e) && pin_words(k, k->t.id, e) &&
           store_run(k->s, Q_theme_touch, NULL, e, "i", k->t.id);
}

static bool say_keep(saying *k, err *e) {
    str detail = str_fmt(&k->a, "{\"was\":%s,\"is\":%s}", k->t.pinned ? "true" : "false", k->x->on ? "true" : "false");
    if (k->x->on && !alive(&k->t, e)) return false;
    if (k->x->on && k->t.state == THEME_quiet &&
        !store_run(k->s, Q_theme_state_set, NULL, e, "iii", k->t.id, (int64_t)THEME_lives, (int64_t)0))
        return false;
    return put(k, &(said_put){k->t.id, 0, NULL, NULL, detail}, e) &&
           store_run(k->s, Q_theme_keep_set, NULL, e, "ii", k->t.id, (int64_t)k->x->on);
}

static bool say_name(saying *k, err *e) {
    buf b = buf_new(&k->a, 1 << 14);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "was", k->t.title);
    json_put_str(&j, "is", k->x->title);
    json_close(&j, '}');
    return put(k, &(said_put){k->t.id, 0, NULL, NULL, buf_str(&b)}, e) &&
           store_run(k->s, Q_theme_title_set, NULL, e, "it", k->t.id, k->x->title);
}

static bool say_away(saying *k, err *e) {
    if (k->x->on && !alive(&k->t, e)) return false;
    if (!k->x->on && k->t.state != THEME_put_away)
        return fail(e, ERR_conflict, "theme %" PRId64 " is not put away", k->t.id);
    enum theme_state to = k->x->on ? THEME_put_away : THEME_lives;
    return put(k, &(said_put){k->t.id, 0, NULL, NULL, was_state(k, &k->t)}, e) &&
           store_run(k->s, Q_theme_state_set, NULL, e, "iii", k->t.id, (int64_t)to, (int64_t)0);
}

static bool say_topic(saying *k, err *e) {
    return alive(&k->t, e) && put(k, &(said_put){k->t.id, k->x->other, NULL, NULL, was_state(k, &k->t)}, e) &&
           store_run(k->s, Q_theme_state_set, NULL, e, "iii", k->t.id, (int64_t)THEME_became_topic, k->x->other);
}

static bool say_apart(saying *k, err *e) {
    return alive(&k->t, e) && read_other(k, e) && put(k, &(said_put){k->t.id, k->o.id, NULL, NULL, S("")}, e);
}

static bool say_pair(saying *k, err *e) {
    spot w[2] = {{.profile = 0}, {.profile = 0}};
    if (k->x->n != 2) return fail(e, ERR_invalid, "name two words");
    for (int i = 0; i < 2; i++)
        if (!spot_read(k, &k->x->words[i], &w[i], e)) return false;
    if (w[0].word == w[1].word) return fail(e, ERR_invalid, "both say the same: take two that differ");
    return put(k, &(said_put){0, 0, &w[0], &w[1], S("")}, e);
}

static bool say(saying *k, err *e) {
    switch (k->x->act) {
    case THEME_ACT_merge: return say_merge(k, e);
    case THEME_ACT_split: return say_split(k, e);
    case THEME_ACT_pin: return say_pin(k, e);
    case THEME_ACT_keep: return say_keep(k, e);
    case THEME_ACT_apart: return say_apart(k, e);
    case THEME_ACT_name: return say_name(k, e);
    case THEME_ACT_away: return say_away(k, e);
    case THEME_ACT_together:
    case THEME_ACT_parted: return say_pair(k, e);
    case THEME_ACT_to_topic: return say_topic(k, e);
    case THEME_ACT_none:
    case THEME_ACTS: break;
    }
    return fail(e, ERR_invalid, "nothing is said");
}

bool themes_say(ledger *l, store *s, const theme_saying *x, int64_t *said_id, int64_t *theme, err *e) {
    const world *w = ledger_world(l);
    saying k = {.a = arena_open((size_t)1 << 30), .l = l, .s = s, .x = x, .now = w->now_us(w), .theme = x->theme};
    bool pair = x->act == THEME_ACT_together || x->act == THEME_ACT_parted;
    bool ok = pair || themes_get(&k.a, s, x->theme, &k.t, e);
    if (ok && !pair && x->version && x->version != k.t.version)
        ok = fail(e, ERR_changed, "theme %" PRId64 " has changed since: look at it again", k.t.id);
    ok = ok && say(&k, e);
    *said_id = k.whole, *theme = k.theme;
    arena_close(&k.a);
    return ok;
}

// ---- taken back ----

static bool restore_state(store *s, const theme_said *x, const json_t *was, err *e) {
    int64_t state = json_integer_value(json_object_get(was, "state"));
    int64_t into = json_integer_value(json_object_get(was, "into"));
    return store_run(s, Q_theme_state_set, NULL, e, "iii", x->theme, state ? state : (int64_t)THEME_lives, into);
}

// Words go back to where they were, unless they were placed anew meanwhile.
static bool restore_words(arena *a, store *s, const theme_said *x, err *e) {
    struct {
        int64_t profile, key, theme, far;
    } *v = NULL;
    size_t n = 0, room = 0;
    for (row r = store_query(s, Q_theme_said_words, e, "i", x->id); row_next(&r);) {
        json_t *was = NULL;
        err odd = {0};
        if (n == room) {
            void *more = arena_alloc(a, sizeof *v, 16, room = room ? room * 2 : 64);
            if (n) memcpy(more, v, n * sizeof *v);
            v = more;
        }
        if (!json_read(row_str(&r, 5), &was, &odd)) continue;
        v[n].profile = row_int(&r, 3), v[n].key = row_int(&r, 4);
        v[n].theme = json_integer_value(json_object_get(was, "theme"));
        v[n].far = json_integer_value(json_object_get(was, "far"));
        n++;
        json_decref(was);
    }
    for (size_t i = 0; i < n && err_ok(e); i++) {
        int64_t theme = 0;
        for (row r = store_query(s, Q_theme_spot, e, "ii", v[i].profile, v[i].key); row_next(&r);)
            theme = row_int(&r, 1);
        if (theme == x->theme &&
            !store_run(s, Q_theme_mark, NULL, e, "iiii", v[i].profile, v[i].key, v[i].theme, v[i].far))
            break;
    }
    return err_ok(e);
}

static bool take_back(arena *a, store *s, const theme_said *x, const json_t *was, err *e) {
    switch (x->act) {
    case THEME_ACT_merge:
    case THEME_ACT_away:
    case THEME_ACT_to_topic: return restore_state(s, x, was, e);
    case THEME_ACT_split:
        return restore_words(a, s, x, e) &&
               store_run(s, Q_theme_state_set, NULL, e, "iii", x->theme, (int64_t)THEME_merged, x->other);
    case THEME_ACT_pin: return restore_words(a, s, x, e) && store_run(s, Q_theme_touch, NULL, e, "i", x->theme);
    case THEME_ACT_keep:
        return store_run(s, Q_theme_keep_set, NULL, e, "ii", x->theme,
                         (int64_t)json_is_true(json_object_get(was, "was")));
    case THEME_ACT_name:
        return store_run(s, Q_theme_title_set, NULL, e, "it", x->theme, json_text(json_object_get(was, "was")));
    case THEME_ACT_apart:
    case THEME_ACT_together:
    case THEME_ACT_parted: return true;
    case THEME_ACT_none:
    case THEME_ACTS: break;
    }
    return fail(e, ERR_corrupt, "what was said under number %" PRId64 " is not understood", x->id);
}

static bool rests_on(store *s, const theme_said *x, bool *out, err *e) {
    bool state = x->act == THEME_ACT_merge || x->act == THEME_ACT_away || x->act == THEME_ACT_to_topic ||
                 x->act == THEME_ACT_split;
    int64_t n = 0;
    *out = false;
    if (!x->theme || x->act == THEME_ACT_pin || x->act == THEME_ACT_apart) return true;
    if (!store_int(s, Q_theme_said_later, &n, 0, e, "iiiti", x->id, x->id, x->theme, str_c(theme_act_name(x->act)),
                   (int64_t)state))
        return false;
    *out = n > 0;
    return true;
}

bool themes_unsay(ledger *l, store *s, int64_t said_id, str by, err *e) {
    arena a = arena_open((size_t)1 << 26);
    const world *w = ledger_world(l);
    theme_said x;
    json_t *was = NULL;
    bool later = false, ok = themes_said_get(&a, s, said_id, &x, e);
    if (ok && x.undone_us) ok = fail(e, ERR_conflict, "this was taken back already");
    ok = ok && rests_on(s, &x, &later, e);
    if (ok && later) ok = fail(e, ERR_conflict, "something later rests on it: take that back first");
    ok = ok && json_read(x.detail, &was, e) && take_back(&a, s, &x, was, e) &&
         store_run(s, Q_theme_said_undo, NULL, e, "iit", said_id, w->now_us(w), by);
    json_decref(was);
    arena_close(&a);
    return ok;
}
