// Changing the taxonomy: what a change would do to the words that are stored is shown before it is made, and each change
// can be taken back.
import { useEffect, useState } from "preact/hooks";
import { api, ifMatch, may, type Page, type Problem, problemOf, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, dayTime, list, percent, t, tn } from "../lib/i18n";
import { forget } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { When } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Field, Form, Select, Text, VersionedForm } from "../ui/form";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Failed, Skeleton } from "../ui/states";
import { axes, axisName, type Axis, intentName, topicName } from "../ui/topic_words";

export type Topic = Shapes["topic_row"];
export type Act = "add" | "edit" | "merge" | "split" | "archive" | "restore";
type Proposal = Shapes["topic_proposal"];
type Part = { name: string; about: string; phrases: string };

// What a change touches is read anew everywhere.
export const changed = () => (forget("topic"), forget("theme"), forget("priorit"), forget("mentions"), forget("needs"));
function tell(row: Topic, text: string): void {
    changed();
    const id = row.change;
    toast(text, id ? { undo: () => void undo(id) } : {});
}
async function undo(id: number): Promise<void> {
    try {
        await take(api.POST("/api/topics/changes/{id}/undo", { params: { path: { id } } }));
        changed();
        toast(t("topic.undone"));
    } catch (x) {
        toastProblem(x);
    }
}
const lines = (x: string) => x.split("\n").map((s) => s.trim()).filter(Boolean);

interface Props { act: Act; topic?: Topic; all: Topic[]; start?: { name?: string; names?: string[]; parent?: number; axis?: Axis }; onClose(): void; onDone?(row: Topic): void }
export function ChangeTopic(p: Props) {
    const name = p.topic ? topicName(p.topic) : "";
    return (
        <Dialog title={p.act === "add" ? t("topic.add") : `${t(`topic.${p.act}`)}: ${name}`} onClose={p.onClose} wide>
            {p.act === "add" || p.act === "edit" ? <Words {...p} /> : p.act === "merge" ? <Merge {...p} /> : p.act === "split" ? <Split {...p} /> : <Put {...p} />}
        </Dialog>
    );
}
const ended = (p: Props, row: Topic, text: string) => (tell(row, text), p.onDone?.(row), p.onClose());

// Those under which it may stand: of its axis, and not below itself.
function places(all: Topic[], axis: string, self?: number): [string, string][] {
    const below = (x: Topic): boolean => x.id === self || (!!x.parent && all.some((y) => y.id === x.parent && below(y)));
    return [["", t("topic.top")], ...all.filter((x) => x.state === "used" && x.axis === axis && !below(x)).map((x): [string, string] => [String(x.id), topicName(x)])];
}

// ---- a new one, and other words for one ----

type Values = { name: string; about: string; phrases: string; parent: string; least: string; axis: string };
const valuesOf = (x: Topic): Values => ({ name: x.name, about: x.about, phrases: x.phrases.join("\n"), parent: String(x.parent ?? ""), least: x.least != null ? String(Math.round(x.least * 100)) : "", axis: x.axis });

function Words(p: Props) {
    const x = p.topic;
    const [v, setV] = useState<Values>(x ? valuesOf(x) : { name: p.start?.name ?? "", about: "", phrases: "", parent: String(p.start?.parent ?? ""), least: "", axis: p.start?.axis ?? "what" });
    const put = (name: keyof Values) => (to: string) => setV({ ...v, [name]: to });
    const names = p.start?.names;
    const least = v.least ? Number(v.least) / 100 : undefined;
    const said = { name: v.name.trim(), about: v.about, phrases: lines(v.phrases), parent: v.parent ? Number(v.parent) : undefined };
    const proposal: Proposal | null = !said.name ? null : x ? { act: "edit", topic: x.id, ...said, least } : { act: "add", axis: v.axis as Axis, names, ...said };
    const fields = (
        <>
            <div class="fields">
                <Text label={t("topic.name")} value={v.name} onInput={put("name")} required max={60} hint={x && x.names.length > 1 ? t("topic.names", { names: list(x.names) }) : names ? t("topic.of_names", { names: list(names) }) : undefined} />
                {!x && <Select label={t("topic.axis")} value={v.axis} options={axes.map((a): [string, string] => [a, axisName(a)])} onChange={(axis) => setV({ ...v, axis, parent: "" })} />}
                <Select label={t("topic.under")} value={v.parent} options={places(p.all, v.axis, x?.id)} onChange={put("parent")} />
            </div>
            <Text label={t("topic.about")} hint={t("topic.about_hint")} value={v.about} onInput={put("about")} max={300} />
            <Text label={t("topic.phrases")} hint={t("topic.phrases_hint")} value={v.phrases} onInput={put("phrases")} rows={4} />
            <Field label={t("topic.least")} hint={t("topic.least_hint")}>
                {(f) => <input {...f} type="number" min={5} max={100} placeholder={t("topic.least_learned")} value={v.least} onInput={(e) => put("least")(e.currentTarget.value)} />}
            </Field>
            <Preview of={proposal} />
        </>
    );
    if (!x)
        return (
            <Form verb={t("topic.add")} onCancel={p.onClose} ready={!!proposal} onSend={async () => ended(p, await take(api.POST("/api/topics", { body: { axis: v.axis as Axis, names, least, ...said } })), t("topic.added", { name: said.name }))}>
                {fields}
            </Form>
        );
    return (
        <VersionedForm
            verb={t("act.save")}
            value={v}
            version={x.version}
            labels={{ name: t("topic.name"), about: t("topic.about"), phrases: t("topic.phrases"), parent: t("topic.under"), least: t("topic.least") }}
            onValue={(x: Values) => setV(x)}
            onCancel={p.onClose}
            save={async (now, version) => {
                const body = { name: now.name.trim(), about: now.about, phrases: lines(now.phrases), parent: now.parent ? Number(now.parent) : undefined, top: now.parent ? undefined : true, least: now.least ? Number(now.least) / 100 : 0 };
                ended(p, await take(api.PATCH("/api/topics/{id}", { params: { path: { id: x.id } }, headers: ifMatch(version), body })), t("topic.changed", { name: body.name }));
            }}
            read={async () => {
                const d = await take(api.GET("/api/topics/{id}", { params: { path: { id: x.id } } }));
                return { value: valuesOf(d.topic), version: d.topic.version };
            }}
        >
            {fields}
        </VersionedForm>
    );
}

// ---- two become one, one becomes several, one rests ----

function Merge(p: Props) {
    const x = p.topic!;
    const [into, setInto] = useState("");
    const options = p.all.filter((y) => y.id !== x.id && y.axis === x.axis && y.state === "used").map((y): [string, string] => [String(y.id), topicName(y)]);
    return (
        <Form verb={t("topic.merge")} onCancel={p.onClose} ready={!!into} onSend={async () => ended(p, await take(api.POST("/api/topics/{id}/merge", { params: { path: { id: x.id } }, headers: ifMatch(x.version), body: { into: Number(into) } })), t("topic.merged", { name: topicName(x) }))}>
            <p class="muted">{t("topic.merge_text")}</p>
            <Select label={t("topic.into")} value={into} options={[["", "…"], ...options]} onChange={setInto} />
            <Preview of={into ? { act: "merge", topic: x.id, into: Number(into) } : null} />
        </Form>
    );
}
const nothing: Part = { name: "", about: "", phrases: "" };
function Split(p: Props) {
    const x = p.topic!;
    const [parts, setParts] = useState<Part[]>([nothing, nothing]);
    const put = (i: number, change: Partial<Part>) => setParts(parts.map((y, k) => (k === i ? { ...y, ...change } : y)));
    const body = parts.filter((y) => y.name.trim()).map((y) => ({ name: y.name.trim(), about: y.about || undefined, phrases: lines(y.phrases) }));
    const ready = body.length >= 2 && body.every((y) => y.about || y.phrases.length);
    return (
        <Form verb={t("topic.split")} onCancel={p.onClose} ready={ready} onSend={async () => ended(p, await take(api.POST("/api/topics/{id}/split", { params: { path: { id: x.id } }, headers: ifMatch(x.version), body: { parts: body } })), t("topic.was_split", { name: topicName(x) }))}>
            <p class="muted">{t("topic.split_text")}</p>
            {parts.map((y, i) => (
                <fieldset key={i}>
                    <legend>{t("topic.part", { n: count(i + 1) })}</legend>
                    <div class="fields">
                        <Text label={t("topic.name")} value={y.name} onInput={(name) => put(i, { name })} max={60} />
                        <Text label={t("topic.about")} value={y.about} onInput={(about) => put(i, { about })} max={300} />
                    </div>
                    <Text label={t("topic.phrases")} value={y.phrases} onInput={(phrases) => put(i, { phrases })} rows={2} />
                </fieldset>
            ))}
            {parts.length < 20 && (
                <p>
                    <button type="button" onClick={() => setParts([...parts, nothing])}>
                        {t("topic.part_more")}
                    </button>
                </p>
            )}
            <Preview of={ready ? { act: "split", topic: x.id, parts: body } : null} />
        </Form>
    );
}
function Put(p: Props) {
    const x = p.topic!;
    const away = p.act === "archive";
    const at = { params: { path: { id: x.id } }, headers: ifMatch(x.version) };
    return (
        <Form verb={t(away ? "topic.archive" : "topic.restore")} onCancel={p.onClose} onSend={async () => ended(p, await take(away ? api.POST("/api/topics/{id}/archive", at) : api.POST("/api/topics/{id}/restore", at)), t(away ? "topic.archived" : "topic.restored", { name: topicName(x) }))}>
            <p class="muted">{t(away ? "topic.archive_text" : "topic.restore_text")}</p>
            <Preview of={{ act: away ? "archive" : "restore", topic: x.id }} />
        </Form>
    );
}

// ---- what would become of the words that are stored ----

function Preview({ of }: { of: Proposal | null }) {
    const key = JSON.stringify(of);
    const [seen, setSeen] = useState<{ key: string; data?: Shapes["topic_outlook"]; problem?: Problem }>({ key: "" });
    const [tries, setTries] = useState(0);
    useEffect(() => {
        if (!of) return;
        const stop = new AbortController();
        // Asked when nothing was typed for a moment: it looks at all words.
        const timer = setTimeout(() => {
            take(api.POST("/api/topics/preview", { body: of, signal: stop.signal })).then(
                (data) => setSeen({ key, data }),
                (x) => stop.signal.aborted || setSeen({ key, problem: problemOf(x) }),
            );
        }, 500);
        return () => (clearTimeout(timer), stop.abort());
    }, [key, tries]);
    return (
        <section class="outlook" aria-label={t("topic.preview")} aria-live="polite">
            <h3>{t("topic.preview")}</h3>
            {!of ? <p class="muted">{t("topic.preview_wait")}</p> : seen.problem && seen.key === key ? <Failed problem={seen.problem} again={() => setTries(tries + 1)} /> : seen.data ? <Outlook d={seen.data} old={seen.key !== key} /> : <Skeleton lines={3} />}
        </section>
    );
}
const notes: [string, Parameters<typeof t>[0]][] = [["no words", "topic.note_none"], ["nobody", "topic.note_nobody"], ["told from", "topic.note_quick"], ["without the file", "topic.note_letters"], ["only the newest", "topic.note_newest"]];
function Outlook({ d, old }: { d: Shapes["topic_outlook"]; old: boolean }) {
    return (
        <div aria-busy={old}>
            <ul class="rows">
                {d.moves.map((m) => (
                    <li key={m.topic ?? 0}>
                        <p class="row">
                            <strong>{intentName(m.name)}</strong>
                            {m.gains > 0 && <span class="tag good">+{tn("topic.gains", m.gains)}</span>}
                            {m.loses > 0 && <span class="tag bad">−{tn("topic.loses", m.loses)}</span>}
                            {m.stays > 0 && <span class="tag">{tn("topic.stays", m.stays)}</span>}
                            {m.doubts > 0 && <span class="tag">{tn("topic.doubts", m.doubts)}</span>}
                            {!m.gains && !m.loses && !m.stays && !m.doubts && <span class="muted">{t("topic.note_none")}</span>}
                            {m.people > 0 && <span class="muted">{tn("topic.people_n", m.people)}</span>}
                        </p>
                        {m.examples.length > 0 && (
                            <details>
                                <summary>
                                    {tn("topic.examples_n", m.examples.length)}
                                    <span class="hidden"> {m.name}</span>
                                </summary>
                                {m.examples.map((e) => (
                                    <p key={e.feedback} class="said">
                                        <span lang="">{e.words}</span> {e.sure != null && <small>{percent(e.sure)}</small>}
                                    </p>
                                ))}
                            </details>
                        )}
                    </li>
                ))}
            </ul>
            {d.precision && (
                <p class="row">
                    {t("topic.expected")} <Estimate of={d.precision as Figure} unit="share" label={t("topic.expected")} text={t("topic.precision_text")} />
                </p>
            )}
            {d.without > 0 && <p class="note">⚠ {tn("topic.without", d.without)}</p>}
            <p class="muted">
                {tn("topic.looked", d.looked)} {d.notes.map((x) => notes.find(([begins]) => x.startsWith(begins))?.[1]).map((key, i) => (key ? t(key) : d.notes[i])).join(" ")}
            </p>
        </div>
    );
}

// ---- what was changed ----

type Changed = Shapes["topic_changed"];
export function TopicHistory() {
    const [open, setOpen] = useState(false);
    return (
        <details class="panel" onToggle={(e) => setOpen(e.currentTarget.open)}>
            <summary>{t("topic.history")}</summary>
            {open && <Changes />}
        </details>
    );
}
function Changes() {
    const all = usePaged<Changed>("topic changes", (after, signal) => take(api.GET("/api/topics/changes", { params: { query: { after, limit: 30 } }, signal })) as Promise<Page<Changed>>);
    return (
        <Listed of={all} older empty={<p class="muted">{t("topic.history_none")}</p>}>
            {(rows) => (
                <ul class="rows">
                    {rows.map((x) => (
                        <li key={x.id} class="row spread">
                            <span>
                                {t(`topic.act_${x.act}`)}: <strong>{list(x.topics.map(intentName))}</strong> <small>{x.by}</small>
                            </span>
                            <span class="row">
                                <When at={x.at} />
                                {x.undone ? (
                                    <span class="muted">{t("topic.undone")}</span>
                                ) : (
                                    may("topics_write") &&
                                    x.act !== "undo" && (
                                        <button class="link" onClick={() => void undo(x.id)}>
                                            {t("act.undo")}
                                            <span class="hidden">
                                                {" "}
                                                {x.topics.join(", ")}, {dayTime(x.at)}
                                            </span>
                                        </button>
                                    )
                                )}
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </Listed>
    );
}
