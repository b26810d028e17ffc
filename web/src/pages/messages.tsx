// What we send: where each message stands and why not; and what the gate lets through and keeps back.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import { count, dayShort, t, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Facts, PageHead, Tabs, When } from "../ui/bits";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, Failed, NothingFound, Show } from "../ui/states";
import { type Column, Table } from "../ui/table";
import { useCharts } from "../ui/trend";
import { Said } from "../ui/said";

export type Message = Shapes["outbox_message"];
export const states = ["waiting", "sending", "unsure", "sent", "failed", "bounced", "cancelled"] as const;
type State = (typeof states)[number];
const tone: Record<string, string> = { sent: "good", failed: "bad", bounced: "bad", unsure: "warn" };
export const kindOf = (k: string) => tr(`gate.kind.${k}`, k);
export const ruleOf = (r: string) => tr(`gate.rule.${r}`, r);
export const StateTag = ({ of }: { of: string }) => <span class={`tag ${tone[of] ?? ""}`}>{tr(`outbox.${of}`, of)}</span>;

export default function Messages() {
    const tab = query("tab");
    return (
        <>
            <PageHead title={t("nav.messages")} text={t("outbox.text")} />
            <Tabs label={t("nav.messages")} tabs={[["out", t("outbox.tab")], ["kept", t("gate.tab_kept")], ["counts", t("gate.tab_counts")]]} />
            {tab === "counts" ? <Counts /> : tab === "kept" ? <Kept /> : <Outbox />}
        </>
    );
}

// ---- the outbox ----

export async function act(m: Message, what: "cancel" | "retry" | "arrived" | "lost"): Promise<void> {
    const params = { path: { id: m.id } };
    try {
        if (what === "cancel") await take(api.POST("/api/outbox/{id}/cancel", { params }));
        else if (what === "retry") await take(api.POST("/api/outbox/{id}/retry", { params }));
        else await take(api.POST("/api/outbox/{id}/settle", { params, body: { arrived: what === "arrived" } }));
        forget("outbox");
        toast(t(`outbox.done_${what}`), what === "cancel" ? { undo: () => act(m, "retry") } : {});
    } catch (x) {
        toastProblem(x);
    }
}
export function Actions({ m }: { m: Message }) {
    if (!may("messages_write")) return null;
    const button = (what: "cancel" | "retry" | "arrived" | "lost") => (
        <button key={what} onClick={() => void act(m, what)}>
            {t(`outbox.${what}`)}
            <span class="hidden"> {m.subject}</span>
        </button>
    );
    if (m.state === "unsure") return <>{[button("arrived"), button("lost")]}</>;
    if (m.state === "waiting") return <>{[button("retry"), button("cancel")]}</>;
    return m.state === "failed" || m.state === "cancelled" ? button("retry") : null;
}

function Outbox() {
    const asked = query("state");
    const state = (states as readonly string[]).includes(asked) ? (asked as State) : undefined;
    const sums = useLoad("outbox counts", (signal) => take(api.GET("/api/outbox/counts", { signal })), ["outbox"]);
    const setup = useLoad("outbox setup", (signal) => take(api.GET("/api/outbox/setup", { signal })));
    const list = usePaged<Message>(`outbox ${state}`, (after, signal) => take(api.GET("/api/outbox", { params: { query: { state, after, limit: 50 } }, signal })) as Promise<Page<Message>>, ["outbox"]);
    const n = sums.data;
    const sum = n && states.reduce((all, s) => all + n[s], 0);
    const trouble = n ? ([["unsure", n.trouble.unsure], ["failed", n.trouble.failed], ["bounced", n.trouble.bounced], ["waiting", n.trouble.waiting]] as const).filter(([, x]) => x) : [];
    const columns: Column<Message>[] = [
        { key: "subject", label: t("outbox.subject"), show: (m) => m.subject || kindOf(m.kind), phone: "title", width: "34%" },
        { key: "to", label: t("outbox.to"), show: (m) => m.name || m.to_name || m.address, phone: "under" },
        { key: "kind", label: t("outbox.kind"), show: (m) => kindOf(m.kind), phone: "hide" },
        { key: "state", label: t("outbox.state"), show: (m) => <StateTag of={m.state} />, phone: "side" },
        { key: "why", label: t("outbox.why"), show: (m) => <span title={m.reply}>{m.reply}</span>, phone: "hide", width: "20%" },
        { key: "at", label: t("outbox.when"), show: (m) => <When at={m.ended ?? m.due ?? m.created} />, phone: "under" },
    ];
    return (
        <>
            {setup.data && !setup.data.host && <p class="warn">⚠ {t("outbox.no_setup")} <a href="/settings/mail">{t("set.mail")}</a></p>}
            {setup.data?.host && !setup.data.on && <p class="warn">⚠ {t("outbox.off")} <a href="/settings/mail">{t("set.mail")}</a></p>}
            {trouble.map(([what, x]) => (
                <p key={what} class="warn">
                    ⚠ {t(`outbox.trouble_${what}`, { n: count(x) })} <a href={`/messages?state=${what}`}>{t("outbox.look")}</a>
                </p>
            ))}
            <div class="filters">
                <label>
                    {t("outbox.state")}
                    <select value={state ?? ""} onChange={(e) => setQuery({ state: e.currentTarget.value || null })}>
                        <option value="">{n ? `${t("outbox.all")} (${count(sum!)})` : t("outbox.all")}</option>
                        {states.map((s) => (
                            <option key={s} value={s}>
                                {t(`outbox.${s}`)}
                                {n && ` (${count(n[s])})`}
                            </option>
                        ))}
                    </select>
                </label>
            </div>
            <Show of={list.first} lines={8} empty={(d) => (d.rows.length ? null : state ? <NothingFound clear={() => setQuery({ state: null })} /> : <Empty title={t("outbox.empty")} text={t("outbox.empty_text")} />)}>
                {() => <Table label={t("outbox.tab")} rows={list.rows} columns={columns} id={(m) => m.id} href={(m) => `/messages/${m.id}`} more={list.more} busy={list.busy} onMore={list.onMore} />}
            </Show>
            {list.problem && <Failed problem={list.problem} again={list.again} />}
        </>
    );
}

// ---- what the gate kept back ----

type GateRecord = Shapes["gate_record"];
function Kept() {
    const verdict = query("verdict") === "delay" ? "delay" : query("verdict") === "allow" ? "allow" : "skip";
    const list = usePaged<GateRecord>(`gate records ${verdict}`, (after, signal) => take(api.GET("/api/gate/records", { params: { query: { verdict, after, limit: 30 } }, signal })) as Promise<Page<GateRecord>>, ["outbox"]);
    return (
        <section class="panel">
            <p class="row">
                {(["skip", "delay", "allow"] as const).map((v) => (
                    <button key={v} aria-pressed={v === verdict} onClick={() => setQuery({ verdict: v === "skip" ? null : v }, true)}>
                        {t(`gate.${v}`)}
                    </button>
                ))}
            </p>
            <Listed of={list} empty={<Empty title={t("gate.none")} text={t("gate.none_text")} />}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((r) => (
                            <GateRow key={r.id} r={r} />
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}
function GateRow({ r }: { r: GateRecord }) {
    const [open, setOpen] = useState(false);
    const one = useLoad(`gate record ${open ? r.id : 0}`, (signal) => (open ? take(api.GET("/api/gate/records/{id}", { params: { path: { id: r.id } }, signal })) : Promise.resolve(null)));
    return (
        <li>
            <div class="row spread">
                <span>
                    <a href={`/customers/${r.customer}`}>
                        <strong>{r.name || t("act.open_customer")}</strong>
                    </a>{" "}
                    <span class="muted">
                        {kindOf(r.kind)} {r.template && `· ${r.template}`}
                    </span>
                </span>
                <span class="muted">
                    <When at={r.at} />
                </span>
            </div>
            <p>
                {r.rule ? <span class="tag">{ruleOf(r.rule)}</span> : t("gate.no_rule")} <Said text={r.reason} /> {r.until && <When at={r.until} />}
            </p>
            <p class="row">
                <button class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
                    {t("gate.every_rule")}
                    <span class="hidden">
                        {" "}
                        {kindOf(r.kind)} {r.name}
                    </span>
                </button>
            </p>
            {open && one.data && <Steps steps={one.data.steps} />}
        </li>
    );
}
export function Steps({ steps }: { steps: Shapes["gate_step"][] }) {
    return (
        <Facts
            rows={steps.map((s) => [
                ruleOf(s.rule),
                <>
                    {s.verdict === "allow" ? "✓" : "✕"} {t(`gate.${s.verdict}`)} {s.reason && <span class="muted"><Said text={s.reason} /></span>} {s.until && <When at={s.until} />}
                </>,
            ])}
        />
    );
}

// ---- how much over time ----

function Counts() {
    const charts = useCharts();
    const since = ["30d", "8w", "6m"].includes(query("since")) ? query("since") : "30d";
    const all = useLoad(`gate counts ${since}`, (signal) => take(api.GET("/api/gate/counts", { params: { query: { since } }, signal })), ["outbox"]);
    const Bars = charts?.BarsChart;
    return (
        <section class="panel">
            <p class="row">
                {(["30d", "8w", "6m"] as const).map((s) => (
                    <button key={s} aria-pressed={s === since} onClick={() => setQuery({ since: s === "30d" ? null : s }, true)}>
                        {t(`gate.since_${s}`)}
                    </button>
                ))}
            </p>
            <Show of={all} empty={(d) => (d.items.length ? null : <Empty title={t("gate.none")} text={t("gate.none_text")} />)}>
                {(d) => {
                    const weeks = byWeek(d.items);
                    const rules = sumBy(d.items.filter((x) => x.rule), (x) => ruleOf(x.rule!));
                    const kinds = sumBy(d.items, (x) => kindOf(x.kind));
                    return Bars ? (
                        <>
                            <Bars title={t("gate.by_week")} rows={weeks} label={t("gate.allow")} softLabel={t("gate.kept_back")} />
                            <div class="halves">
                                <Bars title={t("gate.by_rule")} rows={rules} />
                                <Bars title={t("gate.by_kind")} rows={kinds} />
                            </div>
                        </>
                    ) : null;
                }}
            </Show>
        </section>
    );
}
type Count = Shapes["gate_count"];
function sumBy(items: Count[], name: (x: Count) => string): { name: string; n: number }[] {
    const sums = new Map<string, number>();
    for (const x of items) sums.set(name(x), (sums.get(name(x)) ?? 0) + x.n);
    return [...sums].map(([k, n]) => ({ name: k, n })).sort((a, b) => b.n - a.n);
}
// Weeks begin on Monday, in the days of the store's zone.
function byWeek(items: Count[]): { name: string; n: number; soft: number }[] {
    const weeks = new Map<number, { n: number; soft: number }>();
    for (const x of items) {
        const d = Date.parse(`${x.day}T12:00:00Z`);
        const monday = d - ((new Date(d).getUTCDay() + 6) % 7) * 864e5;
        const w = weeks.get(monday) ?? { n: 0, soft: 0 };
        if (x.verdict === "allow") w.n += x.n;
        else w.soft += x.n;
        weeks.set(monday, w);
    }
    return [...weeks].sort(([a], [b]) => a - b).map(([at, w]) => ({ name: dayShort(at), ...w }));
}
