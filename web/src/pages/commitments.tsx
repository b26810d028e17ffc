// What every page needs of promises: a row, saying what came of it, noting one.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { ago, day, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { Dialog, Menu } from "../ui/dialog";
import { Form, Select, Text, useDraft } from "../ui/form";
import { Icon } from "../ui/icon";

export type Commitment = Shapes["commitment"];
export const kinds = ["promise", "reply", "callback", "delivery", "fix", "price", "invoice", "refund", "task", "milestone", "instalment", "renewal", "training"];
export const commitmentKind = (k: string) => tr(`promise.kind.${k}`, k);
export const isLate = (c: Commitment) => c.status === "open" && !!c.judged && new Date(c.judged) < new Date();

export function CommitmentState({ c }: { c: Commitment }) {
    const late = isLate(c);
    const look = late || c.status === "broken" ? "bad" : c.status === "kept" || c.status === "renegotiated" ? "good" : "";
    const glyph = late || c.status === "broken" ? "✕" : look === "good" ? "✓" : c.status === "open" ? "○" : "–";
    return (
        <span class={`tag ${look}`}>
            <span aria-hidden="true">{glyph}</span> {late ? t("promise.late") : tr(`promise.${c.status}`, c.status)}
        </span>
    );
}
export const dueText = (c: Commitment) => (c.due ? `${ago(c.due)} (${day(c.due)})` : t("promise.no_date"));

// What tells one promise from another of the same words, for who hears the names of links and buttons alone.
const aboutOf = (c: Commitment) => [c.name, c.judged && day(c.judged)].filter(Boolean).map((x) => `, ${x}`).join("");
export function CommitmentRow({ c, onChange, who }: { c: Commitment; onChange(): void; who?: boolean }) {
    return (
        <li>
            <div class="row spread">
                <a href={`/commitments/${c.id}`}>
                    <strong>{c.what || commitmentKind(c.kind)}</strong>
                    <span class="hidden">{aboutOf(c)}</span>
                </a>
                <CommitmentActions c={c} onChange={onChange} />
            </div>
            <span class="muted">
                <CommitmentState c={c} /> {commitmentKind(c.kind)} · {c.status === "open" ? t("promise.due", { when: dueText(c) }) : c.kept ? t("promise.kept_on", { day: day(c.kept) }) : dueText(c)}
                {c.owner && ` · ${c.owner}`}
                {who && c.customer && (
                    <>
                        {" · "}
                        <a href={`/customers/${c.customer}`}>{c.name}</a>
                    </>
                )}
            </span>
        </li>
    );
}

type Word = "kept" | "moved" | "withdrawn" | "reopened" | "void";
export async function sayOf(id: number, what: Word, more: { due?: string; words?: string } = {}): Promise<void> {
    await take(api.POST("/api/commitments/{id}/steps", { params: { path: { id } }, body: { what, ...more } }));
    forget("commitments");
    forget("rates");
}

export function CommitmentActions({ c, onChange }: { c: Commitment; onChange(): void }) {
    const [asking, setAsking] = useState<Word | null>(null);
    if (!may("customers_write")) return null;
    const quick = async (what: Word, back: Word | null) => {
        try {
            await sayOf(c.id, what);
            onChange();
            toast(t("promise.noted", { what: c.what || commitmentKind(c.kind), state: t(`promise.say_${what}`) }), back ? { undo: () => sayOf(c.id, back).then(onChange, toastProblem) } : {});
        } catch (x) {
            toastProblem(x);
        }
    };
    const open = c.status === "open";
    const owed = open || c.status === "broken"; // late is better than never
    return (
        <span class="row no-print">
            {owed && (
                <button onClick={() => void quick("kept", "reopened")}>
                    {t("promise.say_kept")}
                    <span class="hidden">
                        : {c.what || commitmentKind(c.kind)}
                        {aboutOf(c)}
                    </span>
                </button>
            )}
            <Menu class="icon-button" title={t("promise.more", { what: (c.what || commitmentKind(c.kind)) + aboutOf(c) })} label={<Icon name="more" />}>
                {(close) => (
                    <ul>
                        {open && (
                            <>
                                <li>
                                    <button onClick={() => (close(), setAsking("moved"))}>{t("promise.move")}</button>
                                </li>
                                <li>
                                    <button onClick={() => (close(), void quick("withdrawn", "reopened"))}>{t("promise.withdraw")}</button>
                                </li>
                            </>
                        )}
                        {!open && c.status !== "void" && (
                            <li>
                                <button onClick={() => (close(), void quick("reopened", null))}>{t("promise.reopen")}</button>
                            </li>
                        )}
                        {c.status !== "void" && (
                            <li>
                                <button onClick={() => (close(), void quick("void", "reopened"))}>{t("promise.void_it")}</button>
                            </li>
                        )}
                    </ul>
                )}
            </Menu>
            {asking === "moved" && <Move c={c} onClose={() => setAsking(null)} onDone={onChange} />}
        </span>
    );
}
function Move({ c, onClose, onDone }: { c: Commitment; onClose(): void; onDone(): void }) {
    const [due, setDue] = useState(c.due?.slice(0, 10) ?? "");
    const [words, setWords] = useState("");
    return (
        <Dialog title={t("promise.move")} onClose={onClose}>
            <Form
                verb={t("promise.move_verb")}
                onCancel={onClose}
                onSend={async () => {
                    await sayOf(c.id, "moved", { due, words: words || undefined });
                    toast(t("promise.moved_to", { day: day(due) }));
                    onClose();
                    onDone();
                }}
            >
                <p class="muted">{t("promise.move_text")}</p>
                <Text label={t("promise.new_due")} type="date" value={due} onInput={setDue} required />
                <Text label={t("promise.agreed")} hint={t("promise.agreed_hint")} value={words} onInput={setWords} rows={2} max={1000} />
            </Form>
        </Dialog>
    );
}

export function NewCommitment({ customer, name, onClose }: { customer?: number; name?: string; onClose(): void }) {
    const [what, setWhat, sent] = useDraft(`promise ${customer ?? ""}`, "");
    const [kind, setKind] = useState("promise");
    const [due, setDue] = useState("");
    const [owner, setOwner] = useState("");
    const [to, setTo] = useState<{ id: number; name: string } | null>(customer ? { id: customer, name: name ?? "" } : null);
    const offer = useLoad(`offer ${kind}`, (signal) => take(api.GET("/api/commitments/offer", { params: { query: { kind } }, signal })).catch(() => null));
    return (
        <Dialog title={t("promise.new")} onClose={onClose}>
            <Form
                verb={t("promise.save")}
                onCancel={onClose}
                onSend={async () => {
                    const made = await take(api.POST("/api/commitments", { body: { what, kind, due: due || undefined, owner: owner || undefined, customer: to?.id } }));
                    sent();
                    forget("commitments");
                    toast(t("promise.saved"), { undo: () => sayOf(made.id, "void").catch(toastProblem) });
                    onClose();
                }}
            >
                <Text label={t("promise.what")} hint={t("promise.what_hint")} value={what} onInput={setWhat} rows={2} required max={1000} />
                {customer ? <p>{t("promise.to", { name: name ?? "" })}</p> : <PickCustomer value={to} onPick={setTo} />}
                <Select label={t("promise.kind")} value={kind} options={kinds.map((k) => [k, commitmentKind(k)])} onChange={setKind} />
                <Text
                    label={t("promise.due_day")}
                    type="date"
                    value={due}
                    onInput={setDue}
                    hint={
                        offer.data?.date ? (
                            <>
                                {t("promise.offer", { day: day(offer.data.date), n: offer.data.n })}{" "}
                                <button type="button" class="link" onClick={() => setDue(offer.data!.date!.slice(0, 10))}>
                                    {t("promise.take_offer")}
                                </button>
                            </>
                        ) : (
                            t("promise.due_hint")
                        )
                    }
                />
                <Text label={t("promise.owner")} value={owner} onInput={setOwner} max={200} hint={t("promise.owner_hint")} />
            </Form>
        </Dialog>
    );
}
export function PickCustomer({ value, onPick }: { value: { id: number; name: string } | null; onPick(x: { id: number; name: string } | null): void }) {
    const [q, setQ] = useState("");
    const found = useLoad(`find ${q}`, async (signal) => (q.trim().length < 2 ? { items: [] } : take(api.GET("/api/customers", { params: { query: { q: q.trim(), limit: 12 } }, signal }))));
    if (value)
        return (
            <p>
                {t("promise.to", { name: value.name })}{" "}
                <button type="button" class="link" onClick={() => onPick(null)}>
                    {t("act.change")}
                </button>
            </p>
        );
    return (
        <>
            <Text label={t("promise.to_whom")} type="search" value={q} onInput={setQ} hint={t("promise.to_hint")} />
            {q.trim().length >= 2 && (
                <ul class="rows" aria-label={t("promise.to_whom")}>
                    {found.data?.items.slice(0, 6).map((c) => (
                        <li key={c.id}>
                            <button type="button" class="link" onClick={() => onPick({ id: c.id, name: c.name })}>
                                {c.name}
                            </button>{" "}
                            <span class="muted">{c.known_by}</span>
                        </li>
                    ))}
                    {found.data && !found.data.items.length && <li class="muted">{tn("palette.hits", 0)}</li>}
                </ul>
            )}
        </>
    );
}
