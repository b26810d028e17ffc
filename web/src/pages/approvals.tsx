// Who waits for a signature: what it costs, how long there is, the arithmetic, and the word that decides. j and k go
// through them.
import { useRef, useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import { ago, count, money, t, tr } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { forget } from "../lib/load";
import { setQuery, query } from "../lib/router";
import { toast } from "../lib/toast";
import { When } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Form, Text } from "../ui/form";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty } from "../ui/states";
import { Arithmetic, type Answered } from "./redline_answer";

type Approval = Shapes["approval"];
const tone: Record<string, string> = { granted: "good", declined: "bad", expired: "bad" };

export function Signatures() {
    const all = query("all") === "1";
    const state = all ? undefined : "waiting";
    const list = usePaged<Approval>(`approvals ${state}`, (after, signal) => take(api.GET("/api/approvals", { params: { query: { state, after, limit: 20 } }, signal })) as Promise<Page<Approval>>, ["events"]);
    const box = useRef<HTMLUListElement>(null);
    const [deciding, setDeciding] = useState<{ a: Approval; grant: boolean } | null>(null);
    const step = (by: number) => {
        const rows = [...(box.current?.querySelectorAll<HTMLElement>("li[data-row]") ?? [])];
        const at = rows.indexOf(document.activeElement?.closest<HTMLElement>("li[data-row]") ?? rows[-1]!);
        rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
    };
    const word = (grant: boolean) => {
        const id = Number((document.activeElement?.closest("li[data-row]") as HTMLElement | null)?.dataset.row);
        const a = list.rows.find((x) => x.id === id && x.state === "waiting");
        if (a && may("redlines_write")) setDeciding({ a, grant });
    };
    useShortcuts(
        [
            { keys: "j", label: t("keys.next"), group: t("keys.here"), run: () => step(1) },
            { keys: "k", label: t("keys.previous"), group: t("keys.here"), run: () => step(-1) },
            { keys: "s", label: t("line.grant"), group: t("keys.here"), run: () => word(true) },
            { keys: "d", label: t("line.decline"), group: t("keys.here"), run: () => word(false) },
        ],
        [list.rows],
    );
    return (
        <section class="panel">
            <p class="row">
                <button aria-pressed={!all} onClick={() => setQuery({ all: null }, true)}>{t("line.state_waiting")}</button>
                <button aria-pressed={all} onClick={() => setQuery({ all: "1" }, true)}>{t("line.all_states")}</button>
            </p>
            <Listed of={list} empty={<Empty title={t("line.no_signatures")} text={t("line.no_signatures_text")} />}>
                {(rows) => (
                    <ul class="rows" ref={box}>
                        {rows.map((a) => (
                            <li key={a.id} data-row={a.id} tabIndex={-1}>
                                <Row a={a} onWord={(grant) => setDeciding({ a, grant })} />
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
            {deciding && <Decide {...deciding} onClose={() => setDeciding(null)} onDone={() => (setDeciding(null), forget("approvals"), forget("redlines"), forget("today"))} />}
        </section>
    );
}
function Row({ a, onWord }: { a: Approval; onWord(grant: boolean): void }) {
    const lines = (a.answer as Answered | null)?.lines ?? [];
    const name = `${tr(`line.of.${a.kind}`, a.kind)} · ${money(a.costs)}`;
    const waiting = a.state === "waiting";
    return (
        <>
            <div class="row spread">
                <strong>{name}</strong>
                <span class={`tag ${tone[a.state] ?? ""}`}>{waiting ? t("line.signed_until", { when: ago(a.due) }) : tr(`line.state_${a.state}`, a.state)}</span>
            </div>
            <p class="muted">
                {a.customer && (
                    <>
                        <a href={`/customers/${a.customer}`}>{a.name || t("act.open_customer")}</a> ·{" "}
                    </>
                )}
                {a.reason} · {a.asked_by} · <When at={a.asked} /> · {t("line.signs", { role: tr(`role.${a.signer}`, a.signer) })}
                {a.decided_by && ` · ${a.decided_by}`} {a.words && `· ${a.words}`}
            </p>
            {lines.length > 0 && (
                <details>
                    <summary>
                        {t("check.arithmetic", { n: count(lines.length) })}
                        <span class="hidden"> {name}</span>
                    </summary>
                    <Arithmetic lines={lines} />
                </details>
            )}
            {waiting && may("redlines_write") && (
                <p class="row">
                    <button class="primary" title="s" onClick={() => onWord(true)}>
                        {t("line.grant")}
                        <span class="hidden"> {name}</span>
                    </button>
                    <button title="d" onClick={() => onWord(false)}>
                        {t("line.decline")}
                        <span class="hidden"> {name}</span>
                    </button>
                </p>
            )}
        </>
    );
}
function Decide({ a, grant, onClose, onDone }: { a: Approval; grant: boolean; onClose(): void; onDone(): void }) {
    const [words, setWords] = useState("");
    const verb = t(grant ? "line.grant" : "line.decline");
    const send = async () => {
        const params = { path: { id: a.id } };
        await take(grant ? api.POST("/api/approvals/{id}/grant", { params, body: { words } }) : api.POST("/api/approvals/{id}/decline", { params, body: { words } }));
        toast(t(grant ? "line.state_granted" : "line.state_declined"));
        onDone();
    };
    return (
        <Dialog title={`${verb}: ${tr(`line.of.${a.kind}`, a.kind)} · ${money(a.costs)}`} onClose={onClose}>
            <Arithmetic lines={(a.answer as Answered | null)?.lines ?? []} />
            <Form verb={verb} danger={!grant} onCancel={onClose} onSend={send}>
                <Text label={t("line.words")} value={words} onInput={setWords} rows={2} required max={1000} />
            </Form>
        </Dialog>
    );
}
