// The brief of a month, a quarter or a year, made for paper: what you see is what is printed.
import { api, may, take } from "../lib/api";
import type { Figure, Verdict } from "../lib/figure";
import { count, day, dayTime, money, percent, t, tn, tr, zoneName } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { PageHead, Stack } from "../ui/bits";
import { Estimate, VerdictWord } from "../ui/estimate";
import { labelOf, type Today, unitOf } from "../ui/metric";
import { Empty, Show } from "../ui/states";
import { Trend } from "../ui/trend";
import { Said } from "../ui/said";

const periods = ["7", "30", "90", "365"];

export default function Report() {
    const days = periods.includes(query("days")) ? query("days") : "30";
    const today = useLoad(`today ${days} report`, (signal) => take(api.GET("/api/today", { params: { query: { days: Number(days), most: 10 } }, signal })));
    const nothing = today.data ? !today.data.customers : true;
    return (
        <>
            <PageHead title={t("report.title")} text={today.data && t("report.period", { from: day(today.data.since), to: day(today.data.now), zone: zoneName(), at: dayTime(today.data.now) })}>
                <select aria-label={t("home.period")} value={days} onChange={(e) => setQuery({ days: e.currentTarget.value })}>
                    {periods.map((p) => (
                        <option key={p} value={p}>
                            {tn("home.days", Number(p))}
                        </option>
                    ))}
                </select>
                <button class="primary" disabled={nothing} title={nothing ? t("report.nothing") : undefined} onClick={() => print()}>
                    {t("report.print")}
                </button>
            </PageHead>
            <Show of={today} lines={10} empty={(d) => (d.customers ? null : <Empty title={t("state.nothing")} text={t("report.nothing")} />)}>
                {(d) => <Brief d={d} />}
            </Show>
        </>
    );
}
function Brief({ d }: { d: Today }) {
    const known = d.measures.filter((m) => m.now.value != null);
    const changed = known.filter((m) => m.verdict === "better" || m.verdict === "worse");
    const counts = d.need_counts as Record<string, number>;
    return (
        <>
            <section class="panel">
                <h2>{t("report.short")}</h2>
                <ul class="rows">
                    {changed.length ? (
                        changed.map((m) => (
                            <li key={m.name}>
                                <strong>{labelOf(m)}</strong> <VerdictWord verdict={m.verdict as Verdict} before={m.before as Figure} unit={unitOf(m)} />
                            </li>
                        ))
                    ) : (
                        <li>{t("report.no_change")}</li>
                    )}
                    {Object.entries(counts).map(([n, x]) => (x ? <li key={n}>{tr(`need.${n}`, n)}: {count(x)}</li> : null))}
                    {d.rising.slice(0, 3).map((r) => (
                        <li key={r.evidence}>{t("report.rising", { term: r.term, now: percent(r.share, 1), before: percent(r.share_before, 1) })}</li>
                    ))}
                </ul>
            </section>
            <section class="panel">
                <h2>{t("report.measures")}</h2>
                <Stack name={t("report.measures")} heads={[t("report.measure"), t("report.figure"), t("report.change")]}>
                    {known.map((m) => (
                        <tr key={m.name}>
                            <th scope="row">{labelOf(m)}</th>
                            <td>
                                <Estimate of={m.now as Figure} unit={unitOf(m)} label={labelOf(m)} measure={m.name} evidence={m.evidence} before={m.before as Figure} change={m.change as never} verdict={m.verdict as Verdict} period={[d.since, d.now]} asOf={d.now} />
                            </td>
                            <td>
                                <VerdictWord verdict={m.verdict as Verdict} before={m.before as Figure} unit={unitOf(m)} />
                            </td>
                        </tr>
                    ))}
                </Stack>
            </section>
            <div class="halves">
                {known.slice(0, 6).map((m) => (
                    <section class="panel" key={m.name}>
                        <Trend name={m.name} title={labelOf(m)} unit={unitOf(m)} />
                    </section>
                ))}
            </div>
            {may("customers_read") && d.needs.length > 0 && (
                <section class="panel">
                    <h2>{t("home.needs")}</h2>
                    <Stack name={t("home.needs")} heads={[t("customers.name"), t("report.why"), t("report.since"), t("report.at_stake")]} numbers={[3]}>
                        {d.needs.map((x) => (
                            <tr key={`${x.need} ${x.customer}`}>
                                <th scope="row">
                                    <a href={`/customers/${x.customer}`}>{x.name}</a>
                                </th>
                                <td>{tr(`need.${x.need}`, x.need)}</td>
                                <td>{day(x.since)}</td>
                                <td class="number">{x.at_stake && x.at_stake.value > 0 ? money(x.at_stake, 0) : ""}</td>
                            </tr>
                        ))}
                    </Stack>
                </section>
            )}
            <section class="panel">
                <h2>{t("report.notes")}</h2>
                <p>{t("report.notes_text")}</p>
                <dl class="facts">
                    {known.map((m) => (
                        <div key={m.name}>
                            <dt>{labelOf(m)}</dt>
                            <dd>
                                {m.now.method}, n = {count(m.now.n)}
                            </dd>
                        </div>
                    ))}
                    {d.could_not_tell.map((x) => (
                        <div key={x.what}>
                            <dt>{x.what}</dt>
                            <dd><Said text={x.why} /></dd>
                        </div>
                    ))}
                </dl>
            </section>
        </>
    );
}
