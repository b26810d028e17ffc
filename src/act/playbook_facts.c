// What is known of a customer, in the words of a message.
#include "act/ask.h"
#include "act/mail_setup.h"
#include "act/occasion.h"
#include "act/playbook.h"
#include "act/preference.h"
#include "base/words.h"
#include "know/fold.h"
#include "know/lists.h"
#include "know/person.h"
#include "know/settings.h"
#include "sql/know.h"
#include "sql/serve_know.h"

// Firms are greeted by no first name.
static bool is_firm(str name) {
    static const char *const signs[] = {
        "gmbh",    " ag",    " kg",     " ohg",       " ug",       "e.k.",      "e.v.",    " inc",
        " ltd",    " llc",   " plc",    " corp",      " s.l",      " s.a",      " sl",     "bäckerei",
        "hotel",   "café",   "cafe",    "restaurant", "bistro",    "gasthaus",  "gasthof", "praxis",
        "kanzlei", "schule", "verein",  "apotheke",   "panadería", "panaderia", "bakery",  " bar",
        "company", "büro",   "kantine", "rösterei",   "& ",        " und ",     " y ",     " and "};
    for (size_t i = 0; i < COUNT(signs); i++)
        if (str_has_ci(name, str_c(signs[i]))) return true;
    return false;
}

static str first_of(str name) {
    ptrdiff_t blank = str_find(name, ' ');
    str first = blank < 0 ? name : str_sub(name, 0, (size_t)blank);
    bool initial = first.len < 2 || first.s[first.len - 1] == '.'; // "J. Smith" has no first name to be called by
    return initial ? S("") : first;
}

// Germans are greeted by their whole name, others by their first.
static str greeting(arena *a, const locale *l, const playbook_person *p) {
    str who = p->firm ? S("") : l->lang == LOCALE_de ? p->name : p->first_name;
    return who.len ? word_with(a, l, WORD_mail_hello_name, PLACES({"name", who})) : word_of(l, WORD_mail_hello);
}

// ---- reading ----

typedef struct {
    arena *a;
    store *s;
    zone *z;
    int64_t now_us;
    playbook_person *out;
    locale l;
    str country;
} reading;

static bool read_profiles(reading *k, int64_t customer, err *e) {
    playbook_person *p = k->out;
    int64_t profiles[64];
    size_t n = 0;
    for (row r = store_query(k->s, Q_profile_of_customer, e, "i", customer); row_next(&r);) {
        if (n < COUNT(profiles)) profiles[n++] = row_int(&r, 0);
        if (!p->name.len) p->name = str_dup(k->a, str_trim(row_str(&r, 2)));
        if (!k->country.len) k->country = str_dup(k->a, row_str(&r, 3));
        if (!p->lang.len) p->lang = str_dup(k->a, row_str(&r, 5));
    }
    if (err_ok(e) && !n) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        for (row r = store_query(k->s, Q_identifier_of_profile, e, "i", profiles[i]); row_next(&r);)
            if (row_int(&r, 0) == IDENT_email && !p->email.len) p->email = str_dup(k->a, row_str(&r, 1));
    return err_ok(e);
}

// Their own language, else that of their country, else that of ours.
static bool choose_lang(reading *k, str asked, err *e) {
    settings set;
    playbook_person *p = k->out;
    locale l;
    if (asked.len) p->lang = asked;
    if (!p->lang.len && locale_of_country(k->country, &l)) p->lang = str_c(lang_code(l.lang));
    if (!p->lang.len && settings_read(k->a, k->s, &set, e) && locale_of_country(set.country, &l))
        p->lang = str_c(lang_code(l.lang));
    if (!p->lang.len) p->lang = S("en");
    k->l = locale_of(p->lang, &l) ? locale_in(l, k->country) : LOCALE_ENGLISH;
    return err_ok(e);
}

static void put_orders(reading *k, const summary *x) {
    str *f = k->out->known.of;
    int32_t today = zone_days(k->z, k->now_us);
    if (x->orders) f[FACT_orders] = local_count(k->a, &k->l, x->orders);
    if (x->first_order_us) f[FACT_first_order_date] = local_day(k->a, &k->l, zone_days(k->z, x->first_order_us));
    if (x->last_order_us) {
        int32_t last = zone_days(k->z, x->last_order_us);
        f[FACT_last_order_date] = local_day(k->a, &k->l, last);
        f[FACT_days_since_order] = local_count(k->a, &k->l, today - last);
    }
    if (x->monthly_value)
        f[FACT_monthly_value] = local_money(k->a, &k->l, x->monthly_value, currency_by_number(x->currency));
}

static bool read_summary(reading *k, int64_t customer, err *e) {
    timeline t;
    for (row r = store_query(k->s, Q_segment_one, e, "i", customer); row_next(&r);) {
        if (!timeline_decode(k->a, row_str(&r, 1), &t, e)) return row_end(&r), false;
        summary x = timeline_summary(*k->a, &t);
        put_orders(k, &x);
    }
    return err_ok(e);
}

static int64_t int_of(const json_t *v, const char *name) {
    return json_integer_value(json_object_get(v, name));
}

static str dup_text(reading *k, const json_t *v, const char *name) {
    return str_dup(k->a, json_at(v, name));
}

// What the occasion knows, as playbook_entrants wrote it.
static void put_occasion(reading *k, str text) {
    str *f = k->out->known.of;
    json_t *v = NULL;
    err quiet = {0};
    if (!text.len || !json_read(text, &v, &quiet)) return;
    int64_t day = int_of(v, "day"), at = int_of(v, "at_us"), value = int_of(v, "value"), unit = int_of(v, "unit");
    if (int_of(v, "years")) f[FACT_years] = str_fmt(k->a, "%" PRId64, int_of(v, "years"));
    if (str_eq(json_at(v, "date"), S("renewal"))) {
        f[FACT_renewal_date] = local_day(k->a, &k->l, (int32_t)day);
        f[FACT_renewal_days] = local_count(k->a, &k->l, day - zone_days(k->z, k->now_us));
    }
    if (at) f[FACT_event_date] = local_day(k->a, &k->l, zone_days(k->z, at));
    bool scored = json_is_true(json_object_get(v, "score"));
    if (value && scored) f[FACT_score] = str_fmt(k->a, "%g", (double)value / 100);
    if (value && !scored && unit) f[FACT_amount] = local_money(k->a, &k->l, value, currency_by_number((int)unit));
    f[FACT_goal] = dup_text(k, v, "name");
    f[FACT_product] = dup_text(k, v, "product");
    f[FACT_promise] = dup_text(k, v, "promise");
    if (int_of(v, "promise_us"))
        f[FACT_promise_date] = local_day(k->a, &k->l, zone_days(k->z, int_of(v, "promise_us")));
    json_decref(v);
}

static void put_names(reading *k, str from) {
    playbook_person *p = k->out;
    p->firm = is_firm(p->name);
    p->first_name = p->firm ? S("") : first_of(p->name);
    p->known.of[FACT_name] = p->name;
    p->known.of[FACT_first_name] = p->first_name;
    p->known.of[FACT_sender] = from;
    p->known.of[FACT_greeting] = greeting(k->a, &k->l, p);
}

bool playbook_person_read(arena *a, store *s, int64_t customer, str from, str occasion, str lang, int64_t now_us,
                          playbook_person *out, err *e) {
    *out = (playbook_person){0};
    mail_setup setup;
    reading k = {.a = a, .s = s, .now_us = now_us, .out = out};
    if (!store_zone(s, a, &k.z, e) || !read_profiles(&k, customer, e) || !choose_lang(&k, lang, e) ||
        !read_summary(&k, customer, e) || !mail_setup_read(a, s, &setup, e))
        return false;
    out->known.of[FACT_company] = setup.from_name;
    put_occasion(&k, occasion);
    put_names(&k, from);
    err quiet = {0}; // where there is no address of ours yet, the outbox says so when it is needed
    if (!preference_url(a, s, customer, S("marketing_email"), &out->known.of[FACT_preferences], &quiet))
        out->known.of[FACT_preferences] = S("");
    return ask_url(a, s, customer, now_us, &out->known.of[FACT_question], e);
}

playbook_person playbook_persona(arena *a, str lang, str from, int64_t now_us) {
    playbook_person p = {.lang = lang, .email = S("anna@example.org")};
    reading k = {.a = a, .now_us = now_us, .out = &p};
    (void)locale_of(lang, &k.l);
    summary x = {.orders = 7,
                 .currency = 978,
                 .monthly_value = 4900,
                 .first_order_us = now_us - 730 * DAY_US,
                 .last_order_us = now_us - 40 * DAY_US};
    str promise = word_of(&k.l, WORD_mail_persona_promise);
    str occasion = str_fmt(a,
                           "{\"date\":\"renewal\",\"day\":%d,\"years\":2,\"at_us\":%" PRId64
                           ",\"value\":4900,\"unit\":978,\"name\":\"first report\",\"product\":\"House Blend\","
                           "\"promise\":\"%.*s\",\"promise_us\":%" PRId64 "}",
                           (int)zone_days(NULL, now_us) + 30, now_us - DAY_US, STR_ARG(promise), now_us - DAY_US);
    p.name = word_of(&k.l, WORD_mail_persona_name);
    put_orders(&k, &x);
    put_occasion(&k, occasion);
    p.known.of[FACT_score] = S("9");
    p.known.of[FACT_company] = S("Kastanie");
    p.known.of[FACT_question] = S("https://heed.example/s/…");
    put_names(&k, from.len ? from : S("Maria Lopez"));
    return p;
}
