// The themes that were found: what customers speak of without anybody having named it, and topics that may be missing.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, t, tn } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Heads, When } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Spark } from "../ui/spark";
import { Empty, NothingFound, Show } from "../ui/states";
import { ToTopic } from "./theme";
import { FindThemes } from "./theme_find";

type Theme = Shapes["theme"];
const states = ["lives", "quiet", "away", "merged", "topic"] as const;

export default function Themes() {
    const state = (query("state") || "lives") as (typeof states)[number];
    const stand = useLoad("themes standing", (signal) => take(api.GET("/api/themes/standing", { signal })), ["themes", "job"]);
    const list = usePaged<Theme>(`themes ${state}`, (after, signal) => take(api.GET("/api/themes", { params: { query: { state, after, limit: 50 } }, signal })) as Promise<Page<Theme>>, ["themes"]);
    return (
        <>
            <Show of={stand}>{(s) => <Standing s={s} />}</Show>
            <Hints />
            <section class="panel">
                <div class="panel-head">
                    <h2>{t("prio.themes_tab")}</h2>
                    <label class="row no-print">
                        {t("theme.state")}
                        <select value={state} onChange={(e) => setQuery({ state: e.currentTarget.value === "lives" ? "" : e.currentTarget.value })}>
                            {states.map((s) => (
                                <option key={s} value={s}>
                                    {t(`theme.state_${s}`)}
                                </option>
                            ))}
                        </select>
                    </label>
                </div>
                <Listed of={list} lines={8} empty={state === "lives" ? <Empty title={t("theme.none")} text={t("theme.none_text")} /> : <NothingFound clear={() => setQuery({ state: "" })} />}>
                    {(rows) => (
                        <table class="stack">
                            <caption class="hidden">{t("prio.themes_tab")}</caption>
                            <Heads of={[t("prio.a_theme"), t("prio.people"), t("prio.unhappy"), t("prio.trend"), t("prio.half_year")]} numbers={[1, 2, 3]} />
                            <tbody>
                                {rows.map((x) => (
                                    <Row key={x.id} x={x} />
                                ))}
                            </tbody>
                        </table>
                    )}
                </Listed>
            </section>
            <SaidLog />
        </>
    );
}
function Row({ x }: { x: Theme }) {
    return (
        <tr>
            <th scope="row">
                <a href={`/priorities/theme/${x.id}`}>{x.name}</a> {x.pinned && <span class="tag">{t("theme.pinned")}</span>} {x.bursting && <span class="tag bad">▲ {t("prio.bursting")}</span>}
                {x.topic_name && <small class="muted"> {t("theme.inside", { topic: x.topic_name })}</small>}
                <p class="muted said clip">{x.example}</p>
            </th>
            <td class="number" data-label={t("prio.people")}>
                <Estimate of={x.people as Figure} unit="number" label={`${x.name}: ${t("prio.people")}`} text={t("prio.people_text")} evidence={x.evidence} quiet />
            </td>
            <td class="number" data-label={t("prio.unhappy")}>
                <Estimate of={x.severity as Figure} unit="share" label={`${x.name}: ${t("prio.unhappy")}`} text={t("prio.unhappy_text")} evidence={x.evidence} quiet />
            </td>
            <td class="number" data-label={t("prio.trend")}>
                <Estimate of={x.trend as Figure} unit="number" label={`${x.name}: ${t("prio.trend")}`} text={t("prio.trend_text")} evidence={x.evidence} quiet />
            </td>
            <td data-label={t("prio.half_year")}>
                <Spark of={x.weeks} />
            </td>
        </tr>
    );
}
function Standing({ s }: { s: Shapes["themes_standing"] }) {
    return (
        <div class="note">
            <p>
                {s.made ? (
                    <>
                        {tn("theme.looked", s.words)} <When at={s.made} />. {s.waiting > 0 && tn("theme.waiting", s.waiting)}
                    </>
                ) : (
                    t("theme.never")
                )}
            </p>
            <FindThemes running={s.running} />
            {s.weaker && <p>⚠ {t("theme.weaker")}</p>}
        </div>
    );
}
// Topics that may be missing, and topics that are two things.
function Hints() {
    const hints = useLoad("themes hints", (signal) => take(api.GET("/api/themes/hints", { signal })), ["themes"]);
    const [making, setMaking] = useState<Shapes["theme_hint"] | null>(null);
    if (!hints.data?.hints.length) return null;
    return (
        <section class="panel">
            <h2>{t("theme.hints")}</h2>
            <p class="muted">{t("theme.hints_text")}</p>
            <ul class="rows">
                {hints.data.hints.slice(0, 8).map((h) => (
                    <li key={h.kind + h.name + h.topic}>
                        <p class="row spread">
                            <span>
                                <strong>{h.name}</strong> {h.kind === "split" && h.topic_name && <small class="muted">{t("theme.hint_split", { topic: h.topic_name })}</small>}
                            </span>
                            <span class="muted">{tn("theme.hint_people", h.people)}</span>
                        </p>
                        {h.examples[0] && (
                            <p class="said clip" lang={h.examples[0].lang ?? ""}>
                                {h.examples[0].words}
                            </p>
                        )}
                        <p class="row no-print">
                            {h.kind === "new" && h.theme && may("topics_write") && (
                                <button onClick={() => setMaking(h)}>
                                    {t("theme.to_topic")}
                                    <span class="hidden"> {h.name}</span>
                                </button>
                            )}
                            {h.kind === "split" && h.topic && <a href={`/topics/${h.topic}`}>{t("theme.hint_open", { topic: h.topic_name ?? "" })}</a>}
                            {h.theme && <a href={`/priorities/theme/${h.theme}`}>{t("theme.open")}</a>}
                        </p>
                    </li>
                ))}
            </ul>
            {making && <ToTopic id={making.theme!} name={making.name} onClose={() => setMaking(null)} />}
        </section>
    );
}
// What people said of themes stands for ever, and can be taken back.
function SaidLog() {
    const [open, setOpen] = useState(false);
    const said = usePaged<Shapes["theme_said"]>(`themes said ${open}`, (after, signal) => (open ? (take(api.GET("/api/themes/said", { params: { query: { after, limit: 30 } }, signal })) as Promise<Page<Shapes["theme_said"]>>) : Promise.resolve({ items: [], next: null })), ["themes"]);
    return (
        <details class="panel" onToggle={(e) => setOpen(e.currentTarget.open)}>
            <summary>{t("theme.said_title")}</summary>
            {open && (
                <Listed of={said} older empty={<p class="muted">{t("theme.said_none")}</p>}>
                    {(rows) => (
                        <ul class="rows">
                            {rows.map((x) => (
                                <SaidRow key={x.id} x={x} />
                            ))}
                        </ul>
                    )}
                </Listed>
            )}
        </details>
    );
}
export function SaidRow({ x }: { x: Shapes["theme_said"] }) {
    return (
        <li class="row spread">
            <span>
                {t(`theme.act_${x.act}`)} {x.theme && <a href={`/priorities/theme/${x.theme}`}>{count(x.theme)}</a>} <small class="muted">{x.by}</small>
            </span>
            <span class="row">
                <When at={x.at} />
                {x.undone ? (
                    <span class="muted">{t("theme.undone")}</span>
                ) : (
                    may("topics_write") && (
                        <button class="link" onClick={() => void undoSaid(x.id)}>
                            {t("act.undo")}
                        </button>
                    )
                )}
            </span>
        </li>
    );
}
export async function undoSaid(id: number) {
    try {
        await take(api.POST("/api/themes/said/{id}/undo", { params: { path: { id } } }));
        forget("theme"), forget("priorit"), forget("topic");
        toast(t("theme.undone"));
    } catch (x) {
        toastProblem(x);
    }
}
