// heed text audit: a blind sample, and what it says of a model (F39, F40).
#include <math.h>

#include "base/csv.h"
#include "base/rng.h"
#include "cli/text_labels.h"
#include "stats/proportion.h"
#include "text/label_audit.h"

enum { SAMPLE = 200, OUT_MOST = 1 << 28 };
static const double SURE = 1.959963984540054;

typedef struct {
    text_labels t;
    size_t labels, judged, given;
    audit_label *of;
    double alpha, coverage;
} audit;

// So many texts by chance, in the order of the file, without what the model says of them.
static bool draw(audit *d, err *e) {
    text_job *j = d->t.j;
    const size_t most = j->o->limit > 10 ? (size_t)j->o->limit : SAMPLE, n = MIN(most, j->n);
    rng r = rng_seed(str_hash(j->path) ^ j->n);
    buf b = buf_new(j->a, OUT_MOST);
    buf_add(&b, S("line,text,label\n"));
    for (size_t i = 0, left = n; i < j->n && left; i++) {
        if (rng_unit(&r) * (double)(j->n - i) >= (double)left) continue;
        buf_fmt(&b, "%" PRId64 ",", j->rows[i].line);
        csv_write_cell(&b, j->rows[i].text, ',');
        buf_add(&b, S(",\n"));
        left--;
    }
    if (!d->t.o.out.len)
        return fwrite(b.s, 1, b.len, j->c->t.out) == b.len || fail(e, ERR_full, "the sample could not be written");
    if (!j->c->w->write_file(j->c->w, str_z(j->a, d->t.o.out), buf_str(&b), e)) return false;
    cli_note(j->c, "%zu texts by chance are in %.*s; fill the column label, without looking at what heed says", n,
             STR_ARG(d->t.o.out));
    return true;
}

static void judge(audit *d) {
    text_job *j = d->t.j;
    d->labels = label_model_count(d->t.model);
    int32_t *given = make(j->a, int32_t, j->n + 1), *meant = make(j->a, int32_t, j->n + 1);
    size_t *seen = make(j->a, size_t, d->labels + 1);
    for (size_t i = 0; i < j->n; i++) {
        arena a = *j->a;
        const int32_t said = labels_said(&d->t, i);
        if (!j->rows[i].who.len) continue;
        const label_choices c = labels_decide(&d->t, &a, i);
        given[d->judged] = c.v[0].given || c.known >= 0.5 ? (int32_t)c.v[0].label : -1;
        meant[d->judged] = said;
        d->given += given[d->judged] >= 0;
        if (said >= 0) seen[said]++;
        d->judged++;
    }
    d->of = make(j->a, audit_label, d->labels + 1);
    audit_count(given, meant, d->judged, d->labels, d->of);
    d->alpha = audit_alpha(given, meant, d->judged, d->labels);
    d->coverage = audit_coverage(seen, d->labels);
}

typedef struct {
    double p, lo, hi;
} share;

static share share_of(size_t hits, size_t n) {
    share s = {NAN, NAN, NAN};
    if (!n) return s;
    s.p = (double)hits / (double)n;
    proportion_wilson(s.p, (double)n, SURE, &s.lo, &s.hi);
    return s;
}

static void put_share(json_out *j, arena *a, const char *name, share s) {
    json_put_num(j, name, s.p);
    json_put_num(j, str_z(a, str_fmt(a, "%s_lo", name)), s.lo);
    json_put_num(j, str_z(a, str_fmt(a, "%s_hi", name)), s.hi);
}

static void audit_json(audit *d) {
    reply r;
    reply_open(&r, d->t.j->c);
    json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "file", d->t.j->path);
    json_put_int(&r.j, "judged", (int64_t)d->judged);
    json_put_int(&r.j, "given", (int64_t)d->given);
    json_put_num(&r.j, "alpha", d->alpha);
    json_put_num(&r.j, "coverage", d->coverage);
    json_open(&r.j, "labels", '[');
    for (size_t k = 0; k < d->labels; k++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "label", label_name(d->t.model, k));
        json_put_int(&r.j, "given", (int64_t)d->of[k].given);
        json_put_int(&r.j, "meant", (int64_t)d->of[k].meant);
        put_share(&r.j, d->t.j->a, "precision", share_of(d->of[k].both, d->of[k].given));
        put_share(&r.j, d->t.j->a, "recall", share_of(d->of[k].both, d->of[k].meant));
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static str say_share(arena *a, share s) {
    return isnan(s.p) ? S("") : str_fmt(a, "%3.0f %% (%.0f to %.0f)", 100 * s.p, 100 * s.lo, 100 * s.hi);
}

static void audit_show(audit *d) {
    static const table_col cols[] = {{"label", false, true},
                                     {"given", true, false},
                                     {"meant", true, false},
                                     {"precision", true, false},
                                     {"recall", true, false}};
    arena *a = d->t.j->a;
    const term *to = &d->t.j->c->t;
    term_say(to, "%zu texts were judged by people; heed gave %zu of them a label.\n", d->judged, d->given);
    if (!isnan(d->alpha)) term_say(to, "Agreement beyond chance (Krippendorff's alpha): %.2f.\n", d->alpha);
    if (!isnan(d->coverage))
        term_say(to, "The labels seen cover some %.0f %% of what customers speak of (Good 1953).\n", 100 * d->coverage);
    term_say(to, "\n");
    table *out = table_new(a, cols, COUNT(cols));
    for (size_t k = 0; k < d->labels; k++) {
        if (!d->of[k].given && !d->of[k].meant) continue;
        table_add(out, STYLE_plain, term_clean(a, label_name(d->t.model, k), true));
        table_add(out, STYLE_plain, term_count(a, (int64_t)d->of[k].given));
        table_add(out, STYLE_plain, term_count(a, (int64_t)d->of[k].meant));
        table_add(out, STYLE_plain, say_share(a, share_of(d->of[k].both, d->of[k].given)));
        table_add(out, STYLE_plain, say_share(a, share_of(d->of[k].both, d->of[k].meant)));
    }
    table_print(out, to, 0);
}

bool text_audit(text_job *j, err *e) {
    audit d = {0};
    bool ok = labels_read(&d.t, j, e);
    if (ok && !d.t.answered) {
        ok = draw(&d, e);
    } else if (ok && !d.t.o.model.len) {
        ok = fail(e, ERR_usage, "say which model is to be judged: --model FILE (of heed text train)");
    } else if (ok && (ok = labels_model(&d.t, e))) {
        judge(&d);
        if (j->c->g.json)
            audit_json(&d);
        else
            audit_show(&d);
    }
    labels_close(&d.t);
    return ok;
}
