// Home: how are we doing, who needs us today, what is rising; and for who is new, where to begin.
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, day, lasted, loadWords, money, percent, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { Score, PageHead } from "../ui/bits";
import { labelOf, MeasureCard, type Today, unitOf } from "../ui/metric";
import { Empty, Show } from "../ui/states";
import { Trend } from "../ui/trend";
import { Said } from "../ui/said";

const periods = ["30", "90", "365"];
const core = ["nps", "csat", "churn", "still_here", "complaints", "first_reply", "stars", "repeat"];

// What Home does not need at once, with the words for it.
const more = signal<typeof import("./duties") | null>(null);
let asked = false;
function useMore() {
    if (!asked) {
        asked = true;
        void Promise.all([import("./duties"), loadWords("later")]).then(([m]) => (more.value = m));
    }
    return more.value;
}

export default function Home() {
    const days = periods.includes(query("days")) ? query("days") : "90";
    const today = useLoad(`today ${days}`, (signal) => take(api.GET("/api/today", { params: { query: { days: Number(days), most: 8 } }, signal })), ["fresh", "customer"]);
    return (
        <>
            <PageHead title={t("home.title")} text={today.data?.customers ? t("home.text", { since: day(today.data.since), n: count(today.data.customers), active: count(today.data.active) }) : undefined}>
                <label class="row">
                    <span class="hidden">{t("home.period")}</span>
                    <select value={days} onChange={(e) => setQuery({ days: e.currentTarget.value === "90" ? null : e.currentTarget.value })}>
                        {periods.map((p) => (
                            <option key={p} value={p}>
                                {tn("home.days", Number(p))}
                            </option>
                        ))}
                    </select>
                </label>
            </PageHead>
            <Show of={today} lines={8} empty={(d) => (d.customers ? null : <First />)}>
                {(d) => <Measures today={d} />}
            </Show>
        </>
    );
}

function Measures({ today: d }: { today: Today }) {
    const known = d.measures.filter((m) => m.now.value != null);
    const unknown = d.measures.filter((m) => m.now.value == null);
    const order = (name: string) => (core.indexOf(name) + 1 || 99);
    const sorted = [...known].sort((a, b) => order(a.name) - order(b.name));
    const [all, setAll] = useState(false);
    const later = useMore();
    const chosen = known.find((m) => m.name === query("chart")) ?? sorted[0];
    const shown = all ? sorted : sorted.filter((m, i) => i < 8 || m === chosen);
    return (
        <>
            {d.historic && <p class="note">{t("home.historic", { day: day(d.now) })}</p>}
            {later && <later.Start />}
            <div class="cards">
                {shown.map((m) => (
                    <MeasureCard key={m.name} m={m} today={d} chosen={m === chosen} onChoose={() => setQuery({ chart: m.name }, true)} />
                ))}
            </div>
            {sorted.length > 8 && (
                <p class="no-print">
                    <button aria-expanded={all} onClick={() => setAll(!all)}>
                        {all ? t("home.fewer") : tn("home.more", sorted.length - 8)}
                    </button>
                </p>
            )}
            <div class="split">
                <div>
                    {chosen && (
                        <section class="panel">
                            <Trend name={chosen.name} title={labelOf(chosen)} unit={unitOf(chosen)} />
                        </section>
                    )}
                    {later && <later.Duties of={d.duties} />}
                    <Rising d={d} />
                    {(unknown.length > 0 || d.could_not_tell.length > 0) && <Unknown d={d} unknown={unknown} />}
                </div>
                <Needs d={d} />
            </div>
        </>
    );
}

// ---- who needs us ----

const needs = ["unhappy_waiting", "complaint", "waiting", "gone_quiet"] as const;

function Needs({ d }: { d: Today }) {
    const counts = d.need_counts as Record<string, number>;
    const any = needs.some((n) => counts[n]);
    return (
        <section class="panel" aria-labelledby="needs">
            <h2 id="needs">{t("home.needs")}</h2>
            {!any && <p class="muted">{t("home.no_needs")}</p>}
            {!may("customers_read") && any && needs.map((n) => (counts[n] ? <p key={n}>{t(`need.${n}`)}: {count(counts[n])}</p> : null))}
            {needs.map((n) => {
                const rows = d.needs.filter((x) => x.need === n);
                return rows.length ? (
                    <div key={n}>
                        <h3>
                            {t(`need.${n}`)} <span class="muted">({count(counts[n] ?? rows.length)})</span>
                        </h3>
                        <ul class="rows">
                            {rows.slice(0, 4).map((x) => (
                                <Need key={x.customer} x={x} />
                            ))}
                        </ul>
                        {(counts[n] ?? 0) > 4 && n !== "gone_quiet" && (
                            <p>
                                <a href={n === "complaint" ? "/inbox?kind=complaint" : "/inbox?kind=talk"}>{tn("home.all", counts[n]!)}</a>
                            </p>
                        )}
                    </div>
                ) : null;
            })}
            {d.gave_up > 0 && <p class="muted">{tn("home.gave_up", d.gave_up)}</p>}
        </section>
    );
}
function Need({ x }: { x: Shapes["today_need"] }) {
    return (
        <li class="need">
            <a href={`/customers/${x.customer}`}>
                <strong>{x.name}</strong>
            </a>
            <span>{x.at_stake && x.at_stake.value > 0 ? money(x.at_stake, 0) : ""}</span>
            <span class="muted">
                {x.need === "gone_quiet" ? t("home.silent", { time: lasted(x.since), n: x.rhythm_days ?? 0 }) : t("home.waits", { time: lasted(x.since) })}
                {x.last_score != null && (
                    <>
                        {" · "}
                        <Score score={x.last_score} instrument={x.last_instrument} />
                    </>
                )}
            </span>
            {x.words && (
                <p class="said clip" lang="">
                    {t("word.quoted", { text: x.words })}
                </p>
            )}
        </li>
    );
}

// ---- what is rising ----

// Themes and topics have a page; a source's label and a word lead to what was said with them.
function placeOf(r: Shapes["today_rising"]): string {
    if (r.kind === "theme" || r.kind === "topic") return `/priorities/${r.kind}/${r.evidence.split(":")[1]}`;
    return `/answers?${r.kind === "label" ? "topic" : "q"}=${encodeURIComponent(r.term)}`;
}

function Rising({ d }: { d: Today }) {
    return (
        <section class="panel" aria-labelledby="rising">
            <h2 id="rising">{t("home.rising")}</h2>
            {d.rising.length ? (
                <ul class="rows">
                    {d.rising.map((r) => (
                        <li key={r.evidence}>
                            <div class="row spread">
                                <strong>{r.kind === "word" ? t("word.quoted", { text: r.term }) : r.term}</strong>
                                <span class="muted">{t("home.share", { now: percent(r.share, 1), before: percent(r.share_before, 1), n: count(r.mentions) })}</span>
                            </div>
                            {r.example && (
                                <p class="said clip" lang="">
                                    {t("word.quoted", { text: r.example })}
                                </p>
                            )}
                            {may("customers_read") && (
                                <a href={placeOf(r)}>
                                    {t("home.read_them")}
                                    <span class="hidden"> {r.term}</span>
                                </a>
                            )}
                        </li>
                    ))}
                </ul>
            ) : (
                <p class="muted">{d.terms_tested ? tn("home.no_rising", d.terms_tested) : t("home.no_terms")}</p>
            )}
        </section>
    );
}
function Unknown({ d, unknown }: { d: Today; unknown: Today["measures"] }) {
    const all = useLoad("measures", (signal) => take(api.GET("/api/measures", { params: { query: { limit: 500 } }, signal })));
    const label = (what: string) => {
        const m = all.data?.items.find((x) => x.label === what);
        return m ? labelOf(m) : what;
    };
    const rows = [...unknown.map((m) => [labelOf(m), (m.now as Figure).why ?? ""] as const), ...d.could_not_tell.filter((x) => !unknown.some((m) => m.label === x.what)).map((x) => [label(x.what), x.why] as const)];
    return (
        <section class="panel" aria-labelledby="unknown">
            <h2 id="unknown">{t("home.unknown")}</h2>
            <dl class="facts">
                {rows.map(([what, why]) => (
                    <div key={what}>
                        <dt>{what}</dt>
                        <dd><Said text={why} /></dd>
                    </div>
                ))}
            </dl>
            {d.quarantined > 0 && may("sources_read") && (
                <p>
                    <a href="/settings/quarantine">{tn("home.quarantined", d.quarantined)}</a>
                </p>
            )}
        </section>
    );
}

// ---- beginning ----

function First() {
    return (
        <Empty title={t("start.title")} text={t("start.text")}>
            {may("sources_write") ? (
                <>
                    <a class="button primary" href="/settings/imports?new=1">
                        {t("start.import")}
                    </a>
                    <a class="button" href="/settings/sample">
                        {t("start.sample")}
                    </a>
                    <a class="button" href="/settings/keys">
                        {t("start.connect")}
                    </a>
                </>
            ) : undefined}
        </Empty>
    );
}
