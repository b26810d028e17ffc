// One theme or topic: how much it matters by each way to count, the words behind each figure, and what was decided.
import { useEffect, useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, decimal, percent, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import type { PageProps } from "../pages";
import { Facts, PageHead, When } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Quotes } from "../ui/quotes";
import { Spark } from "../ui/spark";
import { Show } from "../ui/states";
import { Lenses, linkOf, Marks, Move, type Priority, type StandName } from "./priorities";
import { Theme } from "./theme";

export default function PriorityPage({ params }: PageProps) {
    const path = { kind: params.kind as "theme", id: Number(params.id) };
    const one = useLoad(`priority ${params.kind} ${params.id}`, (signal) => take(api.GET("/api/priorities/{kind}/{id}", { params: { path }, signal })), ["themes"]);
    useEffect(() => {
        if (one.data) document.title = `${one.data.priority.about.name} · heed`;
    }, [one.data?.priority.about.name]);
    return (
        <Show of={one} lines={10}>
            {(d) => <Whole d={d} />}
        </Show>
    );
}

function Whole({ d }: { d: Shapes["priority_page"] }) {
    const p = d.priority;
    const [moving, setMoving] = useState(false);
    return (
        <>
            <PageHead title={p.about.name} text={t(p.about.kind === "topic" ? "prio.topic_text" : "prio.theme_text")}>
                {p.about.kind === "topic" && (
                    <a class="button" href={`/topics/${p.about.id}`}>
                        {t("prio.to_topic")}
                    </a>
                )}
                {may("topics_write") && (
                    <button class="primary" onClick={() => setMoving(true)}>
                        {t("prio.decide")}
                    </button>
                )}
            </PageHead>
            <p>
                <Marks p={p} />
            </p>
            {p.held_why && <p class="note">{p.held_why}</p>}
            <Figures p={p} />
            <div class="halves">
                <section class="panel">
                    <h2>{t("prio.lenses_title")}</h2>
                    <p class="muted">{t("prio.lenses_text")}</p>
                    <Lenses p={p} />
                    {p.apart != null && p.apart > 0 && <p>{tn("prio.apart", p.apart)}</p>}
                </section>
                <section class="panel">
                    <h2>{t("prio.need_title")}</h2>
                    <p>
                        <Estimate of={p.persistence.index as Figure} unit="number" label={t("prio.need_title")} text={t("prio.need_text")} evidence={p.evidence} />
                    </p>
                    <Facts
                        rows={[
                            [t("prio.lasting"), t("prio.lasting_of", { n: count(p.persistence.weeks), of: count(p.persistence.weeks_since) })],
                            [t("prio.broad"), decimal(p.persistence.broad, 2)],
                            [t("prio.own"), decimal(p.persistence.own, 2)],
                            [t("prio.copied"), percent(p.persistence.copied)],
                        ]}
                    />
                </section>
            </div>
            <Impact of={p.impact} />
            {p.about.kind === "theme" && may("customers_read") && <Theme id={p.about.id} />}
            <Quotes of={d.quotes} title={t("prio.quotes")} text={t("prio.quotes_text")} />
            <Quotes of={d.unhappy} title={t("prio.quotes_unhappy")} />
            <Quotes of={d.valuable} title={t("prio.quotes_valuable")} />
            <Quotes of={d.newest} title={t("prio.quotes_newest")} />
            <Parts of={d.parts} />
            <Decided of={d.history} />
            {moving && <Move p={p} to={p.stand.state as StandName} onClose={() => setMoving(false)} />}
        </>
    );
}

function Figures({ p }: { p: Priority }) {
    const money = { currency: p.currency || "EUR" };
    const e = p.evidence;
    const all: [string, preact.ComponentChildren][] = [
        [t("prio.people"), <Estimate key="p" big of={p.people as Figure} unit="number" label={t("prio.people")} text={t("prio.people_text")} evidence={e} />],
        [t("prio.value"), <Estimate key="v" big of={p.value as Figure} unit={money} label={t("prio.value")} text={t("prio.value_text")} evidence={e} />],
        [t("prio.unhappy"), <Estimate key="s" big of={p.severity as Figure} unit="share" label={t("prio.unhappy")} text={t("prio.unhappy_text")} evidence={e} />],
        [t("prio.trend"), <Estimate key="t" big of={p.trend as Figure} unit="number" label={t("prio.trend")} text={t("prio.trend_text")} evidence={e} />],
        [t("prio.size"), <Estimate key="z" big of={p.size as Figure} unit={money} label={t("prio.size")} text={t("prio.size_text")} evidence={e} />],
    ];
    return (
        <div class="cards">
            {all.map(([name, figure]) => (
                <section key={name} class="card">
                    <h2>{name}</h2>
                    {figure}
                </section>
            ))}
            <section class="card">
                <h2>{t("prio.half_year")}</h2>
                <Spark of={p.weeks} />
                {p.rank != null && <p class="muted">{p.rank_lo === p.rank_hi ? t("prio.rank", { n: count(p.rank) }) : t("prio.rank_range", { n: count(p.rank), lo: count(p.rank_lo ?? p.rank), hi: count(p.rank_hi ?? p.rank) })}</p>}
            </section>
        </div>
    );
}
function Impact({ of }: { of: Shapes["impact"][] }) {
    if (!of.length) return null;
    return (
        <section class="panel">
            <h2>{t("prio.impact")}</h2>
            <p class="muted">{t("prio.impact_text")}</p>
            <ul class="rows">
                {of.map((x) => (
                    <li key={x.score} class="row spread">
                        <strong>{x.score.toUpperCase()}</strong>
                        <span>
                            <Estimate of={x.points as Figure} unit="points" label={t("prio.impact_part", { score: x.score.toUpperCase() })} text={t("prio.impact_text")} evidence={x.evidence} />
                        </span>
                        <small class="muted">{tn("prio.answers", x.answers)}</small>
                    </li>
                ))}
            </ul>
        </section>
    );
}
function Parts({ of }: { of: Priority[] }) {
    if (!of.length) return null;
    return (
        <section class="panel">
            <h2>{t("prio.parts")}</h2>
            <ul class="rows">
                {of.map((p) => (
                    <li key={p.about.id} class="row spread">
                        <a href={linkOf(p.about)}>{p.about.name}</a>
                        <Spark of={p.weeks} />
                        <Estimate of={p.people as Figure} unit="number" label={t("prio.people")} text={t("prio.people_text")} evidence={p.evidence} />
                    </li>
                ))}
            </ul>
        </section>
    );
}
function Decided({ of }: { of: Shapes["stand"][] }) {
    if (!of.length) return null;
    return (
        <section class="panel">
            <h2>{t("prio.history")}</h2>
            <ol class="rows">
                {of.map((s) => (
                    <li key={s.version}>
                        <p class="row spread">
                            <strong>{t(`prio.stand_${s.state as StandName}`)}</strong>
                            <span class="muted">
                                <When at={s.at} /> {s.by}
                            </span>
                        </p>
                        {s.decided_by && <p>{t("prio.decided", { who: s.decided_by })}</p>}
                        {s.why && <p>{s.why}</p>}
                        {s.dissent && (
                            <p class="muted">
                                {t("prio.dissent")}: {s.dissent}
                            </p>
                        )}
                    </li>
                ))}
            </ol>
        </section>
    );
}
