// What we owe: due, at risk, kept, broken; and how well we keep our word.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, day, percent, t, tn } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { PageHead, Tabs } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, NothingFound, Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import { Signatures } from "./approvals";
import { type Commitment, CommitmentRow, commitmentKind, NewCommitment, sayOf } from "./commitments";
import { Standards } from "./standards";

const WEEK = 7 * 864e5;
const lists = ["due", "risk", "open", "noticed", "kept", "broken"] as const;
const tabs = [...lists, ...(may("concede") ? (["signatures"] as const) : []), ...(may("measures_read") ? (["standards"] as const) : [])] as const;

export default function Promises() {
    const tab = (tabs as readonly string[]).includes(query("tab")) ? query("tab") : "due";
    const [making, setMaking] = useState(query("new") === "1");
    const close = () => {
        setMaking(false);
        if (query("new")) setQuery({ new: null }, true);
    };
    useShortcuts(may("customers_write") ? [{ keys: "n p", label: t("promise.new"), group: t("keys.here"), run: () => setMaking(true) }] : []);
    const asked = making || query("new") === "1";
    return (
        <>
            <PageHead title={t("nav.promises")} text={t("promise.text")}>
                {may("customers_write") && (
                    <button class="primary" title="n p" onClick={() => setMaking(true)}>
                        {t("promise.new")}
                    </button>
                )}
            </PageHead>
            {tab !== "signatures" && tab !== "standards" && <Rates />}
            <Tabs label={t("nav.promises")} tabs={tabs.map((x) => [x, x === "signatures" ? t("line.signatures") : t(`promise.tab_${x}`)])} />
            {tab === "signatures" ? <Signatures /> : tab === "standards" ? <Standards /> : tab === "risk" ? <AtRisk /> : tab === "noticed" ? <Noticed /> : <List key={tab} tab={tab} />}
            {asked && <NewCommitment onClose={close} />}
        </>
    );
}

function Rates() {
    const charts = useCharts();
    const rates = useLoad("rates all", (signal) => take(api.GET("/api/commitments/rates", { params: { query: { by: "all" } }, signal })), ["events"]);
    const kinds = useLoad("rates kind", (signal) => take(api.GET("/api/commitments/rates", { params: { query: { by: "kind" } }, signal })), ["events"]);
    const all = rates.data?.items[0];
    if (!all) return null;
    const Dots = charts?.DotsChart;
    const period: [string, string] = [rates.data!.since, rates.data!.until];
    return (
        <section class="panel" aria-labelledby="kept">
            <h2 id="kept">{t("promise.rate")}</h2>
            <p class="row">
                <Estimate of={all.rate as Figure} unit="share" big label={t("promise.rate")} text={t("promise.rate_text")} period={period} asOf={rates.data!.until} />
                <span class="muted">{t("promise.rate_parts", { due: count(all.due), kept: count(all.kept), late: count(all.late), open: count(all.open) })}</span>
            </p>
            {Dots && kinds.data && kinds.data.items.length > 1 && <Dots title={t("promise.by_kind")} unit="share" rows={kinds.data.items.map((r) => ({ name: commitmentKind(r.group), of: r.rate as Figure }))} />}
        </section>
    );
}

function List({ tab }: { tab: string }) {
    const standard = Number(query("standard")) || undefined;
    const list = usePaged<Commitment>(
        `commitments ${tab} ${standard}`,
        (after, signal) => {
            const status = tab === "due" || tab === "open" ? "open" : tab === "kept" ? "kept" : "broken";
            const due_before = tab === "due" ? new Date(Date.now() + WEEK).toISOString() : undefined;
            return take(api.GET("/api/commitments", { params: { query: { status, due_before, standard, after, limit: tab === "due" ? 500 : 50 } }, signal })) as Promise<Page<Commitment>>;
        },
        ["events"],
    );
    // What falls due is read by its day; the rest by when it was promised.
    const sorted = (rows: Commitment[]) => (tab === "due" ? [...rows].sort((a, b) => (a.judged ?? "").localeCompare(b.judged ?? "")) : rows);
    return (
        <section class="panel">
            {standard && <Following id={standard} />}
            <Listed of={list} lines={6} empty={standard ? <NothingFound clear={() => setQuery({ standard: null })} /> : <Empty title={t(`promise.empty_${tab as "due" | "open" | "kept" | "broken"}`)} text={t("promise.empty_text")} />}>
                {(rows) => (
                    <ul class="rows">
                        {sorted(rows).map((c) => (
                            <CommitmentRow key={c.id} c={c} who onChange={list.first.again} />
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}

// Only what follows from one standard.
function Following({ id }: { id: number }) {
    const all = useLoad("standards", (signal) => take(api.GET("/api/promises/standards", { params: { query: { limit: 500 } }, signal })));
    const name = all.data?.items.find((s) => s.id === id)?.name ?? "";
    return (
        <p class="row">
            {t("std.following", { name })}
            <button class="quiet" onClick={() => setQuery({ standard: null }, true)}>
                {t("state.clear")}
            </button>
        </p>
    );
}

// What will likely be late: told by how long its kind has taken so far.
function AtRisk() {
    const watch = useLoad("commitments watch", (signal) => take(api.GET("/api/commitments/watch", { signal })), ["events"]);
    return (
        <section class="panel">
            <Show of={watch} empty={(d) => (d.risky.length ? null : <Empty title={t("promise.empty_risk")} text={tn("promise.ahead", d.ahead)} />)}>
                {(d) => (
                    <>
                        <p class="muted">{tn("promise.ahead", d.ahead)}</p>
                        <ul class="rows">
                            {d.risky.map((r) => (
                                <Risky key={r.id} r={r} />
                            ))}
                        </ul>
                    </>
                )}
            </Show>
        </section>
    );
}
function Risky({ r }: { r: Shapes["commitment_watched"] }) {
    return (
        <li class="row spread">
            <a href={`/commitments/${r.id}`}>
                <strong>{commitmentKind(r.kind)}</strong> · {t("promise.due", { when: day(r.judged) })}
            </a>
            <span class="muted">{r.late == null ? t("est.cannot") : t("promise.chance", { p: percent(r.late) })}</span>
        </li>
    );
}

// ---- what was noticed in what we wrote ----

type Proposal = Shapes["proposal"];
function Noticed() {
    const list = usePaged<Proposal>("proposals", (after, signal) => take(api.GET("/api/promises/proposals", { params: { query: { after, limit: 30 } }, signal })) as Promise<Page<Proposal>>, ["events"]);
    const decide = async (p: Proposal, what: "accept" | "dismiss") => {
        try {
            const done = await take(api.POST("/api/promises/proposals/{id}", { params: { path: { id: p.id } }, body: { what } }));
            list.first.again();
            forget("commitments");
            toast(t(what === "accept" ? "promise.saved" : "promise.dismissed"), what === "accept" && done.commitment ? { undo: () => sayOf(done.commitment!, "void").catch(toastProblem) } : {});
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <section class="panel">
            <p class="muted">{t("promise.noticed_text")}</p>
            <Listed of={list} empty={<Empty title={t("promise.empty_noticed")} />}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((p) => (
                            <li key={p.id}>
                                <div class="row spread">
                                    <strong lang="">{p.words}</strong>
                                    {may("customers_write") && (
                                        <span class="row">
                                            <button onClick={() => void decide(p, "accept")}>
                                                {t("promise.accept")}
                                                <span class="hidden"> {p.words}</span>
                                            </button>
                                            <button class="quiet" onClick={() => void decide(p, "dismiss")}>
                                                {t("promise.dismiss")}
                                                <span class="hidden"> {p.words}</span>
                                            </button>
                                        </span>
                                    )}
                                </div>
                                <span class="muted">
                                    {commitmentKind(p.kind)} · {day(p.at)} {p.due && `· ${t("promise.due", { when: day(p.due) })}`} {p.staff && `· ${p.staff}`} {p.why && `· ${t("promise.because", { why: p.why })}`}
                                    {p.customer && (
                                        <>
                                            {" · "}
                                            <a href={`/customers/${p.customer}`}>{p.name}</a>
                                        </>
                                    )}
                                </span>
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}
