// The queue: only the rows in sight are there. It never jumps: what is new waits behind a pill.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { ago, lasted, money, t, tr } from "../lib/i18n";
import { compact } from "../lib/prefs";
import { channelName, kindName, Mood, scoreText } from "../ui/bits";
import { type Item, nameOf } from "./inbox_do";

interface Props {
    box: RefObject<HTMLUListElement | null>;
    items: Item[];
    open: number; // shown beside the list; 0: none
    chosen: Set<number>;
    gone: Set<number>; // somebody else dealt with them
    href(x: Item): string;
    onOpen(x: Item): void;
    onChoose(x: Item, range: boolean): void;
    more: boolean;
    busy: boolean;
    onMore(): void;
}
const OVERSCAN = 8;

export function List(p: Props) {
    const height = compact.value ? 70 : 88;
    const [[from, to], setSeen] = useState<[number, number]>([0, 20]);
    const look = () => {
        const list = p.box.current;
        const pane = list?.parentElement;
        if (!list || !pane) return;
        const [l, b] = [list.getBoundingClientRect(), pane.getBoundingClientRect()];
        const first = Math.max(0, Math.floor((Math.max(0, b.top) - l.top) / height) - OVERSCAN);
        const last = Math.min(p.items.length, Math.ceil((Math.min(innerHeight, b.bottom) - l.top) / height) + OVERSCAN);
        setSeen(([x, y]) => (x === first && y === last ? [x, y] : [first, last]));
        if (p.more && !p.busy && last >= p.items.length - 1) p.onMore();
    };
    useLayoutEffect(look, [p.items, height, p.more, p.busy]);
    useEffect(() => {
        let due = 0;
        const soon = () => (due ||= requestAnimationFrame(() => ((due = 0), look())));
        addEventListener("scroll", soon, { passive: true, capture: true });
        addEventListener("resize", soon);
        return () => {
            cancelAnimationFrame(due);
            removeEventListener("scroll", soon, { capture: true });
            removeEventListener("resize", soon);
        };
    });
    return (
        <ul class="queue" ref={p.box} style={{ height: `${p.items.length * height}px` }} aria-label={t("inbox.list")} aria-busy={p.busy}>
            {p.items.slice(from, to).map((x, i) => (
                <li key={x.id} data-id={x.id} class={[x.id === p.open && "open", p.gone.has(x.id) && "gone"].filter(Boolean).join(" ")} style={{ top: `${(from + i) * height}px`, height: `${height}px` }} aria-posinset={from + i + 1} aria-setsize={p.more ? -1 : p.items.length}>
                    <input type="checkbox" checked={p.chosen.has(x.id)} aria-label={t("inbox.choose", { name: nameOf(x) })} title="x" onClick={(e) => (e.preventDefault(), p.onChoose(x, e.shiftKey))} />
                    <a href={p.href(x)} aria-current={x.id === p.open ? "true" : undefined} onClick={(e) => !e.ctrlKey && !e.metaKey && !e.shiftKey && (e.preventDefault(), p.onOpen(x))}>
                        <Row x={x} gone={p.gone.has(x.id)} />
                    </a>
                </li>
            ))}
        </ul>
    );
}

const late = (x: Item) => !!x.promise?.due && new Date(x.promise.due) < new Date();
function Row({ x, gone }: { x: Item; gone: boolean }) {
    const kind = x.kind === "talk" ? "" : kindName(x.kind);
    return (
        <>
            <span class="queue-line">
                <strong class={x.customer ? "cut" : "cut muted"}>{nameOf(x)}</strong>
                <span class={late(x) && x.since ? "tag warn" : "muted"}>
                    {late(x) && x.since && <span aria-hidden="true">⚠ </span>}
                    {x.state === "later" && x.later ? t("inbox.again", { when: ago(x.later) }) : x.since ? <><span class="hidden">{t("home.waits", { time: "" })}</span>{lasted(x.since)}</> : x.tab === "waiting" ? tr(`inbox.state_${x.state}`, x.state) : lasted(x.last)}
                </span>
            </span>
            <span class="queue-line muted">
                <span class="cut">
                    {[channelName(x.channel), kind, x.score != null ? scoreText(x.score, x.instrument) : "", ...x.topics].filter(Boolean).join(" · ")}
                </span>
                <span class="queue-signs">
                    {x.draft && <span class="tag">{t("inbox.draft_sign")}</span>}
                    {x.mood === "unhappy" && <Mood of={x.mood} />}
                    {x.assignee && <span class="who" title={t("inbox.with", { who: x.assignee.name })}><span aria-hidden="true">{initials(x.assignee.name)}</span><span class="hidden">{t("inbox.with", { who: x.assignee.name })}</span></span>}
                    {x.value && x.value.value > 0 && <span class="worth">{money(x.value, 0)}</span>}
                </span>
            </span>
            <span class="cut said" lang={x.lang ?? ""}>
                {gone ? t("inbox.gone") : x.words || t("answers.no_words")}
            </span>
        </>
    );
}
export const initials = (name: string) => {
    const parts = name.split(/[\s@.]+/).filter(Boolean);
    return ((parts[0]?.[0] ?? "") + (name.includes("@") || parts.length < 2 ? "" : parts.at(-1)![0]!)).toLocaleUpperCase();
};
