// Segments: named rules over customers, made with a live count. And what customers are worth: models, back-test,
// concentration.
import { useState } from "preact/hooks";
import { api, may, Problem, type Page, type Shapes, take } from "../lib/api";
import { type Figure, figureOf, type Unit } from "../lib/figure";
import { count, day, percent, t, tn } from "../lib/i18n";
import { type UseLoad, useLoad } from "../lib/load";
import { go, query, setQuery } from "../lib/router";
import { toast } from "../lib/toast";
import { PageHead, Stack, Tabs } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Form, Text, useDraft } from "../ui/form";
import { labelOf as measureLabel } from "../ui/metric";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import CohortsTab from "./cohorts";
import { RuleHelp, RuleTry } from "./rule";
import { Said } from "../ui/said";

export default function Segments() {
    const tab = query("tab");
    const making = query("new") === "1";
    return (
        <>
            <PageHead title={t("nav.segments")} text={t("segment.text")}>
                {may("segments_write") && (
                    <button class="primary" onClick={() => setQuery({ new: "1" })}>
                        {t("segment.new")}
                    </button>
                )}
            </PageHead>
            <Tabs label={t("nav.segments")} tabs={[["segments", t("segment.tab")], ["value", t("value.tab")], ["cohorts", t("cohort.tab")], ["compare", t("segment.compare")]]} />
            {tab === "value" ? <Value /> : tab === "cohorts" ? <CohortsTab /> : tab === "compare" ? <Compare /> : <List />}
            {making && <NewSegment onClose={() => setQuery({ new: null }, true)} />}
        </>
    );
}

function List() {
    const list = useLoad("segments", (signal) => take(api.GET("/api/segments", { params: { query: { limit: 500 } }, signal })));
    return (
        <section class="panel">
            <Show
                of={list}
                empty={(d) =>
                    d.items.length ? null : (
                        <Empty title={t("segment.empty")} text={t("segment.empty_text")}>
                            {may("segments_write") ? <button class="primary" onClick={() => setQuery({ new: "1" })}>{t("segment.new")}</button> : undefined}
                        </Empty>
                    )
                }
            >
                {(d) => (
                    <ul class="rows">
                        {d.items.map((s) => (
                            <Row key={s.id} s={s} />
                        ))}
                    </ul>
                )}
            </Show>
        </section>
    );
}
function Row({ s }: { s: Shapes["segment"] }) {
    const n = useLoad(`segment count ${s.id} ${s.version}`, (signal) => take(api.GET("/api/segments/{id}/count", { params: { path: { id: s.id } }, signal })), ["fresh"]);
    return (
        <li>
            <div class="row spread">
                <a href={`/segments/${s.id}`}>
                    <strong>{s.name}</strong>
                </a>
                <span>{n.data ? t("segment.members", { n: count(n.data.members), of: count(n.data.of) }) : ""}</span>
            </div>
            <p class="muted">
                {s.about && `${s.about} · `}
                <code>{s.words}</code>
            </p>
        </li>
    );
}
function NewSegment({ onClose }: { onClose(): void }) {
    const [rule, setRule, sent] = useDraft("segment", "");
    const [name, setName] = useState("");
    const [about, setAbout] = useState("");
    const [good, setGood] = useState(false);
    return (
        <Dialog title={t("segment.new")} onClose={onClose} wide>
            <Form
                verb={t("segment.save")}
                ready={good}
                onCancel={onClose}
                onSend={async () => {
                    const s = await take(api.POST("/api/segments", { body: { name, about: about || undefined, rule } }));
                    sent();
                    toast(t("segment.saved", { name: s.name }));
                    go(`/segments/${s.id}`);
                }}
            >
                <Text label={t("segment.name")} value={name} onInput={setName} required max={100} />
                <Text label={t("segment.about")} value={about} onInput={setAbout} max={2000} />
                <Text label={t("segment.rule")} hint={t("segment.rule_hint")} value={rule} onInput={setRule} rows={3} required />
                <RuleTry rule={rule} onGood={setGood} />
                <RuleHelp onPick={(x) => setRule(rule ? `${rule} and ${x}` : x)} />
            </Form>
        </Dialog>
    );
}

// ---- one measure, segment beside segment ----

function Compare() {
    const charts = useCharts();
    const measures = useLoad("measures", (signal) => take(api.GET("/api/measures", { params: { query: { limit: 500 } }, signal })));
    const segments = useLoad("segments", (signal) => take(api.GET("/api/segments", { params: { query: { limit: 500 } }, signal })));
    const name = query("measure") || "nps";
    const by = query("by") || "segment";
    const m = measures.data?.items.find((x) => x.name === name);
    const rows = useLoad(
        `compare ${name} ${by} ${segments.data?.items.map((s) => s.id).join()}`,
        async (signal) => {
            if (by !== "ours") return (await take(api.GET("/api/measures/{name}", { params: { path: { name }, query: { by: by as "segment" } }, signal }))).rows.map((r) => ({ name: r.group || t("chart.all"), of: r.estimate as Figure }));
            const list = segments.data?.items ?? [];
            return Promise.all(list.slice(0, 12).map(async (s) => ({ name: s.name, of: (await take(api.GET("/api/measures/{name}", { params: { path: { name }, query: { segment: s.id } }, signal }))).rows[0]!.estimate as Figure })));
        },
        ["fresh"],
    );
    const splits = [...(m?.splits.filter((s) => s !== "month") ?? []), "ours"];
    const Dots = charts?.DotsChart;
    return (
        <section class="panel">
            <div class="filters">
                <label>
                    {t("segment.measure")}{" "}
                    <select value={name} onChange={(e) => setQuery({ measure: e.currentTarget.value })}>
                        {measures.data?.items.map((x) => (
                            <option key={x.name} value={x.name}>
                                {measureLabel(x)}
                            </option>
                        ))}
                    </select>
                </label>
                <label>
                    {t("segment.by")}{" "}
                    <select value={by} onChange={(e) => setQuery({ by: e.currentTarget.value })}>
                        {splits.map((s) => (
                            <option key={s} value={s}>
                                {t(`split.${s}` as "split.ours")}
                            </option>
                        ))}
                    </select>
                </label>
            </div>
            <Show of={rows} empty={(d) => (d.some((r) => r.of.value != null) ? null : <Empty title={t("state.nothing")} text={t("segment.compare_empty")} />)}>
                {(d) => (Dots && m ? <Dots title={measureLabel(m)} unit={m.unit as Unit} rows={d.slice(0, 30)} /> : null)}
            </Show>
        </section>
    );
}
// ---- what customers are worth ----

interface Trial { name: string; model: boolean; total: Figure; money: Figure; bias: number; mae: number; score: number; auc: number }
interface Buyers {
    currency: string;
    said: string;
    model?: { name: string; customers: number; repeat_buyers: number };
    totals?: { alive: Figure; buys: Figure; value: Figure };
    back_test?: { held_weeks: number; actual: number; actual_money: number; trials: Trial[] };
    concentration?: Record<"gini" | "top_1" | "top_5" | "top_10" | "top_20" | "half", Figure>;
    picture?: { repeats_seen: number[]; repeats_expected: number[] };
}
interface Contracts { state: string; why?: string; running: number; name?: string; n: number; lost: number; will_stay?: Figure; survival?: { months: number; share: Figure }[] }
interface Risk { state: string; why?: string; days?: number; auc?: Figure; n?: number; lost?: number; calibration?: { predicted: number; share: Figure }[] }

function Value() {
    const charts = useCharts();
    const report = useLoad("value report", async (signal) => {
        try {
            return await take(api.GET("/api/value", { signal }));
        } catch (x) {
            if (x instanceof Problem && x.status === 404) return null;
            throw x;
        }
    }, ["job"]);
    const fit = async () => {
        await take(api.POST("/api/value", { body: {} }));
        toast(t("value.fitting"));
    };
    return (
        <Show
            of={report as UseLoad<Shapes["value_report"]>}
            lines={8}
            empty={(d) =>
                d ? null : (
                    <Empty title={t("value.empty")} text={t("value.empty_text")}>
                        {may("settings_write") ? <button class="primary" onClick={() => void fit()}>{t("value.fit")}</button> : undefined}
                    </Empty>
                )
            }
        >
            {(d) => {
                const contracts = d.contracts as Contracts | null;
                const risk = d.risk as Risk | null;
                return (
                    <>
                        <p class="muted">{t("value.of", { day: day(d.as_of), days: count(d.horizon_days), n: count(d.customers), discount: percent(d.discount), margin: percent(d.margin) })}</p>
                        {[...(d.buyers as unknown as Buyers[])].sort((a, b) => (b.model?.customers ?? 0) - (a.model?.customers ?? 0)).map((b, i) => {
                            const part = <BuyersPart key={b.currency} b={b} days={d.horizon_days} charts={charts} asOf={d.as_of} />;
                            return i ? <details key={b.currency} class="panel"><summary>{t("value.buyers", { currency: b.currency })}</summary>{part}</details> : part;
                        })}
                        {contracts && (
                            <section class="panel">
                                <h2>{t("value.contracts")}</h2>
                                {contracts.state === "refused" || !contracts.survival ? (
                                    <p class="note"><Said text={contracts.why} /></p>
                                ) : (
                                    <>
                                        <p>
                                            {t("value.contracts_text", { running: count(contracts.running), n: count(contracts.n), lost: count(contracts.lost) })}{" "}
                                            {contracts.will_stay && <Estimate of={contracts.will_stay} unit="number" label={t("value.will_stay")} text={t("value.will_stay_text")} asOf={d.as_of} />}
                                        </p>
                                        {charts && <charts.SurvivalChart title={t("value.survival")} points={contracts.survival} />}
                                    </>
                                )}
                            </section>
                        )}
                        {risk && (risk.state === "refused" || risk.why) && (
                            <section class="panel">
                                <h2>{t("worth.risk")}</h2>
                                <p class="note">{risk.why}</p>
                            </section>
                        )}
                        {may("customers_read") && <Best />}
                    </>
                );
            }}
        </Show>
    );
}
function BuyersPart({ b, days, charts, asOf }: { b: Buyers; days: number; charts: ReturnType<typeof useCharts>; asOf: string }) {
    const unit = { currency: b.currency };
    const tops = b.concentration && ([[0.01, b.concentration.top_1], [0.05, b.concentration.top_5], [0.1, b.concentration.top_10], [0.2, b.concentration.top_20]] as const).map(([top, share]) => ({ top, share }));
    const best = b.back_test?.trials.find((x) => x.name === b.model?.name);
    return (
        <>
            <section class="panel">
                <h2>{t("value.buyers", { currency: b.currency })}</h2>
                {b.totals ? (
                    <div class="figures">
                        <div>
                            <h3>{tn("value.total", days)}</h3>
                            <Estimate of={b.totals.value} unit={unit} big label={tn("value.total", days)} text={t("worth.value_text")} asOf={asOf} />
                        </div>
                        <div>
                            <h3>{t("value.alive")}</h3>
                            <Estimate of={b.totals.alive} unit="number" big label={t("value.alive")} text={t("worth.alive_text")} asOf={asOf} />
                        </div>
                        <div>
                            <h3>{tn("value.buys", days)}</h3>
                            <Estimate of={b.totals.buys} unit="number" big label={tn("value.buys", days)} text={t("worth.buys_text")} asOf={asOf} />
                        </div>
                    </div>
                ) : null}
                <p class="muted">{b.said}</p>
            </section>
            <div class="halves">
                {tops && charts && (
                    <section class="panel">
                        <charts.ConcentrationChart title={t("value.concentration")} points={tops} />
                    </section>
                )}
                {b.picture && charts && (
                    <section class="panel">
                        <charts.BarsChart title={t("value.repeats")} softLabel={t("value.model")} label={t("value.seen")} rows={b.picture.repeats_seen.map((n, i) => ({ name: i === b.picture!.repeats_seen.length - 1 ? tn("value.repeat_more", i) : tn("value.repeat", i), n, soft: b.picture!.repeats_expected[i] }))} />
                    </section>
                )}
            </div>
            {b.back_test && best && (
                <section class="panel">
                    <h2>{t("value.back_test")}</h2>
                    <p class="muted">{t("value.back_test_text", { weeks: count(b.back_test.held_weeks) })}</p>
                    <Stack name={t("value.back_test")} heads={[t("value.model"), t("value.foretold"), t("value.off_by")]} numbers={[2]}>
                        <tr>
                            <th scope="row">{t("value.happened")}</th>
                            <td>
                                <strong>{count(b.back_test.actual)}</strong>
                            </td>
                            <td />
                        </tr>
                        {b.back_test.trials.map((x) => (
                            <tr key={x.name}>
                                <th scope="row">
                                    {x.name} {x.name === b.model?.name && <span class="tag good">{t("value.used")}</span>}
                                </th>
                                <td data-label={t("value.foretold")}>
                                    <Estimate of={x.total} unit="number" quiet label={x.name} text={t("value.back_test_text", { weeks: count(b.back_test!.held_weeks) })} />
                                </td>
                                <td class="number" data-label={t("value.off_by")}>
                                    {percent(x.bias)}
                                </td>
                            </tr>
                        ))}
                    </Stack>
                </section>
            )}
        </>
    );
}
function Best() {
    const sort = query("best") === "risk" ? "risk" : "value";
    const list = usePaged<Shapes["worth"]>(`best ${sort}`, (after, signal) => take(api.GET("/api/value/customers", { params: { query: { sort, after, limit: 25 } }, signal })) as Promise<Page<Shapes["worth"]>>);
    return (
        <section class="panel">
            <h2>{t("value.best_customers")}</h2>
            <div class="filters">
                <button class="chip" aria-pressed={sort === "value"} onClick={() => setQuery({ best: null }, true)}>
                    {t("value.by_value")}
                </button>
                <button class="chip" aria-pressed={sort === "risk"} onClick={() => setQuery({ best: "risk" }, true)}>
                    {t("value.by_risk")}
                </button>
            </div>
            <Listed of={list} empty={<p class="muted">{t("state.nothing")}</p>}>
                {(rows) => (
                    <Stack name={t("value.best_customers")} heads={[t("value.customer"), t("value.expected"), t("worth.alive"), t("worth.risk")]}>
                        {rows.map((w) => (
                            <tr key={w.customer}>
                                <th scope="row">
                                    <a href={`/customers/${w.customer}`}>
                                        {w.name ?? t("value.customer_no", { id: w.customer })}
                                    </a>
                                </th>
                                <td data-label={t("value.expected")}>{w.value && <Estimate of={figureOf(w.value)} unit={{ currency: w.currency }} quiet label={t("value.expected")} text={t("worth.value_text")} />}</td>
                                <td data-label={t("worth.alive")}>{(w.alive ?? w.stays) && <Estimate of={figureOf(w.alive ?? w.stays)} unit="share" quiet label={t("worth.alive")} text={t("worth.alive_text")} />}</td>
                                <td data-label={t("worth.risk")}>{w.risk && <Estimate of={figureOf(w.risk)} unit="share" quiet label={t("worth.risk")} text={t("worth.risk_text")} />}</td>
                            </tr>
                        ))}
                    </Stack>
                )}
            </Listed>
        </section>
    );
}
