// What is rising: words said by more people than usual, segments that speak of other things than before, and what is new.
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, day, percent, t, tn } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { Heads, When } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Empty, Show } from "../ui/states";
import { linkOf } from "./priorities";
import { FindThemes } from "./theme_find";

export default function Rising() {
    const all = useLoad("themes rising", (signal) => take(api.GET("/api/rising", { signal })), ["themes"]);
    return (
        <Show
            of={all}
            lines={8}
            empty={(d) =>
                d.made ? null : (
                    <Empty title={t("rising.never")} text={t("rising.never_text")}>
                        <FindThemes />
                    </Empty>
                )
            }
        >
            {(d) => (
                <>
                    <p class="muted">
                        {tn("rising.watched", d.watched)} <When at={d.made} />
                    </p>
                    <section class="panel">
                        <h2>{t("rising.bursts")}</h2>
                        <p class="muted">{t("rising.bursts_text")}</p>
                        {d.bursts.length ? (
                            <ul class="rows">
                                {d.bursts.map((b) => (
                                    <Burst key={b.id} b={b} />
                                ))}
                            </ul>
                        ) : (
                            <p>{t("rising.bursts_none")}</p>
                        )}
                    </section>
                    <section class="panel">
                        <h2>{t("rising.emerging")}</h2>
                        <p class="muted">{tn("rising.tested", d.tested)}</p>
                        {d.emerging.length ? <Emerging of={d.emerging} /> : <p>{t("rising.emerging_none")}</p>}
                    </section>
                    <Drift of={d.drift} />
                </>
            )}
        </Show>
    );
}
function Burst({ b }: { b: Shapes["burst"] }) {
    const w = b.windows.find((x) => x.rising) ?? b.windows[0];
    const seen = () =>
        void take(api.POST("/api/bursts/{id}/seen", { params: { path: { id: b.id } }, headers: ifMatch(b.version) })).then(() => (forget("themes"), forget("priorit"), toast(t("rising.was_seen"))), toastProblem);
    return (
        <li>
            <p class="row spread">
                <span>
                    <a href={linkOf(b.about)}>
                        <strong>{b.about.name}</strong>
                    </a>{" "}
                    {b.segment_name && <span class="tag">{b.segment_name}</span>} {b.alarm && <span class="tag bad">▲ {t("rising.alarm")}</span>}
                </span>
                <span class="muted">
                    {day(b.since)} – {day(b.until)}
                </span>
            </p>
            {w && (
                <p>
                    {tn("rising.seen_people", w.seen, { days: count(w.days) })} <span class="muted">{t("rising.usual")}</span> <Estimate of={w.expected as Figure} unit="number" label={t("rising.expected")} text={t("rising.expected_text")} evidence={b.evidence} quiet />
                    {b.copied > 0.2 && <span class="muted"> · {t("rising.copied", { share: percent(b.copied) })}</span>}
                </p>
            )}
            {b.example && <p class="said clip">{b.example}</p>}
            {b.state === "open" && may("topics_write") && (
                <p class="no-print">
                    <button class="link" onClick={seen}>
                        {t("rising.mark_seen")}
                        <span class="hidden"> {b.about.name}</span>
                    </button>
                </p>
            )}
            {b.state === "seen" && b.by && <p class="muted">{t("rising.seen_by", { who: b.by })}</p>}
        </li>
    );
}
function Emerging({ of }: { of: Shapes["emerging"][] }) {
    return (
        <table class="stack">
            <caption class="hidden">{t("rising.emerging")}</caption>
            <Heads of={[t("prio.what"), t("rising.now"), t("rising.before"), t("rising.chance")]} numbers={[1, 2, 3]} />
            <tbody>
                {of.map((x) => (
                    <tr key={x.about.kind + x.about.id}>
                        <th scope="row">
                            <a href={linkOf(x.about)}>{x.about.name}</a> {x.fresh && <span class="tag">{t("rising.fresh")}</span>}
                            {x.example && <p class="said clip">{x.example}</p>}
                        </th>
                        <td class="number" data-label={t("rising.now")}>
                            {percent(x.share, 1)} <small>{tn("rising.people", x.people)}</small>
                        </td>
                        <td class="number" data-label={t("rising.before")}>
                            {percent(x.share_before, 1)} <small>{tn("rising.people", x.people_before)}</small>
                        </td>
                        <td class="number" data-label={t("rising.chance")}>
                            {x.p < 0.001 ? "< 0.1 %" : percent(x.p, 1)}
                        </td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}
function Drift({ of }: { of: Shapes["drift"][] }) {
    const told = of.filter((x) => x.state === "ok");
    if (!told.length) return null;
    return (
        <section class="panel">
            <h2>{t("rising.drift")}</h2>
            <p class="muted">{t("rising.drift_text")}</p>
            <ul class="rows">
                {told.slice(0, 10).map((x) => (
                    <li key={x.segment ?? 0}>
                        <p class="row spread">
                            <strong>{x.segment_name ?? t("rising.everybody")}</strong>
                            <span class={x.drifts ? "bad" : "muted"}>{t(x.drifts ? "rising.drifts" : "rising.steady")}</span>
                        </p>
                        {x.drifts && (
                            <ul class="chips">
                                {x.parts.slice(0, 4).map((p) => (
                                    <li key={p.about.kind + p.about.id} class="tag">
                                        <a href={linkOf(p.about)}>{p.about.name}</a> {percent(p.before)} → {percent(p.now)}
                                    </li>
                                ))}
                            </ul>
                        )}
                    </li>
                ))}
            </ul>
        </section>
    );
}
