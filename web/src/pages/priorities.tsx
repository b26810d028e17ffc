// What customers speak of, and what to do first: never by one number alone. Three lenses beside one another, the board
// of what was decided, the themes that were found, what is rising, and the team's own topics.
import type { ComponentType } from "preact";
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import { type Figure, sayPlaces } from "../lib/figure";
import { count, day, t, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Heads, PageHead, Tabs } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Form, Select, Text } from "../ui/form";
import { Spark } from "../ui/spark";
import { Empty, Show, Skeleton } from "../ui/states";
import { FindThemes } from "./theme_find";

export type Priority = Shapes["priority"];
export const stands = ["heard", "deciding", "doing", "told"] as const;
export type StandName = (typeof stands)[number];
export const linkOf = (a: Shapes["about"]) => `/priorities/${a.kind}/${a.id}`;

const parts: Record<string, () => Promise<{ default: ComponentType }>> = {
    themes: () => import("./themes"),
    rising: () => import("./rising"),
    topics: () => import("./topics"),
};
const loaded = signal<Record<string, ComponentType>>({});

export default function Priorities() {
    const tab = query("tab") || "order";
    const tabs: [string, string][] = [["order", t("prio.order_tab")], ["board", t("prio.board_tab")], ...(may("customers_read") ? ([["themes", t("prio.themes_tab")]] as [string, string][]) : []), ["rising", t("prio.rising_tab")], ["topics", t("prio.topics_tab")]];
    const load = parts[tab];
    const View = loaded.value[tab];
    if (load && !View) void load().then((m) => (loaded.value = { ...loaded.value, [tab]: m.default }), toastProblem);
    return (
        <>
            <PageHead title={t("nav.priorities")} text={t("prio.text")} />
            <Tabs label={t("nav.priorities")} tabs={tabs} />
            {load ? View ? <View /> : <Skeleton /> : tab === "board" ? <Board /> : <Order />}
        </>
    );
}
const orders = ["size", "people", "revenue", "fair", "apart"] as const;

export function usePriorities(order = "size") {
    return useLoad(`priorities ${order}`, (signal) => take(api.GET("/api/priorities", { params: { query: { order: order as "size" } }, signal })), ["themes"]);
}
function Nothing() {
    return (
        <Empty title={t("prio.empty")} text={t("prio.empty_text")}>
            <FindThemes />
        </Empty>
    );
}

// ---- in order ----

function Order() {
    const order = query("order") || "size";
    const all = usePriorities(order);
    const [most, setMost] = useState(15);
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("prio.order_title")}</h2>
                <label class="row no-print">
                    {t("prio.order_by")}
                    <select value={order} onChange={(e) => setQuery({ order: e.currentTarget.value === "size" ? "" : e.currentTarget.value })}>
                        {orders.map((o) => (
                            <option key={o} value={o}>
                                {t(`prio.by_${o}`)}
                            </option>
                        ))}
                    </select>
                </label>
            </div>
            <Show of={all} lines={8} empty={(d) => (d.items.length ? null : <Nothing />)}>
                {(d) => (
                    <>
                        {d.since && d.until && <p class="muted">{t("prio.counted", { n: count(d.customers), since: day(d.since), until: day(d.until) })}</p>}
                        <Disagreement of={d.distances} />
                        <div class="sideways">
                            <table class="stack prio">
                                <caption class="hidden">{t("prio.order_title")}</caption>
                                <Heads of={[t("prio.what"), t("prio.people"), t("prio.unhappy"), t("prio.trend"), ...(valued(d.items) ? [t("prio.at_stake")] : []), t("prio.lenses"), t("prio.half_year")]} numbers={valued(d.items) ? [1, 2, 3, 4] : [1, 2, 3]} />
                                <tbody>
                                    {d.items.slice(0, most).map((p) => (
                                        <Row key={p.about.kind + p.about.id} p={p} value={valued(d.items)} />
                                    ))}
                                </tbody>
                            </table>
                        </div>
                        {d.items.length > most && (
                            <button class="no-print" onClick={() => setMost(1000)}>
                                {t("prio.all", { n: count(d.items.length) })}
                            </button>
                        )}
                        {valued(d.items) ? (
                            <p class="muted">{t("prio.size_text")}</p>
                        ) : (
                            <p class="muted">
                                {t("prio.no_value")} <a href="/segments?tab=value">{t("nav.segments")}</a>
                            </p>
                        )}
                    </>
                )}
            </Show>
        </section>
    );
}
// Is it known what any of these customers are worth? Else the column says nothing, and people decide the order.
const valued = (items: Priority[]) => items.some((p) => p.at_stake.value != null);

function Disagreement({ of }: { of: Shapes["lens_distance"][] }) {
    const most = [...of].sort((a, b) => b.distance - a.distance)[0];
    if (!most || most.distance < 0.2) return null;
    return <p class="note">{t("prio.disagree", { a: t(`prio.lens_${most.a}`), b: t(`prio.lens_${most.b}`), share: String(Math.round(most.distance * 100)) })}</p>;
}
function Row({ p, value }: { p: Priority; value: boolean }) {
    return (
        <tr>
            <th scope="row">
                <a href={linkOf(p.about)}>{p.about.name}</a> <small class="muted">{t(p.about.kind === "topic" ? "prio.a_topic" : "prio.a_theme")}</small>
                <Marks p={p} />
            </th>
            <td class="number" data-label={t("prio.people")}>
                <Estimate of={p.people as Figure} unit="number" label={`${p.about.name}: ${t("prio.people")}`} text={t("prio.people_text")} evidence={p.evidence} quiet />
            </td>
            <td class="number" data-label={t("prio.unhappy")}>
                <Estimate of={p.severity as Figure} unit="share" label={`${p.about.name}: ${t("prio.unhappy")}`} text={t("prio.unhappy_text")} evidence={p.evidence} quiet />
            </td>
            <td class="number" data-label={t("prio.trend")}>
                <Estimate of={p.trend as Figure} unit="number" label={`${p.about.name}: ${t("prio.trend")}`} text={t("prio.trend_text")} evidence={p.evidence} quiet />
            </td>
            {value && (
                <td class="number" data-label={t("prio.at_stake")}>
                    <Estimate of={p.at_stake as Figure} unit={{ currency: p.currency || "EUR" }} label={`${p.about.name}: ${t("prio.at_stake")}`} text={t("prio.at_stake_text")} evidence={p.evidence} quiet />
                </td>
            )}
            <td data-label={t("prio.lenses")}>
                <Lenses p={p} />
            </td>
            <td data-label={t("prio.half_year")}>
                <Spark of={p.weeks} />
            </td>
        </tr>
    );
}
export function Marks({ p }: { p: Priority }) {
    return (
        <>
            {p.bursting && (
                <span class="tag bad" title={p.held_why ?? undefined}>
                    ▲ {t("prio.bursting")}
                </span>
            )}{" "}
            {p.held && <span class="tag">{t("prio.held")}</span>} {p.stand.state !== "heard" && <span class="tag good">{t(`prio.stand_${p.stand.state}`)}</span>}
        </>
    );
}
// The place that each lens gives it, with the places that chance leaves possible.
export function Lenses({ p }: { p: Priority }) {
    if (!p.lenses) return <span class="muted">–</span>;
    return (
        <span class="lenses">
            {(["people", "revenue", "fair"] as const).map((l) => {
                const x = p.lenses![l];
                return (
                    <span key={l} title={t(`prio.lens_${l}_text`)}>
                        {t(`prio.lens_${l}`)} <b>{count(x.rank)}</b> <small>{sayPlaces(x)}</small>
                    </span>
                );
            })}
        </span>
    );
}

// ---- the board ----

function Board() {
    const all = usePriorities();
    const [moving, setMoving] = useState<{ p: Priority; to: StandName } | null>(null);
    return (
        <>
            <Show of={all} lines={8} empty={(d) => (d.items.length ? null : <Nothing />)}>
                {(d) => (
                    <div class="board">
                        {stands.map((s) => {
                            const here = d.items.filter((p) => p.stand.state === s);
                            return (
                                <section key={s} class="panel" aria-labelledby={`board-${s}`}>
                                    <div class="panel-head">
                                        <h2 id={`board-${s}`}>{t(`prio.stand_${s}`)}</h2>
                                        <span class="muted">{count(here.length)}</span>
                                    </div>
                                    {!here.length && <p class="muted">{t("prio.board_none")}</p>}
                                    <ul class="rows">
                                        {here.slice(0, s === "heard" ? 12 : 100).map((p) => (
                                            <Card key={p.about.kind + p.about.id} p={p} onMove={(to) => setMoving({ p, to })} />
                                        ))}
                                    </ul>
                                    {s === "heard" && here.length > 12 && (
                                        <p>
                                            <a href="/priorities">{t("prio.all", { n: count(here.length) })}</a>
                                        </p>
                                    )}
                                </section>
                            );
                        })}
                    </div>
                )}
            </Show>
            {moving && <Move {...moving} onClose={() => setMoving(null)} />}
        </>
    );
}
function Card({ p, onMove }: { p: Priority; onMove(to: StandName): void }) {
    const at = stands.indexOf(p.stand.state as StandName);
    return (
        <li>
            <p>
                <a href={linkOf(p.about)}>
                    <strong>{p.about.name}</strong>
                </a>{" "}
                {p.bursting && <span class="tag bad">▲ {t("prio.bursting")}</span>}
            </p>
            <p class="row">
                <Estimate of={p.people as Figure} unit="number" label={`${p.about.name}: ${t("prio.people")}`} text={t("prio.people_text")} evidence={p.evidence} quiet /> <span class="muted">{t("prio.people_word")}</span>
            </p>
            {p.at_stake.value != null && (
                <p class="row">
                    <Estimate of={p.at_stake as Figure} unit={{ currency: p.currency || "EUR" }} label={`${p.about.name}: ${t("prio.at_stake")}`} text={t("prio.at_stake_text")} evidence={p.evidence} quiet /> <span class="muted">{t("prio.at_stake")}</span>
                </p>
            )}
            <Spark of={p.weeks} />
            {p.stand.decided_by && <p class="muted">{t("prio.decided", { who: p.stand.decided_by })}</p>}
            {may("topics_write") && (
                <p class="row no-print">
                    {at > 0 && (
                        <button onClick={() => onMove(stands[at - 1]!)} aria-label={t("prio.to", { name: p.about.name, stand: t(`prio.stand_${stands[at - 1]!}`) })}>
                            ‹ {t(`prio.stand_${stands[at - 1]!}`)}
                        </button>
                    )}
                    {at < 3 && (
                        <button onClick={() => onMove(stands[at + 1]!)} aria-label={t("prio.to", { name: p.about.name, stand: t(`prio.stand_${stands[at + 1]!}`) })}>
                            {t(`prio.stand_${stands[at + 1]!}`)} ›
                        </button>
                    )}
                </p>
            )}
        </li>
    );
}
// Who decided, why, and who was of another mind: that is what makes it a decision.
export function Move({ p, to, onClose }: { p: Priority; to: StandName; onClose(): void }) {
    const [v, setV] = useState({ state: to as string, decided_by: p.stand.decided_by, why: p.stand.why, dissent: p.stand.dissent });
    const put = (name: keyof typeof v) => (x: string) => setV({ ...v, [name]: x });
    const path = { kind: p.about.kind as "theme", id: p.about.id };
    return (
        <Dialog title={t("prio.move_title", { name: p.about.name })} onClose={onClose}>
            <Form
                verb={t("prio.move")}
                onCancel={onClose}
                onSend={async () => {
                    await take(api.PUT("/api/priorities/{kind}/{id}/stand", { params: { path }, headers: ifMatch(p.stand.version), body: { state: v.state as StandName, decided_by: v.decided_by || undefined, why: v.why || undefined, dissent: v.dissent || undefined } }));
                    forget("priorit");
                    toast(t("prio.moved", { name: p.about.name, stand: tr(`prio.stand_${v.state}`, v.state) }));
                    onClose();
                }}
            >
                <Select label={t("prio.stand")} value={v.state} options={stands.map((s): [string, string] => [s, t(`prio.stand_${s}`)])} onChange={put("state")} />
                <Text label={t("prio.decided_by")} value={v.decided_by} onInput={put("decided_by")} max={200} />
                <Text label={t("prio.why")} hint={t("prio.why_hint")} value={v.why} onInput={put("why")} max={4000} required={v.state === "doing"} />
                <Text label={t("prio.dissent")} hint={t("prio.dissent_hint")} value={v.dissent} onInput={put("dissent")} max={4000} />
            </Form>
        </Dialog>
    );
}
