// The answer, or a note for colleagues. What is typed is kept as it is typed; what the gate would say stands above the
// button; what somebody else did meanwhile is shown before anything is sent; and a sent answer can be called back for
// ten seconds.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, ifMatch, Problem, problemOf, type Shapes, take } from "../lib/api";
import { ago, t, time, tr } from "../lib/i18n";
import { forget } from "../lib/load";
import { go, guard } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { When } from "../ui/bits";
import { ProblemText } from "../ui/problem";
import { nameOf, note, readItem, tellItem, type Whole } from "./inbox_do";
import { ruleOf } from "./messages";
import { Said } from "../ui/said";
import { said } from "../lib/said";

type Draft = Shapes["inbox_draft"];
type Save = "clean" | "waiting" | "saved" | "failed";
const QUIET = 2000;
const draftKey = (id: number) => `heed.draft.inbox ${id}`;

// What was begun: kept here at once, and on the server two seconds after the last key, when the field is left, and when
// the page is.
function useReplyDraft(id: number, mine: Draft | undefined) {
    const key = draftKey(id);
    const [text, setText] = useState(() => localStorage.getItem(key) ?? mine?.words ?? "");
    const [state, setState] = useState<{ is: Save; at: number }>({ is: text ? "saved" : "clean", at: mine ? Date.parse(mine.changed) : 0 });
    const now = useRef({ text, kept: mine?.words ?? "" });
    now.current.text = text;
    const save = async () => {
        const words = now.current.text;
        if (words === now.current.kept) return;
        now.current.kept = words;
        try {
            await take(api.PUT("/api/inbox/{id}/draft", { params: { path: { id } }, body: { words } }));
            if (localStorage.getItem(key) === words) localStorage.removeItem(key);
            setState({ is: words ? "saved" : "clean", at: Date.now() });
        } catch {
            now.current.kept = "\0"; // it is tried again; until then it is kept here
            setState({ is: "failed", at: Date.now() });
        }
    };
    useEffect(() => {
        if (text === now.current.kept) return;
        const timer = setTimeout(() => void save(), QUIET);
        return () => clearTimeout(timer);
    }, [text]);
    useEffect(() => {
        const off = guard(() => (void save(), true));
        return () => {
            off();
            void save();
        };
    }, []);
    return {
        text,
        state,
        put: (words: string) => {
            setText(words);
            setState((s) => ({ ...s, is: words ? "waiting" : "clean" }));
            if (words) localStorage.setItem(key, words);
            else localStorage.removeItem(key);
        },
        flush: () => void save(),
        // It was sent: the server has taken its draft away by itself.
        sent: () => {
            now.current.kept = now.current.text = "";
            localStorage.removeItem(key);
            setText("");
            setState({ is: "clean", at: 0 });
        },
    };
}

export function Reply({ w, again }: { w: Whole; again(): void }) {
    const x = w.item;
    const mine = w.drafts.find((d) => d.mine);
    const others = w.drafts.filter((d) => !d.mine);
    const draft = useReplyDraft(x.id, mine);
    const [internal, setInternal] = useState(false);
    const [inside, setInside] = useState("");
    const [subject, setSubject] = useState(mine?.subject ?? "");
    const [settles, setSettles] = useState(false);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem>();
    // The version that whoever writes has seen: a newer one, once words stand here, is shown first.
    const [seen, setSeen] = useState({ version: x.version, at: Date.now() });
    const writing = draft.text.trim() !== "" && !internal;
    useEffect(() => {
        if (!writing) setSeen({ version: x.version, at: Date.now() });
    }, [writing, x.version]);
    const newer = writing && seen.version !== x.version;
    const gate = w.gate;
    const mail = w.how === "mail";
    const held = mail && gate != null && gate.verdict !== "allow";

    const send = async () => {
        if (internal) {
            if (!inside.trim()) return;
            setBusy(true);
            await note(x, inside.trim());
            setInside("");
            setInternal(false);
            setBusy(false);
            return;
        }
        const words = draft.text.trim();
        if (!words || newer || busy) return;
        setBusy(true);
        setProblem(undefined);
        try {
            const done = await take(api.POST("/api/inbox/{id}/reply", { params: { path: { id: x.id } }, headers: ifMatch(seen.version), body: { words, subject: subject.trim() || undefined, then: settles ? "done" : "wait", how: mail ? "mail" : "elsewhere", once: crypto.randomUUID() } }));
            if (done.sent === "kept_back") {
                setProblem(new Problem(409, "kept_back", t("inbox.kept_back", { why: said(done.gate?.reason ?? "") ?? done.gate?.reason ?? "" })));
                again();
                return;
            }
            draft.sent();
            setSubject("");
            tellItem(done.item, true);
            forget("inbox counts");
            again();
            toast(t(`inbox.sent_${done.sent}`, { name: nameOf(x) }), done.message && done.sent === "queued" ? { undo: () => callBack(done.message!, words) } : {});
        } catch (e) {
            const p = problemOf(e);
            if (p.changed) again(); // what happened is read, and stands above the words
            else setProblem(p);
        } finally {
            setBusy(false);
        }
    };
    const callBack = async (message: number, words: string) => {
        try {
            await take(api.POST("/api/outbox/{id}/cancel", { params: { path: { id: message } } }));
            // The words are there again, wherever one has gone meanwhile.
            localStorage.setItem(draftKey(x.id), words);
            await readItem(x.id).then((now) => tellItem(now.item, true));
            forget("inbox counts");
            forget(`inbox item ${x.id}`);
            go(`/inbox/${x.id}${location.search}`, { stay: true });
            setTimeout(() => document.querySelector<HTMLElement>(".reply textarea")?.focus(), 100);
        } catch (e) {
            toastProblem(e);
        }
    };

    return (
        <form
            class="reply no-print"
            aria-label={t("inbox.reply")}
            onSubmit={(e) => (e.preventDefault(), void send())}
            onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && (e.preventDefault(), void send())}
        >
            {newer && <Meanwhile w={w} since={seen.at} onMine={() => setSeen({ version: x.version, at: Date.now() })} onTheirs={() => draft.put("")} />}
            {!internal && others.map((d) => <p key={d.by.id} class="warn">⚠ {t("inbox.begun", { who: d.by.name, when: ago(d.changed) })}</p>)}
            <div class="row reply-kind" role="group" aria-label={t("inbox.reply_kind")}>
                <button type="button" class="chip" aria-pressed={!internal} onClick={() => setInternal(false)}>
                    {mail ? t("inbox.reply") : t("inbox.reply_elsewhere")}
                </button>
                <button type="button" class="chip" aria-pressed={internal} onClick={() => setInternal(true)}>
                    {t("inbox.note")}
                </button>
                {!internal && <DraftState of={draft.state} />}
            </div>
            {!internal && !mail && <p class="muted">{t("inbox.elsewhere_text")}</p>}
            {mail && !internal && writing && (
                <input type="text" class="subject-field" aria-label={t("outbox.subject")} placeholder={w.subject ?? t("outbox.subject")} value={subject} maxLength={200} onInput={(e) => setSubject(e.currentTarget.value)} />
            )}
            {internal ? (
                <textarea key="note" rows={3} aria-label={t("inbox.note")} placeholder={t("inbox.note_hint")} value={inside} maxLength={10000} onInput={(e) => setInside(e.currentTarget.value)} />
            ) : (
                <textarea key="answer" rows={writing ? 6 : 2} lang={w.lang ?? ""} aria-label={t("inbox.answer_to", { name: nameOf(x) })} placeholder={t("inbox.answer_hint")} value={draft.text} maxLength={60000} onInput={(e) => draft.put(e.currentTarget.value)} onBlur={draft.flush} />
            )}
            {problem && (
                <div class="note bad" role="alert">
                    {t("form.kept")} <ProblemText of={problem} />
                </div>
            )}
            {(writing || internal || held) && (
                <div class="row spread reply-foot">
                    <span class="reply-gate">{!internal && mail && <Gate of={gate} />}</span>
                    <span class="row">
                        {!internal && (
                            <label class="row">
                                <input type="checkbox" checked={settles} onChange={(e) => setSettles(e.currentTarget.checked)} />
                                {t("inbox.settles")}
                            </label>
                        )}
                        <button class="primary" title="Ctrl Enter" disabled={busy || newer || (internal ? !inside.trim() : !writing || held)}>
                            {busy ? t("form.sending") : internal ? t("inbox.note_save") : mail ? t("inbox.send") : t("inbox.note_answer")}
                        </button>
                    </span>
                </div>
            )}
        </form>
    );
}

function DraftState({ of }: { of: { is: Save; at: number } }) {
    const text = { clean: "", waiting: t("form.waiting"), saved: of.at ? t("inbox.draft_saved", { time: time(of.at) }) : "", failed: t("inbox.draft_here") }[of.is];
    return (
        <span class="muted" role="status">
            {text}
        </span>
    );
}

// What the gate would say, before anything is sent.
function Gate({ of }: { of: Whole["gate"] }) {
    if (!of) return <span class="tag bad">✕ {t("inbox.no_address")}</span>;
    return (
        <span role="status">
            <span class={`tag ${of.verdict === "allow" ? "good" : of.verdict === "skip" ? "bad" : "warn"}`}>
                {of.verdict === "allow" ? "✓" : "✕"} {t(`gate.may_${of.verdict}`)}
            </span>{" "}
            {of.verdict !== "allow" && (
                <span class="muted">
                    {of.reason ? <Said text={of.reason} /> : of.rule && ruleOf(of.rule)} {of.until && <When at={of.until} />}
                </span>
            )}
        </span>
    );
}

// Somebody did something while one wrote: both stand there, and whoever writes says what holds.
function Meanwhile({ w, since, onMine, onTheirs }: { w: Whole; since: number; onMine(): void; onTheirs(): void }) {
    const fresh = w.messages.filter((m) => Date.parse(m.at) > since - 60_000).slice(-3);
    const sent = w.sending.filter((s) => Date.parse(s.at) > since - 60_000);
    return (
        <div class="note bad meanwhile" role="alert">
            <p>
                <strong>{t("inbox.meanwhile")}</strong>
            </p>
            {[...fresh, ...sent.map((s) => ({ id: String(s.message), at: s.at, by: s.by, words: s.words, step: null, kind: "message_out", lang: null, who: "person" as const }))].map((m) => (
                <p key={m.id}>
                    <strong>{m.by ?? (m.who === "customer" ? nameOf(w.item) : t("inbox.us"))}</strong> <When at={m.at} />: <span class="clip" lang={m.lang ?? ""}>{m.words || (m.step ? tr(`inbox.step_${m.step}`, m.step) : "")}</span>
                </p>
            ))}
            {!fresh.length && !sent.length && <p>{tr(`inbox.state_${w.item.state}`, w.item.state)}{w.item.assignee && ` · ${t("inbox.with", { who: w.item.assignee.name })}`}</p>}
            <p class="row">
                <button type="button" class="primary" onClick={onMine}>
                    {t("form.keep_mine")}
                </button>
                <button type="button" onClick={onTheirs}>
                    {t("form.take_theirs")}
                </button>
                <button type="button" class="quiet" onClick={() => document.querySelector(".talk-body")?.scrollTo({ top: 1e9 })}>
                    {t("inbox.show_both")}
                </button>
            </p>
        </div>
    );
}
