#include "decide/about.h"

#include "sql/know_theme.h"

const char *about_kind_name(enum about_kind k) {
    return k == ABOUT_theme ? "theme" : "topic";
}

bool about_kind_of(str name, enum about_kind *out) {
    *out = str_eq(name, S("theme")) ? ABOUT_theme : ABOUT_topic;
    return *out == ABOUT_theme || str_eq(name, S("topic"));
}

bool abouts_read(arena *a, store *s, abouts *out, err *e) {
    return themes_list(a, s, &out->themes, &out->n_themes, e) && topics_read(a, s, &out->topics, e);
}

str about_name(const abouts *x, enum about_kind k, int64_t id) {
    if (k == ABOUT_theme) {
        const theme_row *t = themes_at(x->themes, x->n_themes, id);
        return t ? theme_called(t) : S("");
    }
    const topic *t = topics_by_id(x->topics, id);
    return t ? t->name : S("");
}

str about_evidence(arena *a, enum about_kind k, int64_t id) {
    return str_fmt(a, "%s:%" PRId64, about_kind_name(k), id);
}

void about_json(json_out *j, const char *key, const abouts *x, enum about_kind k, int64_t id) {
    json_open(j, key, '{');
    json_put_str(j, "kind", str_c(about_kind_name(k)));
    json_put_int(j, "id", id);
    json_put_str(j, "name", about_name(x, k, id));
    json_close(j, '}');
}

bool about_example(arena *a, store *s, const abouts *x, enum about_kind k, int64_t id, str *out, err *e) {
    *out = S("");
    const theme_row *t = themes_at(x->themes, x->n_themes, id);
    if (k == ABOUT_theme && t) {
        int64_t profile = 0, key = 0, at_us = 0;
        for (row r = store_query(s, Q_theme_example, e, "ii", id, (int64_t)t->reach); row_next(&r);)
            profile = row_int(&r, 0), key = row_int(&r, 1), at_us = row_int(&r, 2);
        return err_ok(e) && (!key || themes_text(a, s, profile, key, at_us, out, e));
    }
    theme_word *w;
    size_t n = 0;
    const theme_ask ask = {.since_us = INT64_MIN, .topic = true, .words = true, .most = 1};
    if (k == ABOUT_topic && !themes_words(a, s, id, &ask, &w, &n, e)) return false;
    if (n) *out = w[0].text;
    return true;
}
