// One customer on one page: who it is and why that is one person, what happened, what they are worth, what we owe them.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, may, Problem, type Shapes, take } from "../lib/api";
import { figureOf } from "../lib/figure";
import { ago, countryName, day, languageName, percent, t, tn, tr } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { useLoad } from "../lib/load";
import { visited } from "../lib/recent";
import { toast } from "../lib/toast";
import { channelName, Day, Facts, Money, N, PageHead, Score, When } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Text, Form } from "../ui/form";
import { Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import { Identities } from "./customer_who";
import { Timeline } from "./customer_time";
import { type Commitment, CommitmentRow, NewCommitment } from "./commitments";
import { Care } from "./customer_care";
import { Needs } from "./customer_needs";
import type { PageProps } from "../pages";

type Customer = Shapes["customer"];

export default function CustomerPage({ params }: PageProps) {
    const id = Number(params.id);
    const one = useLoad(`customer ${id}`, (signal) => take(api.GET("/api/customers/{id}", { params: { path: { id } }, signal })), ["customer", "fresh"]);
    useEffect(() => {
        if (one.data) {
            document.title = `${one.data.name} · heed`;
            visited(`/customers/${id}`, one.data.name);
        }
    }, [one.data?.name]);
    return (
        <Show of={one} lines={10}>
            {(c) => <Whole c={c} again={one.again} />}
        </Show>
    );
}

function Whole({ c, again }: { c: Customer; again(): void }) {
    const [promise, setPromise] = useState(false);
    const f = c.figures;
    useShortcuts(may("customers_write") ? [{ keys: "p", label: t("promise.new"), group: t("keys.here"), run: () => setPromise(true) }] : []);
    const first = c.identities[0];
    const about = [first?.segment, first?.country && countryName(first.country), first?.lang && languageName(first.lang), f && t("customer.since", { day: day(f.first_seen) })].filter(Boolean).join(" · ");
    return (
        <>
            <PageHead title={c.name} text={about || t("customer.no_name")}>
                {may("customers_write") && (
                    <button class="primary" title="p" onClick={() => setPromise(true)}>
                        {t("promise.new")}
                    </button>
                )}
            </PageHead>
            {c.waiting.map((w) => (
                <p key={w.since} class="warn">
                    ⚠ {t("customer.waiting", { channel: channelName(w.channel) })} <When at={w.since} /> · <a href={`/inbox?customer=${c.id}`}>{t("customer.to_inbox")}</a>
                </p>
            ))}
            <div class="split">
                <div>
                    <Worth id={c.id} />
                    <Timeline id={c.id} first={c.timeline} />
                </div>
                <aside aria-label={t("customer.beside")}>
                    {c.stage && <Stage of={c.stage} />}
                    <Promises id={c.id} />
                    <Needs id={c.id} />
                    <section class="panel" aria-labelledby="history">
                        <h2 id="history">{t("customer.figures")}</h2>
                        {f ? <History f={f} /> : <p class="muted">{t("customer.nothing_yet")}</p>}
                    </section>
                    <Consent id={c.id} rows={c.consent} again={again} />
                    <Care id={c.id} />
                    <Identities c={c} again={again} />
                </aside>
            </div>
            {promise && <NewCommitment customer={c.id} name={c.name} onClose={() => setPromise(false)} />}
        </>
    );
}

// Where they are on the journey, and what to bear in mind there.
function Stage({ of }: { of: Shapes["stage_now"] }) {
    return (
        <section class="panel" aria-labelledby="stage">
            <h2 id="stage">
                {t("stage.one")}: {may("measures_read") ? <a href="/stages">{of.name}</a> : of.name}
            </h2>
            <p class="muted">{t("stage.since", { when: ago(of.since) })}</p>
            {of.guidance.map((g) => (
                <p key={g} class="note">
                    {g}
                </p>
            ))}
            {of.held.length > 0 && <p class="muted">{t("stage.held_now", { kinds: of.held.map((k) => tr(`gate.kind.${k}`, k)).join(", ") })}</p>}
        </section>
    );
}

function History({ f }: { f: Shapes["customer_figures"] }) {
    const n = (x: number) => (x ? <N of={x} /> : null);
    return (
        <Facts
            rows={[
                [t("customers.orders"), n(f.orders)],
                [t("customers.value"), f.order_value && <Money of={f.order_value} />],
                [t("customer.last_order"), f.last_order && <Day at={f.last_order} />],
                [t("customer.rhythm"), f.rhythm_days != null ? tn("customer.days", f.rhythm_days) : null],
                [t("customer.contract"), f.contract ? t("customer.contract_runs", { day: f.contract_since ? day(f.contract_since) : "" }) : f.contract_until ? t("customer.contract_ended", { day: day(f.contract_until) }) : null],
                [t("customer.monthly"), f.monthly_value?.value ? <Money of={f.monthly_value} /> : null],
                [t("customer.returns"), n(f.returns)],
                [t("customer.refunds"), n(f.refunds)],
                [t("customer.refund_value"), f.refund_value?.value ? <Money of={f.refund_value} /> : null],
                [t("customer.complaints"), n(f.complaints)],
                [t("customer.last_score"), f.last_score != null ? <Score score={f.last_score} instrument={f.last_instrument} /> : null],
                [t("customer.wrote"), n(f.contacts_in)],
                [t("customer.we_wrote"), n(f.contacts_out)],
                [t("customers.channels"), f.channels.map(channelName).join(", ")],
            ]}
        />
    );
}

// ---- what they are worth ----

function Worth({ id }: { id: number }) {
    const worth = useLoad(`worth ${id}`, async (signal) => {
        try {
            return await take(api.GET("/api/customers/{id}/value", { params: { path: { id } }, signal }));
        } catch (x) {
            // Nothing to be said is an answer, not a failure.
            if (x instanceof Problem && x.status === 404) return null;
            throw x;
        }
    });
    const report = useLoad("value report", async (signal) => {
        try {
            return await take(api.GET("/api/value", { signal }));
        } catch {
            return null;
        }
    });
    const charts = useCharts();
    const w = worth.data;
    if (worth.data === null || (worth.data === undefined && !worth.problem)) return null;
    const model = (report.data?.buyers as { model?: { name: string } }[] | undefined)?.[0]?.model?.name ?? "";
    const horizon = report.data ? tn("customer.days", report.data.horizon_days) : "";
    const common = { quiet: true, asOf: report.data?.as_of };
    return (
        <section class="panel" aria-labelledby="worth">
            <div class="panel-head">
                <h2 id="worth">{t("worth.title")}</h2>
                <a href="/segments?tab=value">{t("worth.how")}</a>
            </div>
            <Show of={worth}>
                {() =>
                    w && (
                        <div class="figures">
                            {w.value && <Card label={t("worth.value", { horizon })}><Estimate of={figureOf(w.value, model)} unit={{ currency: w.currency }} big label={t("worth.value", { horizon })} text={t("worth.value_text")} {...common} /></Card>}
                            {w.alive && <Card label={t("worth.alive")}><Estimate of={figureOf(w.alive, model)} unit="share" big label={t("worth.alive")} text={t("worth.alive_text")} {...common} /></Card>}
                            {w.buys && <Card label={t("worth.buys", { horizon })}><Estimate of={figureOf(w.buys, model)} unit="number" big label={t("worth.buys", { horizon })} text={t("worth.buys_text")} {...common} /></Card>}
                            {w.stays && <Card label={t("worth.stays", { horizon })}><Estimate of={figureOf(w.stays, "beta-discrete-Weibull")} unit="share" big label={t("worth.stays", { horizon })} text={t("worth.stays_text")} {...common} /></Card>}
                            {w.risk && <Card label={t("worth.risk")}><Estimate of={figureOf(w.risk, t("worth.learned"))} unit="share" big label={t("worth.risk")} text={t("worth.risk_text")} {...common} /></Card>}
                        </div>
                    )
                }
            </Show>
            {charts && w?.quantiles && w.quantiles.some((q) => q.value > 0) && <charts.QuantileChart title={t("worth.dots", { horizon })} unit={{ currency: w.currency }} quantiles={w.quantiles} />}
            {w?.nothing != null && w.nothing >= 0.05 && <p class="muted">{t("worth.nothing", { p: percent(w.nothing) })}</p>}
            {w && w.why.length > 0 && (
                <>
                    <h3>{t("worth.why")}</h3>
                    <ul>
                        {w.why.map((x) => (
                            <li key={x}>{x}</li>
                        ))}
                    </ul>
                </>
            )}
            <small>{t("worth.estimate")}</small>
        </section>
    );
}
function Card({ label, children }: { label: string; children: ComponentChildren }) {
    return (
        <div>
            <h3>{label}</h3>
            {children}
        </div>
    );
}

// ---- what we owe them ----

function Promises({ id }: { id: number }) {
    const [all, setAll] = useState(false);
    const list = useLoad(`commitments of ${id}`, (signal) => take(api.GET("/api/commitments", { params: { query: { customer: id, limit: 200 } }, signal })), ["events", "customer"]);
    // What is owed stands first, then the last that were kept.
    const owed = (c: Commitment) => c.status === "open" || c.status === "broken";
    const sorted = (rows: Commitment[]) => [...rows.filter(owed), ...rows.filter((c) => !owed(c))];
    const most = Math.max(4, list.data?.items.filter(owed).length ?? 0);
    return (
        <section class="panel" aria-labelledby="owed">
            <h2 id="owed">{t("nav.promises")}</h2>
            <Show of={list} empty={(d) => (d.items.length ? null : <p class="muted">{t("promise.none")}</p>)}>
                {(d) => (
                    <>
                        <ul class="rows">
                            {sorted(d.items).slice(0, all ? undefined : most).map((p) => (
                                <CommitmentRow key={p.id} c={p} onChange={list.again} />
                            ))}
                        </ul>
                        {!all && d.items.length > most && (
                            <button class="link" onClick={() => setAll(true)}>
                                {tn("home.all", d.items.length)}
                                <span class="hidden"> {t("nav.promises")}</span>
                            </button>
                        )}
                    </>
                )}
            </Show>
        </section>
    );
}

// ---- what they allow ----

function Consent({ id, rows, again }: { id: number; rows: Shapes["consent_row"][]; again(): void }) {
    const [asked, setAsked] = useState<{ purpose: string; state: "given" | "withdrawn" } | null>(null);
    const say = async (purpose: string, state: "given" | "withdrawn", evidence: string) => {
        await take(api.POST("/api/customers/{id}/consent", { params: { path: { id } }, body: { purpose, state, evidence: evidence || undefined } }));
        toast(t("consent.noted"));
        setAsked(null);
        setTimeout(again, 300);
    };
    return (
        <section class="panel" aria-labelledby="consent">
            <h2 id="consent">{t("consent.title")}</h2>
            {rows.length ? (
                <ul class="rows">
                    {rows.map((r) => (
                        <li key={r.purpose} class="row spread">
                            <span>
                                <strong>{r.purpose}</strong>
                                <br />
                                <span class="muted">
                                    {t(r.state === "given" ? "consent.given" : "consent.withdrawn")} · <Day at={r.since} />
                                </span>
                            </span>
                            {may("customers_write") && (
                                <button class="link" onClick={() => setAsked({ purpose: r.purpose, state: r.state === "given" ? "withdrawn" : "given" })}>
                                    {t(r.state === "given" ? "consent.withdraw" : "consent.give")}
                                </button>
                            )}
                        </li>
                    ))}
                </ul>
            ) : (
                <p class="muted">{t("consent.none")}</p>
            )}
            {may("customers_write") && (
                <button class="link" onClick={() => setAsked({ purpose: "", state: "given" })}>
                    {t("consent.note")}
                </button>
            )}
            {asked && <ConsentForm {...asked} onSend={say} onClose={() => setAsked(null)} />}
        </section>
    );
}
function ConsentForm({ purpose, state, onSend, onClose }: { purpose: string; state: "given" | "withdrawn"; onSend(p: string, s: "given" | "withdrawn", e: string): Promise<void>; onClose(): void }) {
    const [what, setWhat] = useState(purpose || "marketing_email");
    const [evidence, setEvidence] = useState("");
    return (
        <Dialog title={t(state === "given" ? "consent.give" : "consent.withdraw")} onClose={onClose}>
            <Form verb={t("consent.save")} onSend={() => onSend(what, state, evidence)} onCancel={onClose}>
                <Text label={t("consent.purpose")} hint={t("consent.purpose_hint")} value={what} onInput={setWhat} required max={60} />
                <Text label={t("consent.evidence")} hint={t("consent.evidence_hint")} value={evidence} onInput={setEvidence} rows={2} max={1000} />
            </Form>
        </Dialog>
    );
}
