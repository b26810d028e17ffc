// On a customer's page: whether we may write to them, what they were given, whether they are to be treated gently, and
// their points.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { count, day, money, t, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { Facts, When } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Check, Form, Select, Text } from "../ui/form";
import { Show } from "../ui/states";
import { kindOf, Steps } from "./messages";
import { Said } from "../ui/said";

export function Care({ id }: { id: number }) {
    return (
        <>
            {may("messages_read") && <MayWrite id={id} />}
            {may("customers_read") && <Concessions id={id} />}
            {may("customers_write") && <Hardship id={id} />}
            {may("customers_read") && <Points id={id} />}
        </>
    );
}

// ---- may I write to them? ----

const kinds = ["service", "survey", "thanks", "care", "marketing", "referral"];
function MayWrite({ id }: { id: number }) {
    const [kind, setKind] = useState("survey");
    const said = useLoad(`gate ${id} ${kind}`, (signal) => take(api.POST("/api/gate/check", { body: { customer: id, kind }, signal })));
    return (
        <section class="panel" aria-labelledby="gate">
            <h2 id="gate">{t("gate.may_i")}</h2>
            <Select label={t("gate.what")} value={kind} options={kinds.map((k) => [k, kindOf(k)])} onChange={setKind} />
            <Show of={said}>
                {(v) => (
                    <>
                        <p>
                            <span class={`tag ${v.verdict === "allow" ? "good" : v.verdict === "skip" ? "bad" : "warn"}`}>
                                {v.verdict === "allow" ? "✓" : "✕"} {t(`gate.may_${v.verdict}`)}
                            </span>{" "}
                            <Said text={v.reason} /> {v.until && <When at={v.until} />}
                        </p>
                        <details>
                            <summary>{t("gate.every_rule")}</summary>
                            <Steps steps={v.steps} />
                        </details>
                    </>
                )}
            </Show>
        </section>
    );
}

// ---- what they were given ----

const tone: Record<string, string> = { committed: "good", declined: "bad", expired: "bad" };
function Concessions({ id }: { id: number }) {
    const list = useLoad(`concessions of ${id}`, (signal) => take(api.GET("/api/concessions", { params: { query: { customer: id, limit: 20 } }, signal })), ["events"]);
    return (
        <section class="panel" aria-labelledby="given">
            <div class="panel-head">
                <h2 id="given">{t("check.given_title")}</h2>
                {may("concede") && <a href={`/redlines?tab=check&customer=${id}`}>{t("check.link")}</a>}
            </div>
            <Show of={list} empty={(d) => (d.items.length ? null : <p class="muted">{t("check.none_given")}</p>)}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((c) => (
                            <li key={c.id}>
                                <div class="row spread">
                                    <strong>
                                        {tr(`line.of.${c.kind}`, c.kind)} {money(c.costs)}
                                    </strong>
                                    <span class={`tag ${tone[c.state] ?? ""}`}>{t(`check.state_${c.state}`)}</span>
                                </div>
                                <p class="muted">
                                    {day(c.at)} · {c.by} {c.reason && `· ${c.reason}`}
                                </p>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
        </section>
    );
}

// ---- who is to be treated gently: only who may see it is told, and every look is noted ----

function Hardship({ id }: { id: number }) {
    const sees = may("hardship_read");
    const list = useLoad(`hardship ${id}`, (signal) => (sees ? take(api.GET("/api/hardships", { params: { query: { customer: id } }, signal })) : Promise.resolve(null)));
    const [noting, setNoting] = useState(false);
    const end = (h: Shapes["hardship"]) =>
        void take(api.DELETE("/api/hardships/{id}", { params: { path: { id: h.id } }, headers: { "If-Match": `"${h.version}"` } })).then(() => {
            list.again();
            forget(`gate ${id}`);
            toast(t("hardship.ended"));
        }, toastProblem);
    return (
        <section class="panel" aria-labelledby="hardship">
            <h2 id="hardship">{t("hardship.title")}</h2>
            {sees && (
                <Show of={list} empty={(d) => (d?.items.length ? null : <p class="muted">{t("hardship.none")}</p>)}>
                    {(d) => (
                        <ul class="rows">
                            {d?.items.map((h) => (
                                <li key={h.id}>
                                    <p class="row spread">
                                        <strong>{t(`hardship.${h.kind}`)}</strong>
                                        {h.holds && (
                                            <button class="link" onClick={() => end(h)}>
                                                {t("hardship.end")}
                                            </button>
                                        )}
                                    </p>
                                    <p class="muted">
                                        {t("line.since")} {day(h.since)} {h.until && `· ${t("line.until", { day: day(h.until) })}`} · {h.by}
                                    </p>
                                    {h.note && <p>{h.note}</p>}
                                </li>
                            ))}
                        </ul>
                    )}
                </Show>
            )}
            <button class="link" onClick={() => setNoting(true)}>
                {t("hardship.note")}
            </button>
            {noting && <NoteHardship id={id} onClose={() => setNoting(false)} onDone={() => (setNoting(false), list.again(), forget(`gate ${id}`))} />}
        </section>
    );
}
function NoteHardship({ id, onClose, onDone }: { id: number; onClose(): void; onDone(): void }) {
    const [v, setV] = useState({ kind: "cannot_pay" as "cannot_pay" | "bereaved" | "peace", until: "", consent: false, how: "", purpose: "", note: "" });
    return (
        <Dialog title={t("hardship.note")} onClose={onClose}>
            <Form
                verb={t("act.save")}
                onCancel={onClose}
                onSend={async () => {
                    const more = v.consent ? { consent: true, consent_how: v.how, purpose: v.purpose, note: v.note || undefined } : {};
                    await take(api.POST("/api/hardships", { body: { customer: id, kind: v.kind, until: v.until || undefined, ...more } }));
                    toast(t("hardship.noted"));
                    onDone();
                }}
            >
                <Select label={t("hardship.kind")} value={v.kind} options={(["cannot_pay", "bereaved", "peace"] as const).map((k) => [k, t(`hardship.${k}`)])} onChange={(kind) => setV({ ...v, kind: kind as "peace" })} />
                <Text label={t("hardship.until")} hint={t("hardship.until_hint")} type="date" value={v.until} onInput={(until) => setV({ ...v, until })} />
                <Check label={t("hardship.consent")} hint={t("hardship.consent_hint")} checked={v.consent} onChange={(consent) => setV({ ...v, consent })} />
                {v.consent && (
                    <>
                        <Text label={t("hardship.how")} value={v.how} onInput={(how) => setV({ ...v, how })} required max={100} />
                        <Text label={t("hardship.purpose")} value={v.purpose} onInput={(purpose) => setV({ ...v, purpose })} required max={200} />
                        <Text label={t("hardship.words")} value={v.note} onInput={(note) => setV({ ...v, note })} rows={2} max={280} />
                    </>
                )}
            </Form>
        </Dialog>
    );
}

// ---- points ----

function Points({ id }: { id: number }) {
    const one = useLoad(`rewards ${id}`, (signal) => take(api.GET("/api/customers/{id}/rewards", { params: { path: { id } }, signal })), ["events"]);
    const a = one.data;
    if (!a || !(a.given || a.balance)) return null;
    return (
        <section class="panel" aria-labelledby="points">
            <h2 id="points">{t("points.title")}</h2>
            <Facts
                rows={[
                    [t("points.usable"), count(a.usable)],
                    [t("points.waiting"), a.waiting ? count(a.waiting) : ""],
                    [t("points.next"), a.next && a.next_until ? `${count(a.next)} · ${day(a.next_until)}` : ""],
                    [t("points.spent"), count(a.spent)],
                    [t("points.lapsed"), a.lapsed ? count(a.lapsed) : ""],
                ]}
            />
        </section>
    );
}
