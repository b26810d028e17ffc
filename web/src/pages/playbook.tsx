// One playbook: who enters and what they get, who is on the way, and whether it made a difference.
import { api, may, type Page, type Shapes, take } from "../lib/api";
import { figureOfChange } from "../lib/change";
import type { Figure } from "../lib/figure";
import { count, day, dayTime, percent, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import type { PageProps } from "../pages";
import { Facts, PageHead, Tabs, When } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, Show } from "../ui/states";
import { aboutOf, nameOf, Past, type Playbook, runText, Switch } from "./playbooks";
import { Said } from "../ui/said";
import { said } from "../lib/said";

const path = (id: number) => ({ path: { id } });

export default function PlaybookPage({ params }: PageProps) {
    const id = Number(params.id);
    const one = useLoad(`playbook ${id}`, (signal) => take(api.GET("/api/playbooks/{id}", { params: path(id), signal })));
    const tab = query("tab");
    return (
        <Show of={one}>
            {(p) => (
                <>
                    <PageHead title={nameOf(p)} text={aboutOf(p)}>
                        <span class={`tag ${p.on ? "good" : ""}`}>{t(p.on ? "playbook.is_on" : "playbook.is_off")}</span>
                        <Switch p={p} />
                    </PageHead>
                    <Tabs label={nameOf(p)} tabs={[["about", t("playbook.tab_about")], ["runs", t("playbook.tab_runs")], ["effect", t("playbook.tab_effect")]]} />
                    {tab === "runs" ? <Runs id={id} /> : tab === "effect" ? <Effect id={id} /> : <About p={p} />}
                </>
            )}
        </Show>
    );
}

function About({ p }: { p: Playbook }) {
    return (
        <div class="split">
            <div>
                <section class="panel" aria-labelledby="past">
                    <h2 id="past">{t("playbook.past")}</h2>
                    <Past id={p.id} cases={may("customers_read")} />
                </section>
                <Personas id={p.id} />
            </div>
            <section class="panel">
                <Facts
                    rows={[
                        [t("playbook.enters"), <Said text={p.words} />],
                        [t("playbook.hold"), p.hold ? percent(p.hold) : t("playbook.hold_none")],
                        [t("playbook.where"), runText(p.runs)],
                        [t("playbook.last"), p.runs.last && <When at={p.runs.last} />],
                        [t("playbook.since"), p.since && day(p.since)],
                        [t("playbook.looked"), p.looked && <When at={p.looked} />],
                        [t("playbook.changed"), p.updated && `${dayTime(p.updated)} · ${p.by}`],
                    ]}
                />
            </section>
        </div>
    );
}
function Personas({ id }: { id: number }) {
    const lang = document.documentElement.lang.slice(0, 2);
    const all = useLoad(`playbook personas ${id}`, (signal) => take(api.GET("/api/playbooks/{id}/personas", { params: { ...path(id), query: { lang: ["de", "es"].includes(lang) ? lang : "en" } }, signal })));
    return (
        <section class="panel" aria-labelledby="personas">
            <h2 id="personas">{t("playbook.personas")}</h2>
            <p class="muted">{t("playbook.personas_text")}</p>
            <Show of={all} empty={(d) => (d.personas.length ? null : <p class="muted">{t("playbook.nobody_yet")}</p>)}>
                {(d) =>
                    d.personas.map((x) => (
                        <details key={x.name}>
                            <summary>
                                <strong>{x.name}</strong> <Said text={x.about} /> ({count(x.moments.length)})
                            </summary>
                            <ul class="rows">
                                {x.moments.map((m, i) => (
                                    <li key={i}>
                                        <strong>{tr(`playbook.what_${m.what}`, m.what)}</strong> <span class="muted">{dayTime(m.at)}</span>
                                        {m.subject && <p lang="">{m.subject}</p>}
                                        <p class="said full" lang="">
                                            {m.words}
                                        </p>
                                    </li>
                                ))}
                            </ul>
                        </details>
                    ))
                }
            </Show>
        </section>
    );
}

// ---- who is on the way ----

type Run = Shapes["playbook_run"];
function Runs({ id }: { id: number }) {
    const list = usePaged<Run>(`playbook runs ${id}`, (after, signal) => take(api.GET("/api/playbook-runs", { params: { query: { playbook: id, after, limit: 30 } }, signal })) as Promise<Page<Run>>, ["outbox"]);
    const stop = (r: Run) =>
        void take(api.POST("/api/playbook-runs/{id}/stop", { params: path(r.id), body: {} })).then(() => {
            forget("playbook runs");
            toast(t("playbook.taken_out"));
        }, toastProblem);
    return (
        <section class="panel">
            <Listed of={list} empty={<Empty title={t("playbook.nobody_yet")} />}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((r) => (
                            <li key={r.id}>
                                <div class="row spread">
                                    <span>
                                        {r.customer ? <a href={`/customers/${r.customer}`}>{t("playbook.customer", { n: r.customer })}</a> : t("playbook.company")} <span class="muted">{r.occasion}</span>
                                    </span>
                                    <span class="row">
                                        <span class={`tag ${r.state === "failed" ? "bad" : ""}`}>{t(`playbook.state_${r.state}`)}</span>
                                        {r.held && <span class="tag">{t("playbook.held")}</span>}
                                        {r.state === "going" && may("playbooks_write") && (
                                            <button onClick={() => stop(r)}>
                                                {t("playbook.stop")}
                                                <span class="hidden"> {r.customer}</span>
                                            </button>
                                        )}
                                    </span>
                                </div>
                                <p class="muted">
                                    <When at={r.entered} /> {r.next && (<>· {t("playbook.next")} <When at={r.next} /></>)} {r.why && <>· <Said text={r.why} /></>}
                                </p>
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}

// ---- whether it made a difference ----

function Effect({ id }: { id: number }) {
    const effect = useLoad(`playbook effect ${id}`, (signal) => take(api.GET("/api/playbooks/{id}/effect", { params: path(id), signal })), ["fresh"]);
    return (
        <section class="panel" aria-labelledby="effect">
            <h2 id="effect">{t("playbook.tab_effect")}</h2>
            <Show of={effect}>
                {(d) => {
                    const what = t("playbook.outcome", { what: t(`playbook.outcome_${d.outcome}`), n: count(d.days) });
                    const n = d.treated.ripe + d.held.ripe;
                    return (
                        <>
                            <p>{what}</p>
                            <div class="figures">
                                <div>
                                    <h3>{t("playbook.treated")}</h3>
                                    <Estimate of={d.treated.share as Figure} unit="share" big label={t("playbook.treated")} text={what} />
                                </div>
                                <div>
                                    <h3>{t("playbook.held_out")}</h3>
                                    <Estimate of={d.held.share as Figure} unit="share" big label={t("playbook.held_out")} text={what} />
                                </div>
                                <div>
                                    <h3>{t("playbook.difference")}</h3>
                                    <Estimate of={figureOfChange(d.effect, n, d.why)} unit="share" big label={t("playbook.difference")} text={t("playbook.difference_text")} />
                                </div>
                            </div>
                            <p>{d.effect ? t(d.sure ? "playbook.sure" : "playbook.unsure") : <Said text={d.why} />}</p>
                            {d.needed > 0 && <p class="muted">{tn("playbook.needed", d.needed)}</p>}
                            {d.uplift.why && <p class="muted">{t("playbook.uplift", { why: said(d.uplift.why) ?? d.uplift.why })}</p>}
                        </>
                    );
                }}
            </Show>
        </section>
    );
}
