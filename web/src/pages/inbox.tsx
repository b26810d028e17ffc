// The inbox: one queue over all channels, one conversation, and who the customer is; on phones one of them at a time.
// What is shown stands in the address: /inbox/ITEM?tab=waiting&q=late.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, may, me, type Page, take } from "../lib/api";
import { count, lasted, span, t, tn } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { hear } from "../lib/live";
import { useLoad } from "../lib/load";
import { go, place, query, setQuery } from "../lib/router";
import { PageHead } from "../ui/bits";
import { usePaged } from "../ui/paged";
import { Empty, Failed, NothingFound, Show } from "../ui/states";
import type { PageProps } from "../pages";
import { Assign, useColleagues } from "./inbox_ask";
import { assignSome, finishSome, hearItems, type Item, type Tab, tabs } from "./inbox_do";
import { Filters, filterNames } from "./inbox_filters";
import { List } from "./inbox_list";
import { Conversation } from "./inbox_item";

const narrow = matchMedia("(max-width: 760px)");
function useNarrow(): boolean {
    const [is, set] = useState(narrow.matches);
    useEffect(() => {
        const turned = () => set(narrow.matches);
        narrow.addEventListener("change", turned);
        return () => narrow.removeEventListener("change", turned);
    }, []);
    return is;
}

export default function Inbox({ params }: PageProps) {
    const open = Number(params.item ?? 0);
    const phone = useNarrow();
    const tab = (tabs as readonly string[]).includes(query("tab")) ? (query("tab") as Tab) : "open";
    const f = Object.fromEntries(filterNames.map((n) => [n, query(n)])) as Record<(typeof filterNames)[number], string>;
    const asked = Object.fromEntries(Object.entries(f).filter(([, v]) => v));
    const filtered = Object.keys(asked).some((k) => k !== "sort");
    const key = `inbox ${tab} ${JSON.stringify(asked)}`;
    const list = usePaged<Item>(key, (after, signal) => take(api.GET("/api/inbox", { params: { query: { ...asked, tab, after, limit: 60 } as never }, signal })) as Promise<Page<Item>>);
    const counts = useCounts(key, asked, list.first.at);
    const to = (item?: number, change: Record<string, string | null> = {}) => {
        const q = new URLSearchParams(place.value.query);
        for (const [k, v] of Object.entries(change)) v ? q.set(k, v) : q.delete(k);
        const text = q.toString();
        return `/inbox${item ? `/${item}` : ""}${text ? `?${text}` : ""}`;
    };
    const show = (x: Item | undefined, replace = false) => go(to(x?.id), { stay: true, replace });

    // What was done to an item shows in the list; what has left this tab leaves the list, and the next one opens.
    useEffect(
        () =>
            hearItems((item, ours) => {
                const at = list.first.data?.rows.findIndex((x) => x.id === item.id) ?? -1;
                const rows = list.first.data?.rows ?? [];
                if (at < 0) return ours && item.tab === tab ? list.first.again() : undefined;
                if (item.tab === tab || !ours) return list.first.set({ ...list.first.data!, rows: rows.map((x) => (x.id === item.id ? item : x)) });
                list.first.set({ ...list.first.data!, rows: rows.filter((x) => x.id !== item.id) });
                setChosen((c) => new Set([...c].filter((id) => id !== item.id)));
                const next = rows[at + 1] ?? rows[at - 1];
                if (open === item.id) show(phone ? undefined : next, true);
                // What was looked at is gone: the keyboard and page readers go on at what comes next.
                if (next) setTimeout(() => document.querySelector("dialog[open]") || (document.activeElement !== document.body && document.activeElement?.isConnected) || focusRow(next.id), 60);
            }),
        [list.first.data, tab, open, phone],
    );

    // What others did to items shows in place; nothing moves under the reader until the list is read anew.
    const [gone, setGone] = useState<Set<number>>(new Set());
    useEffect(() => setGone(new Set()), [list.first.at, key]);
    useEffect(() => {
        let later: ReturnType<typeof setTimeout> | undefined;
        const off = hear((topic, data) => {
            const said = data as { by?: string } | null;
            if (topic !== "inbox" || said?.by === `account:${me.id}`) return;
            later ??= setTimeout(async () => {
                later = undefined;
                const now = list.first.data;
                if (!now?.rows.length) return;
                const fresh = await take(api.GET("/api/inbox", { params: { query: { ...asked, tab, limit: Math.min(200, now.rows.length) } as never } })).catch(() => null);
                if (!fresh) return;
                const by = new Map((fresh as Page<Item>).items.map((x) => [x.id, x]));
                list.first.set({ ...now, rows: now.rows.map((x) => by.get(x.id) ?? x) });
                setGone(new Set(now.rows.slice(0, 200).filter((x) => !by.has(x.id)).map((x) => x.id)));
            }, 1500);
        });
        return () => (off(), clearTimeout(later));
    }, [list.first.data, key]);

    // ---- choosing ----
    const [chosen, setChosen] = useState<Set<number>>(new Set());
    const last = useRef(0); // where a range begins: read by keys that come faster than drawing
    const [assigning, setAssigning] = useState(false);
    useEffect(() => setChosen(new Set()), [key]);
    const box = useRef<HTMLUListElement>(null);
    const under = () => Number(document.activeElement?.closest<HTMLElement>(".queue li")?.dataset.id) || open;
    const choose = (x: Item, range: boolean) => {
        const at = list.rows.findIndex((r) => r.id === x.id);
        const from = range ? list.rows.findIndex((r) => r.id === last.current) : at;
        const some = list.rows.slice(Math.min(at, from < 0 ? at : from), Math.max(at, from) + 1).map((r) => r.id);
        setChosen((c) => new Set(range || !c.has(x.id) ? [...c, ...some] : [...c].filter((id) => id !== x.id)));
        last.current = x.id;
    };
    const focusRow = (id: number) => {
        const look = (tries: number) => {
            const a = box.current?.querySelector<HTMLElement>(`li[data-id="${id}"] a`);
            if (a) a.focus({ preventScroll: true }), a.closest("li")!.scrollIntoView({ block: "nearest" });
            else if (tries) requestAnimationFrame(() => look(tries - 1));
        };
        const at = list.rows.findIndex((x) => x.id === id);
        const pane = box.current?.parentElement;
        if (pane && box.current && !box.current.querySelector(`li[data-id="${id}"]`)) pane.scrollTop = (at / Math.max(1, list.rows.length)) * box.current.clientHeight;
        look(5);
    };
    const soon = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const move = (by: number) => {
        const at = list.rows.findIndex((x) => x.id === under());
        const next = list.rows[at < 0 ? 0 : Math.max(0, Math.min(list.rows.length - 1, at + by))];
        if (!next) return;
        focusRow(next.id);
        clearTimeout(soon.current);
        // Who goes through the list opens what they stay at; every look is noted.
        if (!phone) soon.current = setTimeout(() => show(next, true), 250);
    };
    useEffect(() => () => clearTimeout(soon.current), []);
    const chosenItems = () => list.rows.filter((x) => chosen.has(x.id));
    const group = t("nav.inbox");
    const write = may("customers_write");
    useShortcuts(
        [
            { keys: "j", label: t("keys.next"), group: t("keys.lists"), run: () => move(1) },
            { keys: "k", label: t("keys.previous"), group: t("keys.lists"), run: () => move(-1) },
            ...(write
                ? [
                      { keys: "x", label: t("inbox.key_choose"), group: t("keys.lists"), run: () => withRow((x) => choose(x, false)) },
                      { keys: "Shift+x", label: t("inbox.key_range"), group: t("keys.lists"), run: () => withRow((x) => choose(x, true)) },
                      ...(chosen.size
                          ? [
                                { keys: "e", label: t("inbox.done_all"), group, run: () => void finishSome([...chosen]) },
                                { keys: "a", label: t("inbox.assign"), group, run: () => setAssigning(true) },
                            ]
                          : []),
                  ]
                : []),
        ],
        [list.rows, open, chosen, phone, place.value.key],
    );
    const withRow = (run: (x: Item) => void) => {
        const x = list.rows.find((r) => r.id === under());
        if (x) run(x);
    };
    useEffect(() => {
        const esc = (e: KeyboardEvent) => {
            if (e.key !== "Escape" || e.defaultPrevented || document.querySelector("dialog[open],[popover]:popover-open")) return;
            if (chosen.size) setChosen(new Set());
            else if (phone && open) show(undefined);
            else if (open && document.activeElement?.closest(".talk")) focusRow(open);
            else if (filtered) clear();
        };
        addEventListener("keydown", esc);
        return () => removeEventListener("keydown", esc);
    });
    const clear = () => setQuery(Object.fromEntries(filterNames.map((n) => [n, null])));

    const n = counts.data;
    const nothing = n && n.open + n.waiting + n.done === 0;
    const panes = useRoom();
    const one = list.rows.find((x) => x.id === open);
    return (
        <div class={open ? "inbox-page has-open" : "inbox-page"}>
            <PageHead
                title={t("nav.inbox")}
                text={n ? [tn("inbox.open", n.open), n.oldest && t("inbox.oldest", { time: lasted(n.oldest) }), n.reply_minutes > 0 && t(n.reply_clock === "open" ? "inbox.agreed_open" : "inbox.agreed", { time: span(n.reply_minutes * 6e4) })].filter(Boolean).join(" · ") : " "}
            />
            <div class="inbox" ref={panes}>
                <section class="pane queue-pane" aria-label={t("inbox.list")}>
                    <div class="queue-head">
                        <nav class="tabs" aria-label={t("nav.inbox")}>
                            {tabs.map((x) => (
                                <a key={x} href={to(undefined, { tab: x === "open" ? null : x })} aria-current={x === tab ? "page" : undefined}>
                                    {t(`inbox.tab_${x}`)} {n && <span class="muted">{count(n[x])}</span>}
                                </a>
                            ))}
                        </nav>
                        <Filters now={f} />
                        {chosen.size > 0 && (
                            <div class="row chosen-bar" role="group" aria-label={t("inbox.chosen_label")}>
                                <strong role="status">{tn("inbox.chosen", chosen.size)}</strong>
                                <button title="e" onClick={() => void finishSome([...chosen])}>
                                    {t("inbox.done")}
                                </button>
                                <button title="a" onClick={() => setAssigning(true)}>
                                    {t("inbox.assign")}
                                </button>
                                <button class="quiet" title="Esc" onClick={() => setChosen(new Set())}>
                                    {t("inbox.choose_none")}
                                </button>
                            </div>
                        )}
                    </div>
                    <div class="queue-scroll">
                        {n && n.newer > 0 && tab === "open" && (
                            <button class="pill" onClick={list.first.again}>
                                {tn("state.news", n.newer)}
                            </button>
                        )}
                        <Show of={list.first} lines={9} empty={(d) => (d.rows.length ? null : filtered ? <NothingFound clear={clear} /> : <Empty title={t(`inbox.empty_${tab}`)} text={t(`inbox.empty_${tab}_text`)}>{nothing && may("sources_write") ? <a class="button primary" href="/settings/sources">{t("start.connect")}</a> : undefined}</Empty>)}>
                            {() => <List box={box} items={list.rows} open={open} chosen={chosen} gone={gone} href={(x) => to(x.id)} onOpen={(x) => show(x)} onChoose={choose} more={list.more} busy={list.busy} onMore={list.onMore} />}
                        </Show>
                        {list.problem && <Failed problem={list.problem} />}
                    </div>
                </section>
                {open ? (
                    <Conversation key={open} id={open} known={one} back={to()} phone={phone} keys={!chosen.size} />
                ) : (
                    <section class="pane talk nothing" aria-label={t("inbox.conversation")}>
                        {list.rows.length > 0 && <Empty title={t("inbox.nothing_open")} text={t("inbox.nothing_open_text")} />}
                    </section>
                )}
            </div>
            {assigning && <AssignSome items={chosenItems()} onClose={() => setAssigning(false)} onDone={() => setChosen(new Set())} />}
        </div>
    );
}

function AssignSome({ items, onClose, onDone }: { items: Item[]; onClose(): void; onDone(): void }) {
    const people = useColleagues();
    return <Assign people={people} title={tn("inbox.assign_some", items.length)} onPick={(to, who) => (void assignSome(items, to, who), onDone())} onClose={onClose} />;
}

// How much there is, and how many are new since the list was read: asked when something happens, never oftener than
// every few seconds.
function useCounts(key: string, asked: Record<string, string>, listAt: number) {
    const first = useLoad(`inbox counts ${key}`, (signal) => take(api.GET("/api/inbox/counts", { params: { query: asked as never }, signal })));
    const [since, setSince] = useState("");
    useEffect(() => setSince(""), [key]);
    useEffect(() => {
        if (listAt && first.data && first.at >= listAt - 2000) setSince(first.data.as_of);
        else if (listAt) first.again();
    }, [listAt, first.at]);
    const now = useLoad(`inbox counts ${key} ${since}`, (signal) => (since ? take(api.GET("/api/inbox/counts", { params: { query: { ...asked, since } as never }, signal })) : new Promise<never>(() => {})), ["inbox", "events", "customer"]);
    return now.data ? now : first;
}

// The panes are as high as what is left of the window.
function useRoom() {
    const ref = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
        const look = () => {
            const e = ref.current;
            if (e) e.style.setProperty("--above", `${Math.round(e.getBoundingClientRect().top + scrollY)}px`);
        };
        look();
        const watch = new ResizeObserver(look);
        for (const e of document.querySelectorAll(".content, .notices, .page-head")) watch.observe(e);
        return () => watch.disconnect();
    }, []);
    return ref;
}
