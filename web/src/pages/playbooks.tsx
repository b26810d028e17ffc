// What we do when something happens to a customer: which playbooks there are, which are on, and how many are on the way.
// Switching one on says first who would have got it.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import { count, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { PageHead } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Form, Text } from "../ui/form";
import { ended, JobBar, useJob } from "../ui/job";
import { Empty, Show } from "../ui/states";
import { ruleOf } from "./messages";
import { Said } from "../ui/said";

export type Playbook = Shapes["playbook"];
export const nameOf = (p: Playbook) => tr(`playbook.name.${p.name}`, p.name.replace(/_/g, " "));
// What came with heed is said in the reader's language, until somebody changes it.
export const aboutOf = (p: Playbook) => (p.shipped && !p.updated ? tr(`playbook.about.${p.name}`, p.about) : p.about);

export default function Playbooks() {
    const list = useLoad("playbooks", (signal) => take(api.GET("/api/playbooks", { params: { query: { limit: 500 } }, signal })), ["outbox"]);
    return (
        <>
            <PageHead title={t("nav.playbooks")} text={t("playbook.text")} />
            <section class="panel">
                <Show of={list} lines={8} empty={(d) => (d.items.length ? null : <Empty title={t("playbook.empty")} />)}>
                    {(d) => (
                        <ul class="rows">
                            {d.items.map((p) => (
                                <li key={p.id}>
                                    <div class="row spread">
                                        <a href={`/playbooks/${p.id}`}>
                                            <strong>{nameOf(p)}</strong>
                                        </a>
                                        <span class="row">
                                            <span class={`tag ${p.on ? "good" : ""}`}>{t(p.on ? "playbook.is_on" : "playbook.is_off")}</span>
                                            <Switch p={p} />
                                        </span>
                                    </div>
                                    <p>{aboutOf(p)}</p>
                                    <p class="muted">{runText(p.runs)}</p>
                                </li>
                            ))}
                        </ul>
                    )}
                </Show>
            </section>
        </>
    );
}
export function runText(r: Playbook["runs"]): string {
    const parts = (["going", "ended", "stopped", "failed", "held"] as const).filter((k) => r[k]).map((k) => tn(`playbook.n_${k}`, r[k]));
    return parts.length ? parts.join(" · ") : t("playbook.nobody_yet");
}

const change = (p: Playbook, body: { on: boolean; from?: string }) => take(api.PATCH("/api/playbooks/{id}", { params: { path: { id: p.id } }, headers: ifMatch(p.version), body }));
export function Switch({ p }: { p: Playbook }) {
    const [asked, setAsked] = useState(false);
    if (!may("playbooks_write")) return null;
    return (
        <>
            <button onClick={() => setAsked(true)}>
                {t(p.on ? "playbook.off" : "playbook.on")}
                <span class="hidden"> {nameOf(p)}</span>
            </button>
            {asked && (p.on ? <Off p={p} onClose={() => setAsked(false)} /> : <On p={p} onClose={() => setAsked(false)} />)}
        </>
    );
}
// Whoever is on the way would be stopped, and switching it on again does not bring them back: so it is asked.
function Off({ p, onClose }: { p: Playbook; onClose(): void }) {
    return (
        <Dialog title={t("playbook.off_title", { name: nameOf(p) })} onClose={onClose}>
            <p>{p.runs.going ? tn("playbook.off_stops", p.runs.going) : t("playbook.off_nobody")}</p>
            <Form
                verb={t("playbook.off")}
                danger={p.runs.going > 0}
                onCancel={onClose}
                onSend={async () => {
                    await change(p, { on: false });
                    forget("playbook");
                    toast(t("playbook.now_off", { name: nameOf(p) }));
                    onClose();
                }}
            >
                {null}
            </Form>
        </Dialog>
    );
}
function On({ p, onClose }: { p: Playbook; onClose(): void }) {
    const [from, setFrom] = useState(String((p.definition as { from?: string } | null)?.from ?? ""));
    return (
        <Dialog title={t("playbook.on_title", { name: nameOf(p) })} onClose={onClose} wide>
            <Past id={p.id} />
            <Form
                verb={t("playbook.on")}
                onCancel={onClose}
                onSend={async () => {
                    const done = await change(p, { on: true, from: from || undefined });
                    forget("playbook");
                    toast(t("playbook.now_on", { name: nameOf(p) }), { undo: () => change(done, { on: false }).then(() => forget("playbook"), toastProblem) });
                    onClose();
                }}
            >
                <Text label={t("playbook.from")} hint={t("playbook.from_hint")} value={from} onInput={setFrom} max={200} />
            </Form>
        </Dialog>
    );
}

// Who would have got it in the last 90 days. Where there are so many customers that it takes long, it is a job.
type Tried = Shapes["try_past"];
export function Past({ id, cases }: { id: number; cases?: boolean }) {
    const [job, setJob] = useState<number | null>(null);
    const past = useLoad(`playbook past ${id}`, async (signal) => {
        const slow = AbortSignal.timeout(8000);
        try {
            return await take(api.GET("/api/playbooks/{id}/try", { params: { path: { id }, query: { days: 90 } }, signal: may("sources_read") ? AbortSignal.any([signal, slow]) : signal }));
        } catch (x) {
            if (signal.aborted || !slow.aborted) throw x;
            setJob((await take(api.POST("/api/playbooks/{id}/try", { params: { path: { id } }, body: { days: 90 } }))).id);
            return null;
        }
    });
    return <Show of={past}>{(d) => (d ? <PastText d={d} cases={cases} /> : <PastJob id={job} cases={cases} />)}</Show>;
}
function PastJob({ id, cases }: { id: number | null; cases?: boolean }) {
    const job = useJob(id);
    const done = job.data?.result as Tried | null | undefined;
    return ended(job.data) && done ? <PastText d={done} cases={cases} /> : <JobBar of={job} text={t("playbook.trying")} />;
}
function PastText({ d, cases }: { d: Tried; cases?: boolean }) {
    if (d.why) return <p class="note"><Said text={d.why} /></p>;
    return (
        <>
            <p>
                <strong>{tn("playbook.entered", d.entered, { days: count(d.days) })}</strong> {d.held > 0 && tn("playbook.left_alone", d.held)}
            </p>
            {d.asked > 0 && <p>{t("playbook.gate_said", { allow: count(d.allow), delay: count(d.delay), skip: count(d.skip) })}</p>}
            {d.kept_back.length > 0 && <p class="muted">{t("playbook.kept_back_by", { rules: d.kept_back.map((r) => `${ruleOf(r.rule)} (${count(r.n)})`).join(", ") })}</p>}
            {d.today_alone && <p class="muted">{t("playbook.today_alone")}</p>}
            {d.every_days > 1 && <p class="muted">{tn("playbook.every_days", d.every_days)}</p>}
            {cases && d.cases.length > 0 && (
                <details>
                    <summary>{tn("playbook.cases", d.cases.length)}</summary>
                    <ul class="rows">
                        {d.cases.map((c, i) => (
                            <li key={i}>
                                <a href={`/customers/${c.customer}`}>{t("playbook.customer", { n: c.customer })}</a> <span class="muted">{c.occasion}</span>{" "}
                                {c.held ? <span class="tag">{t("playbook.held")}</span> : <span class="tag">{t(`gate.${c.verdict}`)}</span>} <span class="muted"><Said text={c.reason} /></span>
                            </li>
                        ))}
                    </ul>
                </details>
            )}
        </>
    );
}
