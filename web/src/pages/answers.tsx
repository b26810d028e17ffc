// What customers said: every rating, review, complaint and message, searched and filtered by counts.
import { useEffect, useState } from "preact/hooks";
import { api, type Page, type Shapes, take } from "../lib/api";
import { count, dayTime, t, tn, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { channelName, instrumentName, kindName, Mood, PageHead, scoreText } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, NothingFound, Show } from "../ui/states";
import { MomentRow } from "./customer_time";

type Voice = Shapes["voice"];
const filters = ["q", "mood", "channel", "source", "kind", "instrument", "topic", "since"] as const;
const facets = ["mood", "kind", "channel", "instrument", "topic", "source"] as const;
const name = { mood: (x: string) => tr(`mood.${x}`, x), kind: kindName, channel: channelName, instrument: instrumentName, topic: (x: string) => x, source: (x: string) => x };

export default function Answers() {
    const f = Object.fromEntries(filters.map((n) => [n, query(n)])) as Record<(typeof filters)[number], string>;
    const asked = Object.fromEntries(Object.entries(f).filter(([, v]) => v));
    const key = JSON.stringify(asked);
    const [text, setText] = useState(f.q);
    const open = query("open");
    useEffect(() => setText(f.q), [f.q]);
    useEffect(() => {
        if (text === f.q) return;
        const timer = setTimeout(() => setQuery({ q: text }, true), 300);
        return () => clearTimeout(timer);
    }, [text]);
    const list = usePaged<Voice>(`voices ${key}`, (after, signal) => take(api.GET("/api/feedback", { params: { query: { ...asked, after, limit: 40 } as never }, signal })) as Promise<Page<Voice>>, ["events"]);
    const counts = useLoad(`facets ${key}`, (signal) => take(api.GET("/api/feedback/facets", { params: { query: asked as never }, signal })));
    const clear = () => setQuery(Object.fromEntries(filters.map((n) => [n, null])));
    return (
        <>
            <PageHead title={t("nav.answers")} text={counts.data ? tn("answers.count", counts.data.total) : " "} />
            <search class="filters">
                <input class="grow" type="search" aria-label={t("answers.search")} placeholder={t("answers.search")} value={text} onInput={(e) => setText(e.currentTarget.value)} />
                <select aria-label={t("answers.since")} value={f.since} onChange={(e) => setQuery({ since: e.currentTarget.value })}>
                    <option value="">{t("answers.always")}</option>
                    {([["7d", 7], ["30d", 30], ["90d", 90], ["365d", 365]] as const).map(([v, n]) => (
                        <option key={v} value={v}>
                            {tn("home.days", n)}
                        </option>
                    ))}
                </select>
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
            <div class="row spread">
                <span class="row">
                    {v.customer ? (
                        <a href={`/customers/${v.customer}`}>
                            <strong>{v.name}</strong>
                        </a>
                    ) : (
                        <strong class="muted">{t("answers.nobody")}</strong>
                    )}
                    {v.score != null && (
                        <span title={instrumentName(v.instrument)}>
                            <span class="score">{scoreText(v.score, v.instrument)}</span> <small>{instrumentName(v.instrument)}</small>
                        </span>
                    )}
                    <Mood of={v.mood} />
                </span>
                <time class="muted" dateTime={v.at}>
                    {dayTime(v.at)}
                </time>
            </div>
            {v.words && (
                <p class="said full clip" lang={v.lang ?? ""}>
                    {v.words}
                </p>
            )}
            <span class="muted">{about} · </span>
            <button class="link" onClick={() => setQuery({ open: String(v.id) })}>
                {t("answers.open")}
                <span class="hidden">
                    {" "}
                    {v.name}, {dayTime(v.at)}
                </span>
            </button>
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
