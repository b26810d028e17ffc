// Which part of the inbox: words at once, the rest behind a button that says how much of it holds.
import { useEffect, useState } from "preact/hooks";
import { api, take } from "../lib/api";
import { t, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { channelName, kindName } from "../ui/bits";
import { useColleagues, useTopics } from "./inbox_ask";

export const filterNames = ["q", "sort", "assignee", "channel", "kind", "mood", "segment", "topic", "promise", "score_to", "customer"] as const;
type Now = Record<(typeof filterNames)[number], string>;
const channels = ["email", "chat", "phone", "reviews", "survey", "web", "app", "shop", "social", "whatsapp", "sms", "forum", "store"];
const sorts = ["wait", "new", "value", "promise"] as const;

export function Filters({ now }: { now: Now }) {
    const [text, setText] = useState(now.q);
    const held = filterNames.filter((n) => now[n] && n !== "q" && n !== "sort").length;
    const [open, setOpen] = useState(held > 0);
    useEffect(() => setText(now.q), [now.q]);
    useEffect(() => {
        if (text === now.q) return;
        const timer = setTimeout(() => setQuery({ q: text }, true), 300);
        return () => clearTimeout(timer);
    }, [text]);
    return (
        <search class="queue-filters">
            <div class="row">
                <input type="search" aria-label={t("inbox.search")} placeholder={t("inbox.search")} value={text} onInput={(e) => setText(e.currentTarget.value)} />
                <button aria-expanded={open} onClick={() => setOpen(!open)}>
                    {held ? t("inbox.filters_n", { n: held }) : t("inbox.filters")}
                </button>
            </div>
            {open && <More now={now} held={held} />}
        </search>
    );
}

function More({ now, held }: { now: Now; held: number }) {
    const people = useColleagues();
    const segments = useLoad("segments", (signal) => take(api.GET("/api/segments", { params: { query: { limit: 500 } }, signal })));
    const topics = useTopics();
    const pick = (name: (typeof filterNames)[number], label: string, any: string, options: [string, string][]) => (
        <select aria-label={label} value={now[name]} onChange={(e) => setQuery({ [name]: e.currentTarget.value || null })}>
            <option value="">{any}</option>
            {now[name] && !options.some(([v]) => v === now[name]) && <option value={now[name]}>{now[name]}</option>}
            {options.map(([v, text]) => (
                <option key={v} value={v}>
                    {text}
                </option>
            ))}
        </select>
    );
    return (
        <div class="queue-more">
            <label>
                <span>{t("inbox.sort")}</span>
                <select value={query("sort")} onChange={(e) => setQuery({ sort: e.currentTarget.value || null })}>
                    {sorts.map((s, i) => (
                        <option key={s} value={i ? s : ""}>
                            {t(`inbox.sort_${s}`)}
                        </option>
                    ))}
                </select>
            </label>
            {pick("assignee", t("inbox.assignee"), t("inbox.anybody"), [["me", t("inbox.me")], ["nobody", t("inbox.nobody")], ...(people.data?.items.filter((p) => !p.me).map((p): [string, string] => [String(p.id), p.name]) ?? [])])}
            {pick("channel", t("answers.channel"), t("answers.any_channel"), channels.map((c) => [c, channelName(c)]))}
            {pick("kind", t("answers.kind"), t("answers.any_kind"), [["talk", t("inbox.talk")], ...["answer", "review", "complaint", "comment"].map((k): [string, string] => [k, kindName(k)])])}
            {pick("mood", t("answers.mood"), t("answers.any_mood"), ["unhappy", "neither", "happy"].map((m) => [m, tr(`mood.${m}`, m)]))}
            {pick("segment", t("customers.segment"), t("customers.all_segments"), segments.data?.items.map((s) => [String(s.id), s.name]) ?? [])}
            {(topics.data?.items.length || now.topic) ? pick("topic", t("answers.topic"), t("answers.any_topic"), topics.data?.items.map((x) => [x.topic, x.topic]) ?? []) : null}
            <label class="row">
                <input type="checkbox" checked={!!now.promise} onChange={(e) => setQuery({ promise: e.currentTarget.checked ? "true" : null })} />
                {t("inbox.owed")}
            </label>
            {held > 0 && (
                <button class="quiet" onClick={() => setQuery(Object.fromEntries(filterNames.map((n) => [n, null])))}>
                    {t("state.clear")}
                </button>
            )}
        </div>
    );
}
