// Who stays: those who began in the same month, below one another, after each month since.
import { api, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, month, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { Empty, Show, Skeleton } from "../ui/states";
import { useCharts } from "../ui/trend";

type Of = "still_here" | "bought";
const spans = ["12", "24", "36"];

export function Cohorts({ of, title }: { of: Of; title: string }) {
    const charts = useCharts();
    const months = spans.includes(query("months")) ? query("months") : "12";
    const segment = query("segment");
    const segments = useLoad("segments", (signal) => take(api.GET("/api/segments", { params: { query: { limit: 500 } }, signal })));
    const all = useLoad(`cohorts ${of} ${months} ${segment}`, (signal) => take(api.GET("/api/cohorts", { params: { query: { of, months: Number(months), segment: segment ? Number(segment) : undefined } }, signal })), ["fresh"]);
    return (
        <section class="panel">
            <div class="filters">
                <select aria-label={t("cohort.months")} value={months} onChange={(e) => setQuery({ months: e.currentTarget.value === "12" ? null : e.currentTarget.value }, true)}>
                    {spans.map((s) => (
                        <option key={s} value={s}>
                            {tn("cohort.last", Number(s))}
                        </option>
                    ))}
                </select>
                <select aria-label={t("customers.segment")} value={segment} onChange={(e) => setQuery({ segment: e.currentTarget.value || null }, true)}>
                    <option value="">{t("customers.all_segments")}</option>
                    {segments.data?.items.map((s) => (
                        <option key={s.id} value={s.id}>
                            {s.name}
                        </option>
                    ))}
                </select>
            </div>
            <Show of={all} lines={10} empty={(d) => (d.rows.length ? null : <Empty title={t("state.nothing")} text={t("cohort.empty")} />)}>
                {(d) => {
                    const cells = (row: (typeof d.rows)[number]["cells"]) => row.map((c) => ({ of: c.estimate as Figure, running: c.running }));
                    const rows = [{ name: t("chart.all"), n: d.all.customers, cells: cells(d.all.cells).slice(0, Number(months) + 1) }, ...d.rows.map((r) => ({ name: month(new Date(r.since).getTime() + 864e5), n: r.customers, cells: cells(r.cells) }))];
                    return charts ? <charts.CohortChart title={title} unit="share" rows={rows} /> : <Skeleton lines={10} />;
                }}
            </Show>
            {of === "still_here" && all.data && all.data.rows.length > 0 && all.data.silent_days != null && <small>{t("cohort.silent", { n: count(all.data.silent_days) })}</small>}
        </section>
    );
}

export default function CohortsTab() {
    const of: Of = query("of") === "bought" ? "bought" : "still_here";
    return (
        <>
            <p class="row">
                {(["still_here", "bought"] as const).map((x) => (
                    <button key={x} class="chip" aria-pressed={x === of} onClick={() => setQuery({ of: x === "bought" ? x : null }, true)}>
                        {t(`cohort.${x}`)}
                    </button>
                ))}
            </p>
            <Cohorts key={of} of={of} title={t(`cohort.${of}_title`)} />
        </>
    );
}
