// What customers said: every rating, review, complaint and message, filtered by counts, and searched by words and by meaning.
import { useEffect, useState } from "preact/hooks";
import { api, type Page, type Shapes, take } from "../lib/api";
import { count, t, tn, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { channelName, instrumentName, kindName, PageHead } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, NothingFound, Show } from "../ui/states";
import { axisName, topicName } from "../ui/topic_words";
import { type Asked, Found, VoiceActs, VoiceHead } from "./answers_search";
import { MomentRow } from "./customer_time";

type Voice = Shapes["voice"];
const filters = ["mood", "channel", "source", "kind", "instrument", "topic", "since"] as const;
const facets = ["mood", "kind", "channel", "instrument", "topic", "source"] as const;
const name = { mood: (x: string) => tr(`mood.${x}`, x), kind: kindName, channel: channelName, instrument: instrumentName, topic: (x: string) => x, source: (x: string) => x };

// Words, or what it should be like, are searched; without, everything is listed.
export default function Answers() {
    const searching = !!(query("q").trim() || query("like"));
    return searching ? <Search /> : <Everything />;
}
const since = [["7d", 7], ["30d", 30], ["90d", 90], ["365d", 365]] as const;
function Since({ value }: { value: string }) {
    return (
        <select aria-label={t("answers.since")} value={value} onChange={(e) => setQuery({ since: e.currentTarget.value })}>
            <option value="">{t("answers.always")}</option>
            {since.map(([v, n]) => (
                <option key={v} value={v}>
                    {tn("home.days", n)}
                </option>
            ))}
        </select>
    );
}
// What is typed is looked for when nothing was typed for a moment.
function Box() {
    const asked = query("q");
    const [text, setText] = useState(asked);
    useEffect(() => setText(asked), [asked]);
    useEffect(() => {
        if (text === asked) return;
        const timer = setTimeout(() => setQuery({ q: text, like: text ? null : query("like"), most: null }, true), 400);
        return () => clearTimeout(timer);
    }, [text]);
    return <input class="grow whole" type="search" aria-label={t("search.box")} placeholder={t("search.box")} value={text} onInput={(e) => setText(e.currentTarget.value)} />;
}
function Search() {
    const ask: Asked = { words: query("q") || undefined, like: query("like") || undefined, since: query("since") || undefined, channel: query("channel") || undefined, mood: query("mood") || undefined, topic: query("about") || undefined };
    const counts = useLoad("facets {}", (signal) => take(api.GET("/api/feedback/facets", { signal })));
    const topics = useLoad("topics to choose", (signal) => take(api.GET("/api/topics", { signal })), ["topics"]);
    const narrow = () => setQuery({ since: null, channel: null, mood: null, about: null });
    const open = query("open");
    return (
        <>
            <PageHead title={t("nav.answers")} text={t("search.text")} />
            <search class="filters">
                <Box />
                <Since value={ask.since ?? ""} />
                <select aria-label={t("answers.mood")} value={ask.mood ?? ""} onChange={(e) => setQuery({ mood: e.currentTarget.value })}>
                    <option value="">{t("answers.any_mood")}</option>
                    {(["unhappy", "neither", "happy"] as const).map((m) => (
                        <option key={m} value={m}>
                            {t(`mood.${m}`)}
                        </option>
                    ))}
                </select>
                <select aria-label={t("answers.channel")} value={ask.channel ?? ""} onChange={(e) => setQuery({ channel: e.currentTarget.value })}>
                    <option value="">{t("answers.any_channel")}</option>
                    {(counts.data?.channel ?? []).map((x) => (
                        <option key={x.value} value={x.value}>
                            {channelName(x.value)}
                        </option>
                    ))}
                </select>
                {(topics.data?.items.length ?? 0) > 0 && (
                    <select aria-label={t("topic.one")} value={ask.topic ?? ""} onChange={(e) => setQuery({ about: e.currentTarget.value })}>
                        <option value="">{t("search.any_topic")}</option>
                        {topics.data!.items.map((x) => (
                            <option key={x.topic.id} value={String(x.topic.id)}>
                                {topicName(x.topic)} ({axisName(x.topic.axis)})
                            </option>
                        ))}
                    </select>
                )}
                <button class="quiet" onClick={() => setQuery(Object.fromEntries([...filters, "like", "about", "most"].map((n) => [n, null])))}>
                    {t("search.end")}
                </button>
            </search>
            <Found ask={ask} limit={Number(query("most")) || 20} clear={narrow} />
            {open && <Whole id={Number(open)} />}
        </>
    );
}

function Everything() {
    const f = Object.fromEntries(filters.map((n) => [n, query(n)])) as Record<(typeof filters)[number], string>;
    const asked = Object.fromEntries(Object.entries(f).filter(([, v]) => v));
    const key = JSON.stringify(asked);
    const open = query("open");
    const list = usePaged<Voice>(`voices ${key}`, (after, signal) => take(api.GET("/api/feedback", { params: { query: { ...asked, after, limit: 40 } as never }, signal })) as Promise<Page<Voice>>, ["events"]);
    const counts = useLoad(`facets ${key}`, (signal) => take(api.GET("/api/feedback/facets", { params: { query: asked as never }, signal })));
    const clear = () => setQuery(Object.fromEntries(filters.map((n) => [n, null])));
    return (
        <>
            <PageHead title={t("nav.answers")} text={counts.data ? tn("answers.count", counts.data.total) : " "} />
            <search class="filters">
                <Box />
                <Since value={f.since} />
                {facets.map((n) => {
                    const rows = counts.data?.[n] ?? [];
                    const known = rows.some((x) => x.value === f[n]) || !f[n] ? rows : [...rows, { value: f[n], count: 0 }];
                    return known.length > 1 || f[n] ? (
                        <select key={n} aria-label={t(`answers.${n}`)} value={f[n]} onChange={(e) => setQuery({ [n]: e.currentTarget.value })}>
                            <option value="">{t(`answers.any_${n}`)}</option>
                            {known.map((x) => (
                                <option key={x.value} value={x.value}>
                                    {name[n](x.value)} ({count(x.count)})
                                </option>
                            ))}
                        </select>
                    ) : null;
                })}
                {Object.keys(asked).length > 0 && (
                    <button class="quiet" onClick={clear}>
                        {t("state.clear")}
                    </button>
                )}
            </search>
            <section class="panel">
                <Listed of={list} lines={8} older empty={Object.keys(asked).length ? <NothingFound clear={clear} /> : <Empty title={t("answers.empty")} text={t("answers.empty_text")} />}>
                    {(rows) => (
                        <ul class="rows">
                            {rows.map((v) => (
                                <VoiceRow key={v.id} v={v} />
                            ))}
                        </ul>
                    )}
                </Listed>
            </section>
            {open && <Whole id={Number(open)} />}
        </>
    );
}
function VoiceRow({ v }: { v: Voice }) {
    const about = [kindName(v.kind), channelName(v.channel), v.topic].filter(Boolean).join(" · ");
    return (
        <li>
            <VoiceHead v={v} mood={v.mood} />
            {v.words && (
                <p class="said full clip" lang={v.lang ?? ""}>
                    {v.words}
                </p>
            )}
            <p class="row">
                <span class="muted">{about}</span>
                <VoiceActs v={v} />
            </p>
        </li>
    );
}
function Whole({ id }: { id: number }) {
    const one = useLoad(`voice ${id}`, (signal) => take(api.GET("/api/feedback/{id}", { params: { path: { id } }, signal })));
    return (
        <Dialog title={t("answers.around")} onClose={() => setQuery({ open: null })} wide>
            <Show of={one}>
                {(d) => (
                    <>
                        <p class="said full" lang={d.voice.lang ?? ""}>
                            {d.voice.words || t("answers.no_words")}
                        </p>
                        {d.conversation.length > 0 && (
                            <>
                                <h3>{t("answers.conversation")}</h3>
                                <ul class="rows">
                                    {d.conversation.map((m, i) => (
                                        <MomentRow key={i} m={m} />
                                    ))}
                                </ul>
                            </>
                        )}
                    </>
                )}
            </Show>
        </Dialog>
    );
}
