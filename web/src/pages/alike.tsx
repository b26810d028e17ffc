// Who may be one person: pairs of profiles with their evidence, and the word that decides. j and k go through them, s
// says the same, d two; each word can be taken back.
import { useRef, useState } from "preact/hooks";
import { api, ifMatch, may, type Page, problemOf, type Shapes, take } from "../lib/api";
import { count, decimal, percent, t, tn, tr } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { PageHead, Stack } from "../ui/bits";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, Show } from "../ui/states";

type Pair = Shapes["alike"];
type Which = "asked" | "joined" | "same" | "two" | "homes";
const tabs: Which[] = ["asked", "joined", "same", "two", "homes"];
const params = (p: Pair) => ({ path: { id: p.a.profile, other: String(p.b.profile) } });

export default function Alike() {
    const which = (tabs.find((x) => x === query("which")) ?? "asked") as Which;
    const stands = useLoad("alike standing", (signal) => take(api.GET("/api/alike/standing", { signal })), ["events"]);
    const list = usePaged<Pair>(`alike ${which}`, (after, signal) => take(api.GET("/api/alike", { params: { query: { which, after, limit: 20 } }, signal })) as Promise<Page<Pair>>, []);
    const box = useRef<HTMLUListElement>(null);
    const at = () => document.activeElement?.closest<HTMLElement>("li[data-row]") ?? null;
    const step = (by: number) => {
        const rows = [...(box.current?.querySelectorAll<HTMLElement>("li[data-row]") ?? [])];
        const here = rows.indexOf(at() ?? rows[-1]!);
        rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
    };
    const done = () => (forget("alike"), forget("customer"));
    const say = async (p: Pair, same: boolean | null) => {
        try {
            const said = await take(api.POST("/api/alike/{id}/{other}", { params: params(p), headers: ifMatch(p.version), body: { same } }));
            done();
            toast(t(same ? "alike.said_same" : same === false ? "alike.said_two" : "alike.said_back"), same === null ? {} : { undo: () => say(said as Pair, null) });
        } catch (x) {
            toastProblem(problemOf(x));
        }
    };
    const word = (same: boolean) => {
        const p = list.rows.find((x) => key(x) === at()?.dataset.row);
        if (p && p.state === "open" && may("customers_write")) void say(p, same);
    };
    useShortcuts(
        [
            { keys: "j", label: t("keys.next"), group: t("keys.here"), run: () => step(1) },
            { keys: "k", label: t("keys.previous"), group: t("keys.here"), run: () => step(-1) },
            { keys: "s", label: t("alike.same"), group: t("keys.here"), run: () => word(true) },
            { keys: "d", label: t("alike.two"), group: t("keys.here"), run: () => word(false) },
        ],
        [list.rows],
    );
    return (
        <>
            <PageHead title={t("alike.title")} text={t("alike.text")} />
            <Show of={stands}>{(s) => <Standing s={s} onLearnt={done} />}</Show>
            <p class="row">
                {tabs.map((x) => (
                    <button key={x} aria-pressed={x === which} onClick={() => setQuery({ which: x === "asked" ? null : x }, true)}>
                        {t(`alike.${x}_tab`)}
                    </button>
                ))}
            </p>
            <section class="panel">
                <Listed of={list} empty={<Empty title={t("alike.none")} text={t(`alike.${which}_none`)} />}>
                    {(rows) => (
                        <ul class="rows" ref={box}>
                            {rows.map((p) => (
                                <li key={key(p)} data-row={key(p)} tabIndex={-1}>
                                    <Row p={p} onSay={(same) => void say(p, same)} />
                                </li>
                            ))}
                        </ul>
                    )}
                </Listed>
            </section>
        </>
    );
}
const key = (p: Pair) => `${p.a.profile}-${p.b.profile}`;

function Standing({ s, onLearnt }: { s: Shapes["alike_standing"]; onLearnt(): void }) {
    const [busy, setBusy] = useState(false);
    const learn = async () => {
        setBusy(true);
        try {
            await take(api.POST("/api/alike/learn", { body: {} }));
            toast(t("alike.learning"));
            onLearnt();
        } catch (x) {
            toastProblem(problemOf(x));
        }
        setBusy(false);
    };
    return (
        <p class="row">
            <span>{s.learnt ? tn("alike.learnt", s.profiles) : t("alike.not_learnt")}</span>
            {s.waiting > 0 && <span class="muted">{tn("alike.waiting", s.waiting)}</span>}
            {may("settings_write") && (
                <button disabled={busy} onClick={() => void learn()}>
                    {t(s.learnt ? "alike.again" : "alike.learn")}
                </button>
            )}
        </p>
    );
}

function Row({ p, onSay }: { p: Pair; onSay(same: boolean | null): void }) {
    const [open, setOpen] = useState(false);
    const names = [p.a, p.b].map((x) => x.name ?? `${x.source} ${x.profile}`);
    const said = p.state === "same" || p.state === "two";
    return (
        <>
            <div class="row spread">
                <strong>
                    <a href={`/customers/${p.a.customer}`}>{names[0]}</a> <span class="muted">{p.a.source}</span> · <a href={`/customers/${p.b.customer}`}>{names[1]}</a> <span class="muted">{p.b.source}</span>
                </strong>
                <span class={`tag ${p.joined ? "good" : ""}`}>{p.state === "home" ? t("alike.home") : t("alike.chance", { p: percent(Math.min(p.chance, 0.9999)) })}</span>
            </div>
            {said && <p class="muted">{t(p.state === "same" ? "alike.by_same" : "alike.by_two", { who: p.by ?? "" })}</p>}
            <details onToggle={(e) => setOpen(e.currentTarget.open)}>
                <summary>
                    {t("alike.evidence", { n: count(p.parts.length) })}
                    <span class="hidden"> {names.join(", ")}</span>
                </summary>
                <Waterfall p={p} />
                {open && !p.joined && p.state === "open" && <Change p={p} />}
            </details>
            {may("customers_write") && (
                <p class="row">
                    {p.state === "open" && (
                        <>
                            <button class={p.joined ? "" : "primary"} title="s" onClick={() => onSay(true)}>
                                {t("alike.same")}
                                <span class="hidden"> {names.join(", ")}</span>
                            </button>
                            <button title="d" onClick={() => onSay(false)}>
                                {t("alike.two")}
                                <span class="hidden"> {names.join(", ")}</span>
                            </button>
                        </>
                    )}
                    {said && (
                        <button class="link" onClick={() => onSay(null)}>
                            {t("alike.back")}
                            <span class="hidden"> {names.join(", ")}</span>
                        </button>
                    )}
                </p>
            )}
        </>
    );
}

// Each piece of evidence as a step from what was before it: to the right for the same, to the left against.
function Waterfall({ p }: { p: Pair }) {
    let sum = 0;
    const steps = p.parts.map((x) => ({ ...x, from: sum, to: (sum += x.bits) }));
    const lo = Math.min(0, ...steps.map((x) => x.to)), hi = Math.max(0, ...steps.map((x) => x.to));
    const x = (v: number) => (100 * (v - lo)) / (hi - lo || 1);
    return (
        <Stack name={t("alike.evidence", { n: p.parts.length })} heads={[t("alike.what"), t("alike.values"), t("alike.bits"), t("alike.picture")]} numbers={[2]}>
            {steps.map((s, i) => (
                <tr key={i}>
                    <th scope="row">
                        {s.field ? tr(`alike.field.${s.field}`, s.field) : tr(`alike.part.${s.how}`, s.how)} <span class="muted">{s.field ? s.how : ""}</span>
                    </th>
                    <td data-label={t("alike.values")}>{[s.a, s.b].filter(Boolean).join(" | ")}</td>
                    <td class="number" data-label={t("alike.bits")}>
                        {s.bits > 0 ? "+" : ""}
                        {decimal(s.bits, 1)}
                    </td>
                    <td data-label={t("alike.picture")}>
                        <svg class="chart step" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                            <line x1={x(0)} x2={x(0)} y1="0" y2="10" class="axis" />
                            <rect x={Math.min(x(s.from), x(s.to))} width={Math.max(0.6, Math.abs(x(s.to) - x(s.from)))} y="2" height="6" class={s.bits < 0 ? "out" : "col"} />
                        </svg>
                    </td>
                </tr>
            ))}
        </Stack>
    );
}

// What it would change that the two are one.
function Change({ p }: { p: Pair }) {
    const seen = useLoad(`alike show ${key(p)} ${p.version}`, (signal) => take(api.GET("/api/alike/{id}/{other}", { params: params(p), signal })));
    return (
        <Show of={seen} lines={1}>
            {(d) => {
                const f = d.foresight;
                if (!f) return null;
                return <p class="muted">{t("alike.change", { before: f.before.map((x) => x.name).join(", "), after: f.after.map((x) => x.name).join(", "), orders: count(f.after.reduce((n, x) => n + (x.figures?.orders ?? 0), 0)) })}</p>;
            }}
        </Show>
    );
}
