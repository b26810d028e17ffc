// Jobs: what is done beside requests, and when.
#include "base/civil.h"
#include "jobs/runner.h"
#include "serve/handlers.h"
#include "serve/work.h"
#include "sql/serve_jobs.h"

static const char *text_of(str kind) {
    size_t n;
    const job_kind *all = job_kinds(&n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(kind, str_c(all[i].kind))) return all[i].text;
    return "";
}

static void put_schedule(json_out *j, const job_row *r) {
    if (r->every_s) {
        json_put_int(j, "every_s", r->every_s < 0 ? -r->every_s : r->every_s);
        json_put_bool(j, "on", r->every_s > 0);
    } else {
        json_put_null(j, "every_s");
        json_put_null(j, "on");
    }
    json_put_time(j, "next", r->state == JOB_WAITING ? r->next_us : 0);
}

void job_out(json_out *j, const char *key, const job_row *r) {
    json_open(j, key, '{');
    json_put_int(j, "id", r->id);
    json_put_str(j, "kind", r->kind);
    json_put_str(j, "text", str_c(text_of(r->kind)));
    json_put_raw(j, "about", r->args);
    json_put_str(j, "state", str_c(job_state_name(r->state)));
    json_put_bool(j, "stopping", r->asked && r->state == JOB_RUNNING);
    json_put_int(j, "done", r->done);
    json_put_int(j, "total", r->total);
    json_put_raw(j, "result", r->result.len ? r->result : S("{}"));
    if (r->error.len)
        json_put_str(j, "error", r->error);
    else
        json_put_null(j, "error");
    json_put_int(j, "tries", r->tries);
    put_schedule(j, r);
    json_put_time(j, "created", r->created_us);
    json_put_str(j, "by", r->by);
    json_put_time(j, "started", r->started_us);
    json_put_time(j, "ended", r->ended_us);
    json_put_int(j, "version", r->version);
    json_close(j, '}');
}

// ---- asking for one ----

bool job_none(call *c, const char *kind, err *e) {
    int64_t id;
    if (!job_underway(c->s, kind, S(""), &id, e)) return false;
    return !id || fail(e, ERR_conflict, "job %" PRId64 " does that already; wait for its end, or cancel it", id);
}

static bool show(call *c, int64_t id, err *e) {
    job_row r;
    if (!job_get(c->a, c->s, id, &r, e)) return false;
    call_etag(c, r.version);
    job_out(&c->out, NULL, &r);
    return true;
}

bool job_begin(call *c, const char *kind, str args, int64_t *id, err *e) {
    new_job n = {.kind = kind, .args = args, .by = who_text(c->a, &c->who)};
    if (!job_make(c->s, c->d->w, &n, id, e) || !show(c, *id, e)) return false;
    call_status(c, 202);
    call_location(c, str_fmt(c->a, "/api/jobs/%" PRId64, *id));
    runner_wake(server_jobs(c->sv));
    return true;
}

// ---- looking ----

static int state_of(str name) {
    for (int s = JOB_WAITING; s <= JOB_CANCELLED; s++)
        if (str_eq(name, str_c(job_state_name((enum job_state)s)))) return s;
    return -1;
}

bool jobs_page(call *c, err *e) {
    paging p;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    int64_t before = p.first ? INT64_MAX : p.after[0], state = state_of(in_str(c, "state"));
    row r = store_query(c->s, Q_job_list, e, "tiii", in_str(c, "kind"), state, before, p.limit + 1);
    while (n < p.limit && row_next(&r)) {
        job_row j = job_read(c->a, &r);
        job_out(&c->out, NULL, &j);
        last = j.id, n++;
    }
    bool more = n == p.limit && row_next(&r);
    row_end(&r);
    page_close(c, &p, more, last, 0);
    return err_ok(e);
}

bool jobs_show(call *c, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && show(c, id, e);
}

// ---- changing ----

static bool noted(call *c, const char *action, int64_t id, str detail, err *e) {
    return audit(c, action, str_fmt(c->a, "job:%" PRId64, id), detail, e) && show(c, id, e);
}

bool jobs_run(call *c, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e) || !job_run_now(c->s, c->d->w, id, e) || !noted(c, "job.run", id, S(""), e))
        return false;
    call_status(c, 202);
    runner_wake(server_jobs(c->sv));
    return true;
}

bool jobs_stop(call *c, err *e) {
    int64_t id;
    if (!param_id(c, 0, &id, e) || !job_cancel(c->s, c->d->w, id, e) || !noted(c, "job.cancel", id, S(""), e))
        return false;
    call_status(c, 202);
    runner_wake(server_jobs(c->sv));
    return true;
}

bool jobs_change(call *c, err *e) {
    enum { LEAST = 15, MOST = 366 * 86400 };
    int64_t id;
    job_row r;
    if (!param_id(c, 0, &id, e) || !job_get(c->a, c->s, id, &r, e) || !call_if_match(c, r.version, e)) return false;
    int64_t every = in_int(c, "every_s", r.every_s < 0 ? -r.every_s : r.every_s), next = r.next_us;
    bool on = in_has(c, "on") ? in_bool(c, "on") : r.every_s > 0;
    if (r.every_s && (every < LEAST || every > MOST))
        return fail_field(c, e, "every_s", "'every_s' must be %d to %d", LEAST, MOST);
    if (in_has(c, "next") && !time_parse(in_str(c, "next"), NULL, 0, &next))
        return fail_field(c, e, "next", "'next' must be a time such as 2026-01-31T02:00:00Z");
    if (on && next < c->now_us) next = c->now_us; // turned on again, it does not wait for a time that is over
    str detail = str_fmt(c->a, "{\"every_s\":%" PRId64 ",\"on\":%s}", every, on ? "true" : "false");
    return job_schedule(c->s, id, every, next, on, e) && noted(c, "job.change", id, detail, e);
}
