// What is asked of whoever works in the inbox: to whom it goes, until when it rests, what it is about.
import { api, type Shapes, take } from "../lib/api";
import { day, dayTime, t, tn } from "../lib/i18n";
import { type UseLoad, useLoad } from "../lib/load";
import { Choose, type Option } from "../ui/choose";
import type { Item, Whole } from "./inbox_do";

type People = UseLoad<{ items: Shapes["colleague"][] }>;
export const useColleagues = (): People => useLoad("inbox people", (signal) => take(api.GET("/api/inbox/people", { params: { query: { limit: 500 } }, signal })));

export const useTopics = () => useLoad("inbox topics", (signal) => take(api.GET("/api/inbox/topics", { params: { query: { limit: 500 } }, signal })));

export function Assign({ people, title, now, onPick, onClose }: { people: People; title: string; now?: number; onPick(to: string | null, who: string): void; onClose(): void }) {
    const rows = people.data?.items ?? [];
    const me = rows.find((p) => p.me);
    const options: Option[] = [
        ...(me ? [{ id: "me", text: t("inbox.me"), about: tn("inbox.has", me.open) }] : []),
        ...rows.filter((p) => !p.me).map((p) => ({ id: String(p.id), text: p.name, about: tn("inbox.has", p.open) })),
        ...(now === 0 ? [] : [{ id: "", text: t("inbox.nobody") }]),
    ];
    return <Choose title={title} label={t("inbox.assign_whom")} options={options} busy={people.busy && !people.data} onPick={(o) => onPick(o.id || null, o.id === "me" ? t("inbox.you") : o.text)} onClose={onClose} />;
}

// "5d", "3h", "2w", or a day such as 2026-12-01.
export function laterOf(text: string, now = Date.now()): Option | null {
    const m = /^(\d{1,3})\s*([hdw])$/.exec(text);
    const hours = m && { h: 1, d: 24, w: 168 }[m[2]!];
    if (m && hours && Number(m[1]) > 0) return { id: `${Number(m[1])}${m[2]}`, text: dayTime(now + Number(m[1]) * hours * 36e5) };
    if (/^\d{4}-\d\d-\d\d$/.test(text) && Date.parse(text) > now) return { id: text, text: day(`${text}T12:00:00Z`) };
    return null;
}
export function Later({ x, onPick, onClose }: { x: Item; onPick(until: string | null, when: string): void; onClose(): void }) {
    const at = (id: string, text: string): Option => ({ id, text, about: laterOf(id)?.text });
    const options = [
        ...(x.later ? [{ id: "", text: t("inbox.later_now") }] : []),
        at("3h", t("inbox.later_hours")),
        at("1d", t("inbox.later_tomorrow")),
        at("3d", t("inbox.later_days")),
        at("1w", t("inbox.later_week")),
        at("4w", t("inbox.later_weeks")),
    ];
    return <Choose title={t("inbox.later")} label={t("inbox.later_label")} options={options} free={(s) => laterOf(s)} onPick={(o) => onPick(o.id || null, o.about ?? o.text)} onClose={onClose} />;
}

export function Label({ whole, onAdd, onDrop, onClose }: { whole: Whole; onAdd(topic: string): void; onDrop(topic: string): void; onClose(): void }) {
    const topics = useTopics();
    const held = whole.item.topics;
    const all = [...new Set([...held, ...(topics.data?.items.map((x) => x.topic) ?? [])])];
    return (
        <Choose
            title={t("inbox.label")}
            label={t("inbox.label_which")}
            options={all.map((topic) => ({ id: topic, text: topic }))}
            busy={topics.busy && !topics.data}
            chosen={held}
            free={(text) => ({ id: text, text, about: t("inbox.label_new") })}
            onPick={(o) => (held.includes(o.id) ? onDrop(o.id) : onAdd(o.id))}
            onClose={onClose}
        />
    );
}
