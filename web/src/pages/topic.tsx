// One topic: week by week, by channel and segment, what is said of it with the words that made heed think so, and what
// it is not sure of, which a person answers with one key.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, may, type Page, problemOf, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, list, percent, t, tn } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { forget, useLoad } from "../lib/load";
import { visited } from "../lib/recent";
import { go, query, setQuery } from "../lib/router";
import { toastProblem } from "../lib/toast";
import { channelName, Heads, PageHead, When } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Marked } from "../ui/marked";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { NothingFound, Show } from "../ui/states";
import { axisName, intentName, tellAnswer, topicName } from "../ui/topic_words";
import { useCharts } from "../ui/trend";
import { WordsWhy } from "../ui/words_why";
import { TopicMood } from "../ui/topic_mood";
import type { PageProps } from "../pages";
import { AskPage } from "./topic_ask";
import { AuditPage } from "./topic_audit";
import { type Act, ChangeTopic, type Topic } from "./topic_change";
import { Acts, Balance, StateTag, TrendOf } from "./topics";

type Whole = Shapes["topic_page"];
type Mention = Shapes["topic_mention"];

// The questions and the audit stand beside the topics: one file for who works on them.
export default function TopicPage({ params }: PageProps) {
    return params.id === "ask" ? <AskPage /> : params.id === "audit" ? <AuditPage /> : <OneTopic id={Number(params.id)} />;
}
function OneTopic({ id }: { id: number }) {
    const one = useLoad(`topic ${id}`, (signal) => take(api.GET("/api/topics/{id}", { params: { path: { id }, query: { days: 182 } }, signal })), ["topics"]);
    const name = one.data && topicName(one.data.topic);
    useEffect(() => {
        if (name) (document.title = `${name} · heed`), visited(`/topics/${id}`, `${t("topic.one")}: ${name}`);
    }, [name]);
    return (
        <Show of={one} lines={10}>
            {(d) => <All d={d} />}
        </Show>
    );
}
function All({ d }: { d: Whole }) {
    const { topic } = d;
    const [doing, setDoing] = useState<{ act: Act; topic?: Topic; start?: { parent: number; axis: Topic["axis"] } } | null>(null);
    const all = useLoad("topics to choose", (signal) => take(api.GET("/api/topics", { signal })), ["topics"]);
    const name = topicName(topic);
    const above = all.data?.items.find((x) => x.topic.id === topic.parent)?.topic;
    const into = all.data?.items.find((x) => x.topic.id === topic.into)?.topic;
    return (
        <>
            <PageHead title={name} text={topic.about || t(`topic.axis_${topic.axis}_text`)}>
                <a class="button" href="/priorities?tab=topics">
                    {t("topic.all")}
                </a>
                <a class="button" href={`/priorities/topic/${topic.id}`}>
                    {t("topic.priority")}
                </a>
                {topic.state === "used" && may("customers_read") && (
                    <a class="button" href={`/topics/ask?topic=${topic.id}`}>
                        {t("topic.teach")}
                    </a>
                )}
                {may("topics_write") && <Acts topic={topic} onDo={(act, x) => setDoing(act === "add" ? { act, start: { parent: x.id, axis: x.axis } } : { act, topic: x })} />}
            </PageHead>
            <p class="row muted">
                <StateTag of={topic} />
                <span>{axisName(topic.axis)}</span>
                {above && (
                    <span>
                        {t("topic.under")} <a href={`/topics/${above.id}`}>{topicName(above)}</a>
                    </span>
                )}
                {topic.names.length > 1 && <span>{t("topic.names", { names: list(topic.names.filter((x) => x !== topic.name)) })}</span>}
            </p>
            {topic.state === "merged" && topic.into && (
                <p class="note">
                    {t("topic.is_merged")} <a href={`/topics/${topic.into}`}>{into ? topicName(into) : topic.into}</a>
                </p>
            )}
            <Figures d={d} name={name} />
            <Weeks d={d} />
            <div class="halves">
                <Shares title={t("topic.channels")} rows={d.channels} name={(x) => channelName(x.name)} />
                <Shares title={t("topic.segments")} rows={d.segments} href={(x) => `/segments/${x.id}`} />
                <Shares title={t("topic.with")} rows={d.with} name={(x) => intentName(x.name)} href={(x) => `/topics/${x.id}`} />
                <Shares title={t("topic.below")} rows={d.below} href={(x) => `/topics/${x.id}`} />
            </div>
            {may("customers_read") && <Mentions id={topic.id} names={new Map([[topic.id, name], ...(all.data?.items ?? []).map((x): [number, string] => [x.topic.id, topicName(x.topic)])])} unsure={d.figures.unsure} />}
            {doing && <ChangeTopic {...doing} all={(all.data?.items ?? []).map((x) => x.topic)} onClose={() => setDoing(null)} onDone={(row) => doing.act === "merge" && row.into && go(`/topics/${row.into}`)} />}
        </>
    );
}
function Figures({ d, name }: { d: Whole; name: string }) {
    const { figures: f, quality: q } = d;
    return (
        <div class="cards slim">
            <section class="card">
                <h2>{t("topic.people")}</h2>
                <span class="est est-big">
                    <b class="est-value">{count(f.people)}</b>
                </span>
                <small>{tn("topic.mentions_n", f.mentions)}</small>
            </section>
            <section class="card">
                <h2>{t("topic.balance")}</h2>
                <Balance f={f} name={name} big />
                <small>{t("topic.moods", { bad: count(f.negative), neither: count(f.neutral), good: count(f.positive), untold: count(f.untold) })}</small>
            </section>
            <section class="card">
                <h2>{t("topic.trend")}</h2>
                <TrendOf f={f} name={name} big />
            </section>
            <section class="card">
                <h2>{t("topic.quality")}</h2>
                {q.precision ? (
                    <>
                        <span class="row">
                            {t("topic.precision")} <Estimate of={q.precision as Figure} unit="share" label={`${name}: ${t("topic.precision")}`} text={t("topic.precision_text")} />
                        </span>
                        {q.recall && (
                            <span class="row">
                                {t("topic.recall")} <Estimate of={q.recall as Figure} unit="share" label={`${name}: ${t("topic.recall")}`} text={t("topic.recall_text")} />
                            </span>
                        )}
                    </>
                ) : (
                    <p>{t("topic.quality_none")}</p>
                )}
                <small>
                    {tn("topic.answers_n", q.answers)} {q.given_from != null ? t("topic.given_from", { p: percent(q.given_from) }) : t("topic.asks_first")}
                </small>
            </section>
        </div>
    );
}
function Weeks({ d }: { d: Whole }) {
    const charts = useCharts();
    if (!charts || d.weeks.length < 2) return null;
    return (
        <section class="panel">
            <charts.WeeksChart title={t("topic.weeks")} weeks={d.weeks} />
        </section>
    );
}
type Share = Shapes["topic_share"];
function Shares({ title, rows, name = (x) => x.name, href }: { title: string; rows: Share[]; name?(x: Share): string; href?(x: Share): string }) {
    if (!rows.length) return null;
    return (
        <section class="panel">
            <h2>{title}</h2>
            <table class="stack" aria-label={title}>
                <Heads of={[title, t("topic.people"), <span>☹ <span class="hidden">{t("mood.unhappy")}</span></span>, <span>☺ <span class="hidden">{t("mood.happy")}</span></span>]} numbers={[1, 2, 3]} />
                <tbody>
                    {rows.slice(0, 10).map((x) => (
                        <tr key={x.name}>
                            <th scope="row">{href && x.id ? <a href={href(x)}>{name(x)}</a> : name(x)}</th>
                            <td class="number" data-label={t("topic.people")}>
                                {count(x.people)}
                            </td>
                            <td class="number" data-label={t("mood.unhappy")}>
                                {count(x.negative)}
                            </td>
                            <td class="number" data-label={t("mood.happy")}>
                                {count(x.positive)}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    );
}

// ---- what was said ----

const hows = ["given", "unsure", "person", "source", "learned"] as const;
const moods = ["negative", "neutral", "positive"] as const;
const moodWord = { negative: "unhappy", neutral: "neither", positive: "happy" } as const;
type Names = Map<number, string>;
function Mentions({ id, names, unsure }: { id: number; names: Names; unsure: number }) {
    const how = (query("how") || "given") as (typeof hows)[number];
    const mood = query("mood") as (typeof moods)[number] | "";
    const all = usePaged<Mention>(`mentions ${id} ${how} ${mood}`, (after, signal) => take(api.GET("/api/topics/{id}/mentions", { params: { path: { id }, query: { how, mood: mood || undefined, after, limit: 20 } }, signal })) as Promise<Page<Mention>>);
    const clear = () => setQuery({ how: null, mood: null }, true);
    return (
        <section class="panel" aria-labelledby="mentions">
            <h2 id="mentions">{t("topic.said")}</h2>
            <div class="filters" role="group" aria-label={t("topic.which")}>
                {hows.map((x) => (
                    <button key={x} class="chip" aria-pressed={how === x} onClick={() => setQuery({ how: x === "given" ? null : x }, true)}>
                        {t(`topic.show_${x}`)} {x === "unsure" && unsure > 0 && count(unsure)}
                    </button>
                ))}
                <select aria-label={t("answers.mood")} value={mood} onChange={(e) => setQuery({ mood: e.currentTarget.value || null }, true)}>
                    <option value="">{t("answers.any_mood")}</option>
                    {moods.map((m) => (
                        <option key={m} value={m}>
                            {t(`mood.${moodWord[m]}`)}
                        </option>
                    ))}
                </select>
            </div>
            {how === "unsure" && may("topics_write") && <p class="muted">{t("topic.unsure_keys")}</p>}
            <Listed of={all} lines={6} older empty={how !== "given" || mood ? <NothingFound clear={clear} /> : <p class="muted">{t("topic.said_none")}</p>}>
                {(rows) => (how === "unsure" ? <Unsure rows={rows} of={id} names={names} /> : <ul class="rows">{rows.map((m, i) => <li key={`${m.feedback} ${i}`}><OneMention m={m} of={id} names={names} /></li>)}</ul>)}
            </Listed>
        </section>
    );
}
function OneMention({ m, of, names }: { m: Mention; of: number; names: Names }) {
    return (
        <>
            <p class="row spread">
                <span class="row">
                    {m.customer ? <a href={`/customers/${m.customer}`}>{m.name || m.customer}</a> : <span class="muted">{t("answers.nobody")}</span>}
                    {m.mood != null && <TopicMood of={m.mood} />}
                    {m.how !== "learned" && <span class="tag">{t(`topic.how_${m.how}`)}</span>}
                    {(m.how === "learned" || m.how === "unsure") && <small>{t("topic.sure", { p: percent(m.sure) })}</small>}
                    {m.topic !== of && <a href={`/topics/${m.topic}`}>{names.get(m.topic) ?? t("topic.in_part")}</a>}
                    {m.copy && <span class="tag">{t("topic.copy")}</span>}
                </span>
                <span class="muted">
                    {channelName(m.channel)} · <When at={m.at} />
                </span>
            </p>
            <Marked words={m.words} causes={m.cause} />
            {m.feedback && <WordsWhy feedback={m.feedback} name={m.name ?? undefined} />}
        </>
    );
}

// One key says yes or no, and the next one is there.
function Unsure({ rows, of, names }: { rows: Mention[]; of: number; names: Names }) {
    const nameOf = (m: Mention) => names.get(m.topic) ?? "";
    const [said, setSaid] = useState<Map<number, "yes" | "no">>(new Map());
    const [at, setAt] = useState(0);
    const box = useRef<HTMLOListElement>(null);
    const write = may("topics_write");
    const now = Math.min(at, rows.length - 1);
    // Keys may come faster than the page is drawn: they go by where they stand, not by what is seen.
    const place = useRef(0);
    const done = useRef(new Set<number>());
    const show = (i: number) => {
        setAt((place.current = i));
        box.current?.children[i]?.scrollIntoView({ block: "nearest" });
    };
    const say = (yes: boolean, i = place.current) => {
        const m = rows[i];
        if (!m?.feedback || done.current.has(i)) return;
        done.current.add(i);
        setSaid((old) => new Map(old).set(i, yes ? "yes" : "no"));
        show(Math.min(i + 1, rows.length - 1));
        take(api.POST("/api/topics/answers", { body: { feedback: m.feedback, yes: yes ? [m.topic] : [], no: yes ? [] : [m.topic] } })).then(
            (r) => {
                const read = () => (forget("topic "), forget("topics"));
                read();
                tellAnswer(m.feedback!, r, read, () => (done.current.delete(i), setSaid((old) => new Map([...old].filter(([k]) => k !== i))), show(i)));
            },
            (x) => (done.current.delete(i), setSaid((old) => (old.delete(i), new Map(old))), toastProblem(problemOf(x))),
        );
    };
    const group = names.get(of) ?? "";
    useShortcuts(
        write
            ? [
                  { keys: "y", label: t("topic.yes"), group, run: () => say(true) },
                  { keys: "n", label: t("topic.no"), group, run: () => say(false) },
                  { keys: "j", label: t("topic.next"), group, run: () => show(Math.min(place.current + 1, rows.length - 1)) },
                  { keys: "k", label: t("topic.before"), group, run: () => show(Math.max(place.current - 1, 0)) },
              ]
            : [],
        [rows, now, said],
    );
    return (
        <ol class="rows" ref={box}>
            {rows.map((m, i) => (
                <li key={`${m.feedback} ${i}`} class={i === now && write ? "now" : ""} aria-current={i === now && write ? "true" : undefined} onClick={() => setAt((place.current = i))}>
                    <OneMention m={m} of={of} names={names} />
                    {write &&
                        (said.get(i) ? (
                            <p role="status">{t(said.get(i) === "yes" ? "topic.said_yes" : "topic.said_no", { name: nameOf(m) })}</p>
                        ) : (
                            <p class="row no-print">
                                {t("topic.is_it", { name: nameOf(m) })}
                                <button title="y" onClick={() => say(true, i)}>
                                    {t("topic.yes")}
                                    <span class="hidden"> {m.name ?? ""} {i + 1}</span>
                                </button>
                                <button title="n" onClick={() => say(false, i)}>
                                    {t("topic.no")}
                                    <span class="hidden"> {m.name ?? ""} {i + 1}</span>
                                </button>
                            </p>
                        ))}
                </li>
            ))}
        </ol>
    );
}
