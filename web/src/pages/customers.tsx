// Customers: find, filter, sort; the table holds only what is in sight.
import { useEffect, useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import { t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { channelName, Money, N, PageHead, Score, When } from "../ui/bits";
import { usePaged } from "../ui/paged";
import { Empty, Failed, NothingFound, Show } from "../ui/states";
import { type Column, Table } from "../ui/table";

type Card = Shapes["customer_card"];
const channels = ["shop", "web", "app", "email", "chat", "phone", "sms", "reviews", "forum", "survey", "store", "social", "whatsapp", "staff"];
const filters = ["q", "segment", "channel", "waiting", "where"] as const;

export const customerColumns: Column<Card>[] = [
    { key: "name", label: t("customers.name"), sort: "name", phone: "title", width: "26%", show: (c) => <span class={c.named ? "" : "muted"}>{c.name}</span> },
    { key: "orders", label: t("customers.orders"), sort: "orders", number: true, phone: "hide", show: (c) => <N of={c.orders} /> },
    { key: "value", label: t("customers.value"), sort: "order_value", number: true, phone: "side", show: (c) => <Money of={c.order_value} /> },
    { key: "score", label: t("customers.score"), phone: "hide", show: (c) => <Score score={c.last_score} instrument={c.last_instrument} /> },
    { key: "waiting", label: t("customers.waiting"), sort: "waiting", phone: "hide", show: (c) => (c.waiting_since ? <span class="tag warn"><span aria-hidden="true">⚠ </span><When at={c.waiting_since} /></span> : "") },
    { key: "seen", label: t("customers.seen"), sort: "last_seen", phone: "under", show: (c) => <When at={c.last_seen} /> },
    { key: "channels", label: t("customers.channels"), phone: "hide", show: (c) => c.channels.map(channelName).join(", ") },
];

export default function Customers() {
    const f = Object.fromEntries(filters.map((name) => [name, query(name)])) as Record<(typeof filters)[number], string>;
    const sort = query("sort") || "-last_seen";
    const [text, setText] = useState(f.q);
    useEffect(() => setText(f.q), [f.q]);
    useEffect(() => {
        if (text === f.q) return;
        const timer = setTimeout(() => setQuery({ q: text }, true), 250);
        return () => clearTimeout(timer);
    }, [text]);
    const alike = useLoad("alike standing", (signal) => take(api.GET("/api/alike/standing", { signal })), ["events"]);
    const key = `customers ${JSON.stringify(f)} ${sort}`;
    const list = usePaged<Card>(
        key,
        (after, signal) =>
            take(
                api.GET("/api/customers", {
                    params: { query: { q: f.q || undefined, segment: f.segment ? Number(f.segment) : undefined, channel: f.channel || undefined, waiting: f.waiting ? true : undefined, where: f.where || undefined, sort, after, limit: 100 } },
                    signal,
                }),
            ) as Promise<Page<Card>>,
        ["fresh", "customer"],
    );
    const segments = useLoad("segments", (signal) => take(api.GET("/api/segments", { params: { query: { limit: 500 } }, signal })));
    const filtered = filters.some((name) => f[name]);
    const clear = () => setQuery(Object.fromEntries(filters.map((name) => [name, null])));
    useEffect(() => {
        const esc = (e: KeyboardEvent) => e.key === "Escape" && filtered && !document.querySelector("dialog[open],[popover]:popover-open") && clear();
        addEventListener("keydown", esc);
        return () => removeEventListener("keydown", esc);
    }, [filtered]);
    return (
        <>
            <PageHead title={t("nav.customers")} text={list.first.data ? (list.more ? t("customers.many", { n: list.rows.length }) : tn("customers.count", list.rows.length)) : " "}>
                {may("measures_read") && <a href="/stages">{t("stage.link")}</a>}
                <a href="/dissatisfied">{t("dissat.title")}</a>
                {alike.data && (alike.data.asked > 0 || may("settings_write")) && <a href="/alike">{alike.data.asked ? t("alike.link", { n: alike.data.asked }) : t("alike.title")}</a>}
            </PageHead>
            <search class="filters">
                <input class="grow" type="search" aria-label={t("customers.search")} placeholder={t("customers.search")} value={text} onInput={(e) => setText(e.currentTarget.value)} />
                <select aria-label={t("customers.segment")} value={f.segment} onChange={(e) => setQuery({ segment: e.currentTarget.value })}>
                    <option value="">{t("customers.all_segments")}</option>
                    {segments.data?.items.map((s) => (
                        <option key={s.id} value={s.id}>
                            {s.name}
                        </option>
                    ))}
                </select>
                <select aria-label={t("customers.channels")} value={f.channel} onChange={(e) => setQuery({ channel: e.currentTarget.value })}>
                    <option value="">{t("customers.all_channels")}</option>
                    {channels.map((c) => (
                        <option key={c} value={c}>
                            {channelName(c)}
                        </option>
                    ))}
                </select>
                <button aria-pressed={!!f.waiting} onClick={() => setQuery({ waiting: f.waiting ? null : "1" })}>
                    {t("customers.only_waiting")}
                </button>
                <Where now={f.where} />
                {filtered && (
                    <button class="quiet" title="Esc" onClick={clear}>
                        {t("state.clear")}
                    </button>
                )}
            </search>
            <Show of={list.first} lines={10} empty={(d) => (d.rows.length ? null : filtered ? <NothingFound clear={clear} /> : <Nobody />)}>
                {() => <Table label={t("nav.customers")} rows={list.rows} columns={customerColumns} id={(c) => c.id} href={(c) => `/customers/${c.id}`} sort={sort} onSort={(s) => setQuery({ sort: s === "-last_seen" ? null : s })} more={list.more} onMore={list.onMore} busy={list.busy} />}
            </Show>
            {list.problem && <Failed problem={list.problem} again={list.again} />}
        </>
    );
}

// A rule in words, as segments have it: orders >= 3 and country = DE.
function Where({ now }: { now: string }) {
    const [text, setText] = useState(now);
    useEffect(() => setText(now), [now]);
    return (
        <form class="grow" onSubmit={(e) => (e.preventDefault(), setQuery({ where: text.trim() || null }))}>
            <input type="text" aria-label={t("customers.where")} placeholder={t("customers.where_hint")} value={text} onInput={(e) => setText(e.currentTarget.value)} onBlur={() => text.trim() !== now && setQuery({ where: text.trim() || null })} />
        </form>
    );
}
function Nobody() {
    return (
        <Empty title={t("customers.empty")} text={t("customers.empty_text")}>
            {may("sources_write") ? (
                <a class="button primary" href="/settings/imports?new=1">
                    {t("start.import")}
                </a>
            ) : undefined}
        </Empty>
    );
}
