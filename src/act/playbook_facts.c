// What is known of a customer, in the words of a message.
#include "act/mail_setup.h"
#include "act/occasion.h"
#include "act/playbook.h"
#include "act/preference.h"
#include "base/money.h"
#include "know/fold.h"
#include "know/lists.h"
#include "know/person.h"
#include "know/settings.h"

enum lang { LANG_en, LANG_de, LANG_es, LANGS };

static enum lang lang_of(str lang) {
    return str_starts_ci(lang, S("de")) ? LANG_de : str_starts_ci(lang, S("es")) ? LANG_es : LANG_en;
}

// The language of a country where it is one of those that heed writes.
static str lang_of_country(str country) {
    static const char *const german[] = {"DE", "AT", "CH", "LI"};
    static const char *const spanish[] = {"ES", "MX", "AR", "CL", "CO", "PE", "UY",
                                          "EC", "CR", "PA", "DO", "GT", "BO", "PY"};
    for (size_t i = 0; i < COUNT(german); i++)
        if (str_eq_ci(country, str_c(german[i]))) return S("de");
    for (size_t i = 0; i < COUNT(spanish); i++)
        if (str_eq_ci(country, str_c(spanish[i]))) return S("es");
    return S("");
}

// ---- days and greetings in words ----

static str day_words(arena *a, enum lang l, int32_t days) {
    static const char *const months[LANGS][12] = {{"January", "February", "March", "April", "May", "June", "July",
                                                   "August", "September", "October", "November", "December"},
                                                  {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
                                                   "August", "September", "Oktober", "November", "Dezember"},
                                                  {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
                                                   "agosto", "septiembre", "octubre", "noviembre", "diciembre"}};
    static const char *const forms[LANGS] = {"%d %s %d", "%d. %s %d", "%d de %s de %d"};
    ymd d = ymd_of(days);
    char text[80];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(text, sizeof text, forms[l], (int)d.day, months[l][d.month - 1], (int)d.year);
#pragma GCC diagnostic pop
    return str_dup(a, (str){text, (size_t)n});
}

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

static str greeting(arena *a, enum lang l, const playbook_person *p) {
    static const char *const hello[LANGS] = {"Hello", "Guten Tag", "Hola"};
    str who = l == LANG_de && !p->firm ? p->name : p->first_name;
    if (p->firm) who = S("");
    const char *sign = l == LANG_es ? ":" : ",";
    return who.len ? str_fmt(a, "%s %.*s%s", hello[l], STR_ARG(who), sign) : str_fmt(a, "%s%s", hello[l], sign);
}

// ---- reading ----

typedef struct {
    arena *a;
    store *s;
    zone *z;
    int64_t now_us;
    playbook_person *out;
    enum lang l;
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

static bool choose_lang(reading *k, str asked, err *e) {
    settings set;
    playbook_person *p = k->out;
    if (asked.len) p->lang = asked;
    if (!p->lang.len) p->lang = lang_of_country(k->country);
    if (!p->lang.len && settings_read(k->a, k->s, &set, e)) p->lang = lang_of_country(set.country);
    if (!p->lang.len) p->lang = S("en");
    k->l = lang_of(p->lang);
    return err_ok(e);
}

static void put_orders(reading *k, const summary *x) {
    str *f = k->out->known.of;
    int32_t today = zone_days(k->z, k->now_us);
    if (x->orders) f[FACT_orders] = str_fmt(k->a, "%" PRId64, x->orders);
    if (x->first_order_us) f[FACT_first_order_date] = day_words(k->a, k->l, zone_days(k->z, x->first_order_us));
    if (x->last_order_us) {
        int32_t last = zone_days(k->z, x->last_order_us);
        f[FACT_last_order_date] = day_words(k->a, k->l, last);
        f[FACT_days_since_order] = str_fmt(k->a, "%d", (int)(today - last));
    }
    if (x->monthly_value) f[FACT_monthly_value] = money_str(k->a, x->monthly_value, currency_by_number(x->currency));
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
        f[FACT_renewal_date] = day_words(k->a, k->l, (int32_t)day);
        f[FACT_renewal_days] = str_fmt(k->a, "%" PRId64, day - zone_days(k->z, k->now_us));
    }
    if (at) f[FACT_event_date] = day_words(k->a, k->l, zone_days(k->z, at));
    bool scored = json_is_true(json_object_get(v, "score"));
    if (value && scored) f[FACT_score] = str_fmt(k->a, "%g", (double)value / 100);
    if (value && !scored && unit) f[FACT_amount] = money_str(k->a, value, currency_by_number((int)unit));
    f[FACT_goal] = dup_text(k, v, "name");
    f[FACT_product] = dup_text(k, v, "product");
    f[FACT_promise] = dup_text(k, v, "promise");
    if (int_of(v, "promise_us")) f[FACT_promise_date] = day_words(k->a, k->l, zone_days(k->z, int_of(v, "promise_us")));
    json_decref(v);
}

static void put_names(reading *k, str from) {
    playbook_person *p = k->out;
    p->firm = is_firm(p->name);
    p->first_name = p->firm ? S("") : first_of(p->name);
    p->known.of[FACT_name] = p->name;
    p->known.of[FACT_first_name] = p->first_name;
    p->known.of[FACT_sender] = from;
    p->known.of[FACT_greeting] = greeting(k->a, k->l, p);
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
    return err_ok(e);
}

playbook_person playbook_persona(arena *a, str lang, str from, int64_t now_us) {
    static const char *const names[LANGS] = {"Anna Miller", "Anna Schmidt", "Ana García"};
    static const char *const promises[LANGS] = {"We will send the replacement by Friday.",
                                                "Wir schicken den Ersatz bis Freitag.",
                                                "Le enviaremos el repuesto antes del viernes."};
    playbook_person p = {.lang = lang, .email = S("anna@example.org")};
    reading k = {.a = a, .now_us = now_us, .out = &p, .l = lang_of(lang)};
    summary x = {.orders = 7,
                 .currency = 978,
                 .monthly_value = 4900,
                 .first_order_us = now_us - 730 * DAY_US,
                 .last_order_us = now_us - 40 * DAY_US};
    str occasion = str_fmt(a,
                           "{\"date\":\"renewal\",\"day\":%d,\"years\":2,\"at_us\":%" PRId64
                           ",\"value\":4900,\"unit\":978,\"name\":\"first report\",\"product\":\"House Blend\","
                           "\"promise\":\"%s\",\"promise_us\":%" PRId64 "}",
                           (int)zone_days(NULL, now_us) + 30, now_us - DAY_US, promises[k.l], now_us - DAY_US);
    p.name = str_c(names[k.l]);
    put_orders(&k, &x);
    put_occasion(&k, occasion);
    p.known.of[FACT_score] = S("9");
    p.known.of[FACT_company] = S("Kastanie");
    put_names(&k, from.len ? from : S("Maria Lopez"));
    return p;
}
