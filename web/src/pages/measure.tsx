// One measure: what it says, over time, beside others, and the rows behind it.
import { api, may, take } from "../lib/api";
import type { Change, Figure, Unit, Verdict } from "../lib/figure";
import { t, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import type { PageProps } from "../pages";
import { PageHead } from "../ui/bits";
import { Estimate, VerdictWord } from "../ui/estimate";
import { Evidence } from "../ui/evidence";
import { labelOf, unitOf } from "../ui/metric";
import { Show } from "../ui/states";
import { Trend, useCharts } from "../ui/trend";
import { Cohorts } from "./cohorts";
import { said } from "../lib/said";

const spans = ["3m", "12m", "24m", "60m"];

export default function MeasurePage({ params }: PageProps) {
    const name = params.name!;
    const since = spans.includes(query("since")) ? query("since") : "12m";
    const one = useLoad(`measure ${name} ${since}`, (signal) => take(api.GET("/api/measures/{name}", { params: { path: { name }, query: { since } }, signal })), ["fresh"]);
    const defined = useLoad("measures", (signal) => take(api.GET("/api/measures", { params: { query: { limit: 500 } }, signal })));
    const m = defined.data?.items.find((x) => x.name === name);
    return (
        <Show of={one} lines={8}>
            {(d) => {
                const p = d.rows[0]!;
                const unit = unitOf(d);
                return (
                    <>
                        <PageHead title={labelOf(d)} text={said(d.text) ?? d.text}>
                            <select aria-label={t("home.period")} value={since} onChange={(e) => setQuery({ since: e.currentTarget.value })}>
                                {spans.map((s) => (
                                    <option key={s} value={s}>
                                        {t(`measure.since_${s}` as "measure.since_3m")}
                                    </option>
                                ))}
                            </select>
                        </PageHead>
                        <section class="panel">
                            <p class="row">
                                <Estimate of={p.estimate as Figure} unit={unit} big label={labelOf(d)} text={`${said(d.text) ?? d.text} (${d.formula})`} period={[p.since, p.until]} asOf={d.now} before={p.before as Figure | null} change={p.change as Change | null} verdict={p.verdict as Verdict} />
                                <VerdictWord verdict={p.verdict as Verdict} before={p.before as Figure | null} unit={unit} why={p.estimate.why} />
                            </p>
                            <Trend name={name} title={t("measure.by_month")} unit={unit} since={since} />
                        </section>
                        {name === "still_here" && <Cohorts of="still_here" title={t("cohort.still_here_title")} />}
                        {name === "repeat" && <Cohorts of="bought" title={t("cohort.bought_title")} />}
                        {m && <div class="halves">{m.splits.filter((s) => s !== "month").map((s) => <Split key={s} name={name} by={s} unit={unit} since={since} />)}</div>}
                        {p.evidence && may("customers_read") && (
                            <section class="panel">
                                <Evidence id={p.evidence} most={20} top />
                            </section>
                        )}
                    </>
                );
            }}
        </Show>
    );
}
function Split({ name, by, unit, since }: { name: string; by: string; unit: Unit; since: string }) {
    const charts = useCharts();
    const rows = useLoad(`measure ${name} ${by} ${since}`, (signal) => take(api.GET("/api/measures/{name}", { params: { path: { name }, query: { by: by as "channel", since } }, signal })));
    const shown = rows.data?.rows.filter((r) => r.estimate.value != null) ?? [];
    if (!charts || shown.length < 2) return null;
    const label = (g: string) => (by === "channel" ? tr(`channel.${g}`, g) : g) || t("chart.none");
    return (
        <section class="panel">
            <charts.DotsChart title={t(`split.${by}` as "split.channel")} unit={unit} rows={shown.slice(0, 16).map((r) => ({ name: label(r.group), of: r.estimate as Figure }))} />
        </section>
    );
}
