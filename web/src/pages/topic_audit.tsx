// The month's audit: words by chance, judged without seeing what heed says of them; and the report of how often heed was
// right, how often people agree, and how much has a topic at all.
import { useState } from "preact/hooks";
import { api, may, Problem, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, dayTime, decimal, month as monthName, percent, t, tn } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toastProblem } from "../lib/toast";
import { channelName, Heads, PageHead, Tabs } from "../ui/bits";
import { Choose } from "../ui/choose";
import { Estimate } from "../ui/estimate";
import { Empty, Show } from "../ui/states";
import { toggled, TopicChoice } from "./topic_choice";

type Audit = Shapes["topic_audit"];
// Nothing drawn yet is an answer, not a failure.
async function orNone<T>(answer: Promise<T>): Promise<T | null> {
    try {
        return await answer;
    } catch (x) {
        if (x instanceof Problem && x.status === 404) return null;
        throw x;
    }
}
const nameOfMonth = (m: string) => monthName(`${m}-15T12:00:00Z`);

export function AuditPage() {
    const tab = query("tab") || "judge";
    return (
        <>
            <PageHead title={t("topic.audit_title")} text={t("topic.audit_text")}>
                <a class="button" href="/priorities?tab=topics">
                    {t("topic.all")}
                </a>
            </PageHead>
            <Tabs label={t("topic.audit_title")} tabs={[["judge", t("topic.audit_judge")], ["report", t("topic.audit_report")]]} />
            {tab === "report" ? <Report /> : <Judge />}
        </>
    );
}
const Nothing = () => <Empty title={t("topic.audit_none")} text={t("topic.audit_none_text")} />;

// ---- judging ----

function Judge() {
    const sample = useLoad<Audit | null>("topic audit", (signal) => orNone(take(api.GET("/api/topics/audit", { signal }))));
    return (
        <Show of={sample} lines={6} empty={(d) => (d && d.items.length ? null : <Nothing />)}>
            {(d) => <Words d={d!} onJudged={(x) => sample.set(x)} />}
        </Show>
    );
}
function Words({ d, onJudged }: { d: Audit; onJudged(d: Audit): void }) {
    const first = d.items.findIndex((x) => !x.mine);
    const [at, setAt] = useState(first < 0 ? d.items.length : first);
    const [chosen, setChosen] = useState<Set<number>>(new Set(d.items[first]?.mine ?? []));
    const [busy, setBusy] = useState(false);
    const [finding, setFinding] = useState(false);
    const write = may("topics_write");
    const x = d.items[at];
    const go = (to: number) => {
        const next = Math.max(0, Math.min(d.items.length, to));
        setAt(next);
        setChosen(new Set(d.items[next]?.mine ?? []));
    };
    const judge = async (topics: number[]) => {
        if (!x || busy || !write) return;
        setBusy(true);
        try {
            const r = await take(api.POST("/api/topics/audit", { body: { feedback: x.feedback, topics, month: d.month } }));
            onJudged({ ...d, judged: r.judged, items: d.items.map((y) => (y === x ? { ...y, mine: topics } : y)) });
            forget("topic audit report");
            go(at + 1);
        } catch (e) {
            toastProblem(e);
        }
        setBusy(false);
    };
    const group = t("topic.audit_title");
    return (
        <>
            <p class="row spread">
                <span>
                    {nameOfMonth(d.month)}: {tn("topic.judged", d.judged, { of: count(d.items.length) })}
                </span>
                {x && <span class="muted">{t("topic.question", { n: at + 1, of: d.items.length })}</span>}
            </p>
            <progress value={d.judged} max={d.items.length} aria-label={group} />
            {x ? (
                <TopicChoice
                    group={group}
                    words={x.words}
                    head={
                        <>
                            {channelName(x.channel)} · {dayTime(x.at)} {x.mine && <span class="tag good">{t("topic.judged_tag")}</span>}
                        </>
                    }
                    title={t("topic.audit_ask")}
                    options={d.topics.map((o) => ({ topic: o.topic, text: o.name }))}
                    chosen={chosen}
                    onChosen={setChosen}
                    at={at}
                    of={d.items.length}
                    busy={busy}
                    verb={t("topic.judge")}
                    other={t("topic.find")}
                    onSay={(topics) => void judge(topics)}
                    onOther={() => setFinding(true)}
                    onGo={go}
                    foot={<small>{t("topic.audit_blind")}</small>}
                />
            ) : (
                <Empty title={t("topic.audit_done")} text={t("topic.audit_done_text")}>
                    <a class="button primary" href="/topics/audit?tab=report">
                        {t("topic.audit_report")}
                    </a>
                    <button onClick={() => go(0)}>{t("topic.audit_again")}</button>
                </Empty>
            )}
            {finding && <Choose title={t("topic.find")} label={t("topic.one")} options={d.topics.map((o) => ({ id: String(o.topic), text: o.name }))} chosen={[...chosen].map(String)} onPick={(o) => setChosen(toggled(chosen, Number(o.id)))} onClose={() => setFinding(false)} />}
        </>
    );
}

// ---- the report ----

function Report() {
    const asked = query("month") || undefined;
    const report = useLoad(`topic audit report ${asked ?? ""}`, (signal) => orNone(take(api.GET("/api/topics/audit/report", { params: { query: { month: asked } }, signal }))));
    return (
        <Show of={report} lines={8} empty={(d) => (d ? null : <Nothing />)}>
            {(d) => <Told d={d!} />}
        </Show>
    );
}
function Told({ d }: { d: Shapes["topic_audit_report"] }) {
    const card = (title: string, text: string, of: unknown) => (
        <section class="card">
            <h2>{title}</h2>
            <Estimate of={of as Figure} unit="share" big label={title} text={text} />
        </section>
    );
    const plain = (title: string, text: string, value: string | null) => (
        <section class="card">
            <h2>{title}</h2>
            <span class="est est-big">
                <b class="est-value">{value ?? "–"}</b>
            </span>
            <small>{text}</small>
        </section>
    );
    return (
        <>
            <div class="filters">
                <label>
                    {t("topic.month")}
                    <select value={d.month} onChange={(e) => setQuery({ month: e.currentTarget.value })}>
                        {d.months.map((m) => (
                            <option key={m.month} value={m.month}>
                                {nameOfMonth(m.month)} ({count(m.judged)} / {count(m.sample)})
                            </option>
                        ))}
                    </select>
                </label>
                <span class="muted">
                    {tn("topic.judged", d.judged, { of: count(d.sample) })} {tn("topic.twice", d.twice)}
                </span>
            </div>
            {!d.judged && <p class="note">{t("topic.audit_nobody")}</p>}
            <div class="cards">
                {card(t("topic.precision"), t("topic.precision_text"), d.precision)}
                {card(t("topic.recall"), t("topic.recall_text"), d.recall)}
                {card(t("topic.abstained"), t("topic.abstained_text"), d.abstained)}
                {card(t("topic.without_any"), t("topic.without_any_text"), d.unassigned)}
                {plain(t("topic.alpha"), t("topic.alpha_text"), d.alpha == null ? null : decimal(d.alpha, 2))}
                {plain(t("topic.alpha_heed"), t("topic.alpha_heed_text"), d.alpha_heed == null ? null : decimal(d.alpha_heed, 2))}
                {plain(t("topic.coverage"), t("topic.coverage_text"), d.coverage == null ? null : percent(d.coverage))}
            </div>
            {d.topics.length > 0 && (
                <section class="panel">
                    <h2>{t("topic.audit_each")}</h2>
                    <table class="stack" aria-label={t("topic.audit_each")}>
                        <Heads of={[t("topic.one"), t("topic.given"), t("topic.meant"), t("topic.both"), t("topic.precision"), t("topic.recall")]} numbers={[1, 2, 3, 4, 5]} />
                        <tbody>
                            {d.topics.map((x) => (
                                <tr key={x.topic}>
                                    <th scope="row">
                                        <a href={`/topics/${x.topic}`}>{x.name}</a>
                                    </th>
                                    <td class="number" data-label={t("topic.given")}>
                                        {count(x.given)}
                                    </td>
                                    <td class="number" data-label={t("topic.meant")}>
                                        {count(x.meant)}
                                    </td>
                                    <td class="number" data-label={t("topic.both")}>
                                        {count(x.both)}
                                    </td>
                                    <td class="number" data-label={t("topic.precision")}>
                                        <Estimate of={x.precision as Figure} unit="share" quiet label={`${x.name}: ${t("topic.precision")}`} text={t("topic.precision_text")} />
                                    </td>
                                    <td class="number" data-label={t("topic.recall")}>
                                        <Estimate of={x.recall as Figure} unit="share" quiet label={`${x.name}: ${t("topic.recall")}`} text={t("topic.recall_text")} />
                                    </td>
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </section>
            )}
        </>
    );
}
