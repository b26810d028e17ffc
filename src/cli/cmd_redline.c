// heed redline: what the business cannot bear, and whether something may be conceded.
#include "cli/redline_cmd.h"

#include "know/measure.h"

static const opt opts[] = {
    {"kind", 'k', OPT_TEXT, offsetof(redline_opts, kind), "KIND",
     "add: margin, discount, amount, service, budget, times, pace, lead or measure; check: discount, refund, reward, "
     "grant, hardship, service, promise or decision"},
    {"limit", 0, OPT_TEXT, offsetof(redline_opts, limit), "LIMIT", "add, change: 15%, 500 EUR, 48, as its kind has it"},
    {"period", 0, OPT_TEXT, offsetof(redline_opts, period), "day|week|month|quarter|year", "in what time it sums"},
    {"of", 0, OPT_LIST, offsetof(redline_opts, of), "KIND", "add, change, envelope: for these concessions alone"},
    {"segment", 0, OPT_TEXT, offsetof(redline_opts, segment), "NAME", "add, change, cost: of this segment alone"},
    {"product", 0, OPT_TEXT, offsetof(redline_opts, product), "NAME", "of this product"},
    {"channel", 0, OPT_TEXT, offsetof(redline_opts, channel), "NAME", "by this channel"},
    {"role", 0, OPT_TEXT, offsetof(redline_opts, role), "ROLE", "add, change: for this role; check: as if it asked"},
    {"measure", 0, OPT_TEXT, offsetof(redline_opts, measure), "NAME",
     "add: which figure must stay on its side; of lead times: which kind of commitment"},
    {"below", 0, OPT_FLAG, offsetof(redline_opts, below), NULL, "add: the figure must stay below the limit, not above"},
    {"signer", 0, OPT_TEXT, offsetof(redline_opts, signer), "agent|manager|owner",
     "add, change, envelope: whose signature lets it be crossed"},
    {"why", 0, OPT_TEXT, offsetof(redline_opts, why), "TEXT", "add, change: shown to whoever is refused"},
    {"name", 0, OPT_TEXT, offsetof(redline_opts, name), "NAME", "change: its new name"},
    {"from", 0, OPT_TEXT, offsetof(redline_opts, from), "DAY", "add: it holds from then on"},
    {"until", 0, OPT_TEXT, offsetof(redline_opts, until), "DAY", "add, change: until then"},
    {"all", 'a', OPT_FLAG, offsetof(redline_opts, all), NULL, "list: retired ones too"},
    {"customer", 'c', OPT_TEXT, offsetof(redline_opts, customer), "C",
     "check, sheet: a number, or what they are known by"},
    {"price", 0, OPT_TEXT, offsetof(redline_opts, price), "AMOUNT",
     "check, sheet: of what; their usual order unless given"},
    {"discount", 0, OPT_TEXT, offsetof(redline_opts, discount), "15%|AMOUNT", "check, sheet, envelope"},
    {"cost", 0, OPT_TEXT, offsetof(redline_opts, cost), "60%|AMOUNT",
     "check, economics: what the thing costs us, or which share of the price"},
    {"service", 0, OPT_TEXT, offsetof(redline_opts, service), "AMOUNT", "check: what serving them costs"},
    {"amount", 0, OPT_TEXT, offsetof(redline_opts, amount), "AMOUNT", "check: what another concession costs us"},
    {"units", 0, OPT_NUMBER, offsetof(redline_opts, units), "N", "check: how many"},
    {"promise", 0, OPT_TEXT, offsetof(redline_opts, promise), "KIND", "check: a promise of this kind, with --due"},
    {"due", 0, OPT_TEXT, offsetof(redline_opts, due), "TIME", "check: by when"},
    {"share", 0, OPT_TEXT, offsetof(redline_opts, share), "80%", "near: of which at least so much is used"},
    {"since", 0, OPT_TEXT, offsetof(redline_opts, since), "TIME", "cost: from then on; a year unless given"},
    {"html", 0, OPT_FLAG, offsetof(redline_opts, html), NULL, "sheet: as a page to print"},
    {"hour-rate", 0, OPT_TEXT, offsetof(redline_opts, hour_rate), "AMOUNT", "economics: what an hour of serving costs"},
    {"contact-minutes", 0, OPT_TEXT, offsetof(redline_opts, contact_minutes), "N",
     "economics: how long a contact takes"},
    {"contact-cost", 0, OPT_TEXT, offsetof(redline_opts, contact_cost), "AMOUNT",
     "economics: what it costs beside the time"},
    {"return-cost", 0, OPT_TEXT, offsetof(redline_opts, return_cost), "AMOUNT", "economics: of handling a return"},
    {"agents", 0, OPT_TEXT, offsetof(redline_opts, agents), "N", "economics: people at work in an open hour, as 2.5"},
    {"channels", 0, OPT_TEXT, offsetof(redline_opts, channels), "JSON", "economics: by channel, where it differs"},
    {"most", 0, OPT_TEXT, offsetof(redline_opts, most), "AMOUNT", "envelope: what one may cost"},
    {"times", 0, OPT_NUMBER, offsetof(redline_opts, times), "N", "envelope: how often one person may in --period"},
    {"hours", 0, OPT_NUMBER, offsetof(redline_opts, hours), "N", "envelope: office hours until a request is answered"},
    {"review", 0, OPT_TEXT, offsetof(redline_opts, review), "10%", "envelope: which share is looked at afterwards"},
};

// ---- figures as people write them ----

bool redline_begin(redline_at *x, store *s, err *e) {
    x->s = s, x->now_us = x->c->w->now_us(x->c->w);
    return settings_read(x->c->life, s, &x->set, e) && zone_open(x->c->life, x->set.zone, &x->z, e);
}

str redline_me(const cli *c) {
    const char *user = getenv("USER");
    (void)c;
    return str_c(user && *user ? user : "a person");
}

bool percent_in(const char *option, str x, int64_t *bp, err *e) {
    double v;
    str n = str_trim(x);
    if (str_ends(n, S("%"))) n = str_trim(str_sub(n, 0, n.len - 1));
    if (!str_f64(n, &v) || v < -100 || v > 1000) return fail(e, ERR_usage, "--%s takes a share like 15%%", option);
    *bp = (int64_t)(v * 100 + (v < 0 ? -0.5 : 0.5));
    return true;
}

bool money_in(const redline_at *x, const char *option, str text, int64_t *minor, int32_t *unit, err *e) {
    const currency *own = currency_of(x->set.currency), *found = own;
    if (!money_parse(text, own, minor, &found) || *minor < 0)
        return fail(e, ERR_usage, "--%s takes an amount like 12.50 or '12.50 EUR'", option);
    if (unit && found) *unit = found->number;
    return true;
}

bool customer_in(const redline_at *x, str text, int64_t *id, err *e) {
    int64_t found[2];
    size_t n = 0;
    if (str_starts(text, S("customer:"))) text = str_sub(text, 9, text.len);
    if (str_i64(text, id)) return *id > 0 || fail(e, ERR_usage, "a customer's number is above 0");
    if (!person_find(x->c->scratch, x->s, x->set.country, text, found, &n, 2, e)) return false;
    if (n == 1) return *id = found[0], true;
    return fail(e, n ? ERR_usage : ERR_not_found,
                n ? "several customers are like '%.*s'; name one by number" : "there is no customer like '%.*s'",
                (int)MIN(text.len, (size_t)60), text.s);
}

bool segment_in(const redline_at *x, str text, int64_t *id, err *e) {
    segment_row group;
    if (!segment_get(x->c->life, x->s, text, &group, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no segment '%.*s'; 'heed segment list' names them",
                                (int)MIN(text.len, (size_t)60), text.s)
                         : false;
    return *id = group.id, true;
}

static bool limit_in(const redline_at *x, redline *line, str text, err *e) {
    const char *unit = redline_unit(line->kind);
    enum measure m;
    double v;
    bool share = !strcmp(unit, "bp");
    if (line->kind == REDLINE_measure && measure_of(line->measure, &m)) share = measure_get(m)->unit == UNIT_SHARE;
    if (share) return percent_in("limit", text, &line->limit, e);
    if (!strcmp(unit, "money")) return money_in(x, "limit", text, &line->limit, &line->currency, e);
    if (str_ends(text, S("h"))) text = str_sub(text, 0, text.len - 1);
    if (!str_f64(str_trim(text), &v) || v < -1e9 || v > 1e9) return fail(e, ERR_usage, "--limit takes a number");
    line->limit = (int64_t)(line->kind == REDLINE_measure ? v * 100 : v);
    return true;
}

static bool of_in(const strs *of, uint32_t *bits, err *e) {
    *bits = 0;
    for (size_t i = 0; i < of->n; i++) {
        enum concession_kind k = concession_of(of->v[i]);
        if (!k)
            return fail(e, ERR_usage,
                        "--of takes discount, refund, reward, grant, hardship, service, promise or decision");
        *bits |= 1u << k;
    }
    return true;
}

static bool scope_in(const redline_at *x, redline *line, err *e) {
    const redline_opts *o = x->o;
    if (o->name.len) line->name = o->name;
    if (o->product.len) line->product = o->product;
    if (o->channel.len) line->channel = o->channel;
    if (o->role.len) line->role = o->role;
    if (o->signer.len) line->signer = o->signer;
    if (o->why.len) line->why = o->why;
    if (o->period.len && !redline_period_of(o->period, &line->period))
        return fail(e, ERR_usage, "--period takes day, week, month, quarter or year");
    return (!o->of.n || of_in(&o->of, &line->of, e)) &&
           (!o->segment.len || segment_in(x, o->segment, &line->segment, e)) &&
           (!o->limit.len || limit_in(x, line, o->limit, e)) &&
           (!o->from.len || cli_time(x->c, x->z, "from", o->from, &line->from_us, e)) &&
           (!o->until.len || cli_time(x->c, x->z, "until", o->until, &line->until_us, e));
}

// ---- shown ----

static str scope_words(arena *a, const redline *x) {
    buf b = buf_new(a, 2000);
    for (int i = 1; i < CONCESSION_KINDS; i++)
        if (x->of >> i & 1) buf_fmt(&b, "%s%s", b.len ? ", " : "", concession_name((enum concession_kind)i));
    if (!b.len) buf_add(&b, S("all"));
    if (x->segment) buf_fmt(&b, ", segment %" PRId64, x->segment);
    const str names[] = {x->product, x->channel, x->role, x->measure};
    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].len) buf_fmt(&b, ", %.*s", STR_ARG(names[i]));
    return buf_str(&b);
}

static str limit_words(arena *a, const redline *x) {
    str v = redline_limit_words(a, x, x->limit);
    if (x->kind == REDLINE_measure) return str_fmt(a, "%s %.*s", x->below ? "below" : "above", STR_ARG(v));
    if (x->period) return str_fmt(a, "%.*s a %s", STR_ARG(v), redline_period_name(x->period));
    return v;
}

static void show_table(const redline_at *x, const redline *all, size_t n, bool versions) {
    static const table_col cols[] = {{"line", true, false},   {"name", false, true}, {"kind", false, false},
                                     {"limit", true, false},  {"for", false, true},  {"beyond", false, false},
                                     {"since", false, false}, {"by", false, false}};
    arena *a = x->c->life;
    table *t = table_new(a, cols, versions ? 8 : 6);
    for (size_t i = 0; i < n; i++) {
        const redline *l = &all[i];
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, versions ? l->version : l->id));
        table_add(t, STYLE_bold, term_clean(a, l->name, true));
        table_add(t, STYLE_plain, str_c(redline_kind_name(l->kind)));
        table_add(t, STYLE_plain, limit_words(a, l));
        table_add(t, STYLE_plain, term_clean(a, scope_words(a, l), true));
        table_add(t, STYLE_dim, l->retired ? S("retired") : l->signer.len ? l->signer : S("nobody"));
        if (!versions) continue;
        table_add(t, STYLE_plain, say_day(a, x->z, l->made_us));
        table_add(t, STYLE_plain, term_clean(a, l->by, true));
    }
    table_print(t, &x->c->t, 0);
}

static bool show(const redline_at *x, const redline *all, size_t n, bool versions) {
    reply r;
    if (!x->c->g.json) {
        if (n)
            show_table(x, all, n, versions);
        else
            term_say(&x->c->t, "There are no red lines yet: heed redline add rent --kind margin --limit 25%%\n");
        return true;
    }
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "redlines", '[');
    for (size_t i = 0; i < n; i++) redline_json(&r.j, NULL, &all[i]), reply_some(&r);
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

static bool find(const redline_at *x, str which, redline *out, err *e) {
    if (redline_get(x->c->life, x->s, which, out, e)) return true;
    return err_ok(e) ? fail(e, ERR_not_found, "there is no red line '%.*s'; 'heed redline list' names them",
                            (int)MIN(which.len, (size_t)60), which.s)
                     : false;
}

static bool list_run(redline_at *x, err *e) {
    redline *all;
    size_t n;
    return redlines_list(x->c->life, x->s, x->o->all, &all, &n, e) && show(x, all, n, false);
}

static bool show_run(redline_at *x, err *e) {
    redline line;
    if (!find(x, x->c->args.v[1], &line, e) || !show(x, &line, 1, false)) return false;
    if (!x->c->g.json && line.why.len) term_say(&x->c->t, "%.*s\n", STR_ARG(term_clean(x->c->life, line.why, true)));
    return true;
}

static bool history_run(redline_at *x, err *e) {
    redline line, *all;
    size_t n;
    return find(x, x->c->args.v[1], &line, e) && redline_history(x->c->life, x->s, line.id, &all, &n, e) &&
           show(x, all, n, true);
}

// ---- changed ----

typedef struct {
    redline_at at;
    redline line;
    enum { ADD, CHANGE, RETIRE } how;
} altering;

static bool alter_piece(void *ctx, desk *d, err *e) {
    altering *x = ctx;
    redline *line = &x->line;
    cli *c = x->at.c;
    const redline_opts *o = x->at.o;
    const char *field = NULL;
    if (!redline_begin(&x->at, d->s, e)) return false;
    if (x->how == ADD) {
        *line =
            (redline){.name = c->args.v[1], .kind = redline_kind_of(o->kind), .measure = o->measure, .below = o->below};
        if (!line->kind)
            return fail(e, ERR_usage,
                        "--kind takes margin, discount, amount, service, budget, times, pace, lead or measure");
        if (!o->limit.len) return fail(e, ERR_usage, "say the --limit");
    } else if (!find(&x->at, c->args.v[1], line, e))
        return false;
    if (x->how == RETIRE) return redline_retire(know_ledger(d->k), c->scratch, line->id, redline_me(c), e);
    line->by = redline_me(c);
    return scope_in(&x->at, line, e) && redline_put(know_ledger(d->k), c->scratch, line, &field, e);
}

static bool alter(cli *c, const redline_opts *o, int how, err *e) {
    desk d;
    altering x = {.at = {.c = c, .o = o}, .how = how};
    if (!desk_open(c, "change them by its address /api/redlines", &d, e)) return false;
    bool ok = desk_run(&d, alter_piece, &x, e);
    if (ok && c->g.json) {
        reply r;
        reply_open(&r, c);
        redline_json(&r.j, NULL, &x.line);
        reply_close(&r);
    } else if (ok && how == RETIRE)
        term_say(&c->t, "Retired: %.*s\n", STR_ARG(term_clean(c->life, x.line.name, true)));
    else if (ok)
        term_say(&c->t, "Red line %" PRId64 ", %.*s: %s %.*s\n", x.line.id,
                 STR_ARG(term_clean(c->life, x.line.name, true)), redline_kind_name(x.line.kind),
                 STR_ARG(limit_words(c->life, &x.line)));
    desk_close(&d);
    return ok;
}

// ---- the command ----

static const struct {
    const char *name, *takes;
    size_t least, most;
    bool (*read)(redline_at *x, err *e); // NULL: it writes
} verbs[] = {{"list", "", 1, 1, list_run},
             {"show", " NAME", 2, 2, show_run},
             {"history", " NAME", 2, 2, history_run},
             {"check", " --customer C --discount 15%", 1, 1, redline_check_run},
             {"near", "", 1, 1, redline_near_run},
             {"cost", " [CUSTOMER]", 1, 2, redline_cost_run},
             {"sheet", " --customer C", 1, 1, redline_sheet_run},
             {"add", " NAME --kind KIND --limit LIMIT", 2, 2, NULL},
             {"change", " NAME …", 2, 2, NULL},
             {"retire", " NAME", 2, 2, NULL},
             {"economics", " …", 1, 1, NULL},
             {"envelope", " [ROLE …]", 1, 2, NULL}};

static bool writes(cli *c, const redline_opts *o, err *e) {
    str verb = c->args.v[0];
    if (str_eq(verb, S("add"))) return alter(c, o, ADD, e);
    if (str_eq(verb, S("change"))) return alter(c, o, CHANGE, e);
    if (str_eq(verb, S("retire"))) return alter(c, o, RETIRE, e);
    if (str_eq(verb, S("economics"))) return redline_economics_run(c, o, e);
    return redline_envelope_run(c, o, e);
}

static bool run(cli *c, const void *options, err *e) {
    redline_at x = {.c = c, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    store *s;
    size_t i = 0;
    while (i < COUNT(verbs) && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == COUNT(verbs))
        return fail(e, ERR_usage,
                    "'%.*s' is none of its words: list, show, add, change, retire, history, check, near, cost, sheet, "
                    "economics, envelope",
                    (int)MIN(verb.len, (size_t)40), verb.s);
    if (c->args.n && (c->args.n < verbs[i].least || c->args.n > verbs[i].most))
        return fail(e, ERR_usage, "write heed redline %s%s", verbs[i].name, verbs[i].takes);
    if (!verbs[i].read) return writes(c, options, e);
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&x, s, e) && verbs[i].read(&x, e);
    store_close(s);
    return ok;
}

const cmd cmd_redline = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(redline_opts),
    .max_args = 2,
    .run = run,
    .more =
        "A red line is what the business cannot bear: a least margin, a greatest discount, a budget. Every path that "
        "concedes something asks them. 'check' asks without conceding: it shows the arithmetic of every line, and "
        "what would pass instead. A discount without --price is of their usual order.\n\n"
        "A change is a new version; 'history' shows what held when. 'near' shows lines whose sums are nearly used "
        "up. 'cost' says what serving a customer has cost, and 'sheet' explains cost and value to them.\n\n"
        "'economics' says what things and service cost us, for all products or --product; 'envelope' what a role "
        "may concede by itself. Without options both show what is said. docs/redlines.md explains all of it.",
    .examples = "heed redline add rent --kind margin --limit 25% --why 'the rent has to be paid'\n"
                "heed redline add goodwill --kind budget --limit '500 EUR' --period month --of grant --signer owner\n"
                "heed redline economics --cost 60% --hour-rate 36 --contact-minutes 5\n"
                "heed redline envelope agent --most 20 --discount 10% --times 3 --period day --review 10%\n"
                "heed redline check --customer C --discount 15%\n"
                "heed redline sheet --customer 17 --price 100 --discount 20%",
    .json =
        "list, show, history: {\"redlines\":[{\"id\",\"version\",\"name\",\"kind\",\"limit\",\"unit\",\"currency\","
        "\"period\",\"of\",\"segment\",\"product\",\"channel\",\"role\",\"measure\",\"below\",\"signer\",\"why\","
        "\"from\",\"until\",\"made\",\"by\",\"ended\",\"retired\"}]}; add, change, retire: one of them; check: "
        "{\"verdict\",\"signer\",\"costs\",\"margin\",\"margin_bp\",\"lines\",\"instead\",\"wins\",\"assumed\"}; near: "
        "{\"near\":[{\"line\",\"used\",\"reserved\",\"share\",\"sum\"}]}; cost: {\"cost\",\"mean\"}; sheet: "
        "{\"customer\",\"intro\",\"parts\":[{\"title\",\"lines\"}]}; economics: {\"economics\":[…]}; envelope: "
        "{\"envelopes\":[…]}",
};
