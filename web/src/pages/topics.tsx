// The team's own topics: what is spoken of, why, and what is wanted, as a tree with how many people, how they feel about
// it, what changed, and how good the labels are.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, percent, t, tn } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { Heads } from "../ui/bits";
import { Menu } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Icon } from "../ui/icon";
import { Empty, Show } from "../ui/states";
import { axes, axisName, type Axis, topicName } from "../ui/topic_words";
import { type Act, ChangeTopic, type Topic, TopicHistory } from "./topic_change";

type Node = Shapes["topic_node"];
const spans = [30, 90, 365, 3650] as const;

export default function Topics() {
    const days = Number(query("days")) || 90;
    const archived = query("archived") === "1";
    const tree = useLoad(`topics ${days} ${archived}`, (signal) => take(api.GET("/api/topics", { params: { query: { days, archived } }, signal })), ["topics"]);
    const all = (tree.data?.items ?? []).map((x) => x.topic);
    const [doing, setDoing] = useState<{ act: Act; topic?: Topic; start?: Parameters<typeof ChangeTopic>[0]["start"] } | null>(null);
    const add = () => setDoing({ act: "add" });
    const write = may("topics_write");
    useShortcuts(write ? [{ keys: "n t", label: t("topic.add"), group: t("keys.here"), run: add }] : []);
    return (
        <>
            <Standing />
            <div class="filters">
                <label>
                    {t("topic.over")}
                    <select value={String(days)} onChange={(e) => setQuery({ days: e.currentTarget.value === "90" ? "" : e.currentTarget.value })}>
                        {spans.map((n) => (
                            <option key={n} value={n}>
                                {n === 3650 ? t("answers.always") : tn("topic.days", n)}
                            </option>
                        ))}
                    </select>
                </label>
                <label>
                    <input type="checkbox" checked={archived} onChange={(e) => setQuery({ archived: e.currentTarget.checked ? "1" : "" })} /> {t("topic.with_archived")}
                </label>
                {write && (
                    <button class="primary" title="n t" onClick={add}>
                        {t("topic.add")}
                    </button>
                )}
            </div>
            <Show
                of={tree}
                lines={10}
                empty={(d) =>
                    d.items.length ? null : (
                        <Empty title={t("topic.none")} text={t("topic.none_text")}>
                            {write && <button onClick={add}>{t("topic.add_first")}</button>}
                        </Empty>
                    )
                }
            >
                {(d) => (
                    <>
                        <p class="muted">
                            {tn("topic.counted", d.people, { words: count(d.words) })} {d.words > 0 && t("topic.unassigned", { p: percent(d.unassigned / d.words) })}
                        </p>
                        {axes.map((axis) => (
                            <Tree key={axis} axis={axis} nodes={d.items.filter((x) => x.topic.axis === axis)} onDo={(act, topic) => setDoing(act === "add" ? { act, start: { parent: topic.id, axis } } : { act, topic })} onAdd={write ? () => setDoing({ act: "add", start: { axis } }) : undefined} />
                        ))}
                    </>
                )}
            </Show>
            {may("customers_read") && <Suggestions onMake={(s) => setDoing({ act: "add", start: { name: s.name[0]!.toLocaleUpperCase() + s.name.slice(1), names: [s.name] } })} />}
            {may("customers_read") && <TopicHistory />}
            {doing && <ChangeTopic {...doing} all={all} onClose={() => setDoing(null)} />}
        </>
    );
}

// What waits for a person, and where to go for it.
function Standing() {
    const stand = useLoad("topics standing", (signal) => take(api.GET("/api/topics/standing", { signal })), ["topics", "meaning", "job"]);
    const d = stand.data;
    const later = d?.axes.reduce((sum, a) => sum + a.later, 0) ?? 0;
    return (
        <div class="note row spread">
            <span>
                {t("topic.teach_text")} {d && d.waiting > 0 && tn("topic.waiting", d.waiting)} {later > 0 && tn("topic.not_learned", later)} {d?.again != null && t("topic.again", { p: percent(d.again) })}
            </span>
            <span class="row no-print">
                {may("customers_read") && (
                    <>
                        <a class="button" href="/topics/ask">
                            {t("topic.ask")}
                        </a>
                        <a class="button" href="/topics/audit">
                            {t("topic.audit")}
                        </a>
                    </>
                )}
                <a href="/settings/understanding">{t("set.understanding")}</a>
            </span>
        </div>
    );
}

// ---- the tree ----

// Each after the one it stands under, with how deep it stands.
export function inOrder(nodes: Node[]): { x: Node; depth: number }[] {
    const ids = new Set(nodes.map((x) => x.topic.id));
    const out: { x: Node; depth: number }[] = [];
    const walk = (parent: number | null, depth: number) => {
        for (const x of nodes) if ((x.topic.parent && ids.has(x.topic.parent) ? x.topic.parent : null) === parent) out.push({ x, depth }), walk(x.topic.id, depth + 1);
    };
    walk(null, 0);
    return out;
}
function Tree({ axis, nodes, onDo, onAdd }: { axis: Axis; nodes: Node[]; onDo(act: Act, topic: Topic): void; onAdd?(): void }) {
    return (
        <section class="panel" aria-labelledby={`axis-${axis}`}>
            <div class="panel-head">
                <h2 id={`axis-${axis}`}>{axisName(axis)}</h2>
                <span class="muted">{t(`topic.axis_${axis}_text`)}</span>
            </div>
            {nodes.length ? (
                <table class="stack" aria-labelledby={`axis-${axis}`}>
                    <Heads of={[t("topic.one"), t("topic.people"), t("topic.balance"), t("topic.trend"), t("topic.quality"), <span class="hidden">{t("topic.change")}</span>]} numbers={[1]} />
                    <tbody>
                        {inOrder(nodes).map(({ x, depth }) => (
                            <Row key={x.topic.id} x={x} depth={depth} onDo={onDo} />
                        ))}
                    </tbody>
                </table>
            ) : (
                <p class="row">
                    <span class="muted">{t("topic.axis_none")}</span>
                    {onAdd && <button onClick={onAdd}>{t("topic.add")}<span class="hidden">: {axisName(axis)}</span></button>}
                </p>
            )}
        </section>
    );
}
function Row({ x, depth, onDo }: { x: Node; depth: number; onDo(act: Act, topic: Topic): void }) {
    const { topic, figures: f } = x;
    const name = topicName(topic);
    return (
        <tr>
            <th scope="row" class={`depth-${Math.min(depth, 3)}`}>
                <a href={`/topics/${topic.id}`}>{name}</a> <StateTag of={topic} />
                {f.unsure > 0 && (
                    <small class="unbroken">
                        <a href={`/topics/${topic.id}?how=unsure`}>{tn("topic.unsure_n", f.unsure)}<span class="hidden"> {name}</span></a>
                    </small>
                )}
            </th>
            <td class="number" data-label={t("topic.people")}>
                {count(f.people)}
            </td>
            <td data-label={t("topic.balance")}>
                <Balance f={f} name={name} />
            </td>
            <td data-label={t("topic.trend")}>
                <TrendOf f={f} name={name} />
            </td>
            <td data-label={t("topic.quality")}>
                <Quality q={x.quality} name={name} />
            </td>
            <td class="no-print">{may("topics_write") && <Acts topic={topic} onDo={onDo} small />}</td>
        </tr>
    );
}
export const StateTag = ({ of }: { of: Topic }) => (of.state === "used" ? null : <span class="tag">{t(`topic.state_${of.state}`)}</span>);
export function Acts({ topic, onDo, small }: { topic: Topic; onDo(act: Act, topic: Topic): void; small?: boolean }) {
    const acts: Act[] = topic.state === "used" ? ["edit", "add", "merge", "split", "archive"] : topic.state === "archived" ? ["restore"] : [];
    if (!acts.length) return null;
    return (
        <Menu class={small ? "icon-button" : undefined} label={small ? <Icon name="more" /> : t("topic.change")} title={t("topic.change_of", { name: topicName(topic) })}>
            {(close) => (
                <ul>
                    {acts.map((act) => (
                        <li key={act}>
                            <button onClick={() => (close(), onDo(act, topic))}>{t(act === "add" ? "topic.add_below" : `topic.${act}`)}</button>
                        </li>
                    ))}
                </ul>
            )}
        </Menu>
    );
}

// ---- its figures ----

type Figures = Shapes["topic_figures"];
export const Balance = ({ f, name, big }: { f: Figures; name: string; big?: boolean }) => (f.mentions ? <Estimate of={f.balance as Figure} unit="points" big={big} quiet={!big} label={`${name}: ${t("topic.balance")}`} text={t("topic.balance_text")} /> : <span class="muted">–</span>);
const signs = { rises: "▲", falls: "▼", no_change: "●", too_few: "?" };
export function TrendOf({ f, name, big }: { f: Figures; name: string; big?: boolean }) {
    const { now, before, ratio, low, high, verdict } = f.trend;
    if (!now && !before) return <span class="muted">–</span>;
    const figure: Figure = { value: ratio ?? null, lo: low ?? null, hi: high ?? null, n: now + before, method: t("topic.trend_method"), state: verdict === "too_few" ? "thin" : "ok" };
    return (
        <span class="row">
            <span class={verdict === "rises" || verdict === "falls" ? "strong" : "muted"}>
                <i aria-hidden="true">{signs[verdict]}</i> {t(`topic.trend_${verdict}`)}
            </span>
            <span class="muted">{t("topic.trend_counts", { now: count(now), before: count(before) })}</span>
            {big && ratio != null && <Estimate of={figure} unit="number" label={`${name}: ${t("topic.trend")}`} text={t("topic.trend_text")} />}
        </span>
    );
}
export function Quality({ q, name }: { q: Shapes["topic_quality"]; name: string }) {
    if (q.precision) return <Estimate of={q.precision as Figure} unit="share" quiet label={`${name}: ${t("topic.precision")}`} text={t("topic.precision_text")} />;
    return <span class="muted unbroken">{q.given_from == null ? t("topic.quality_asks") : tn("topic.quality_few", q.answers)}</span>;
}

// ---- names in use ----

type Suggestion = Shapes["topic_suggestion"];
function Suggestions({ onMake }: { onMake(s: Suggestion): void }) {
    const all = useLoad("topics suggestions", (signal) => take(api.GET("/api/topics/suggestions", { signal })) as Promise<Page<Suggestion>>, ["topics"]);
    if (all.data && !all.data.items.length) return null;
    return (
        <section class="panel">
            <h2>{t("topic.suggestions")}</h2>
            <p class="muted">{t("topic.suggestions_text")}</p>
            <Show of={all}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((s) => (
                            <li key={s.name} class="row spread">
                                <span>
                                    <strong>{s.name}</strong> <span class="muted">{t(`topic.by_${s.by}`)}</span>
                                </span>
                                <span class="row">
                                    <span class="muted">
                                        {tn("topic.people_n", s.people)} · {tn("topic.words_n", s.messages)}
                                    </span>
                                    {may("topics_write") && (
                                        <button onClick={() => onMake(s)}>
                                            {t("topic.make")}
                                            <span class="hidden"> {s.name}</span>
                                        </button>
                                    )}
                                </span>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
        </section>
    );
}
