// Fields of forms, and forms that save themselves.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Problem, problemOf } from "../lib/api";
import { t, time } from "../lib/i18n";
import { guard } from "../lib/router";
import { toastProblem } from "../lib/toast";
import { Heads } from "./bits";
import { ProblemText } from "./problem";

interface FieldProps {
    label: string;
    hint?: ComponentChildren;
    error?: string;
    children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ComponentChildren;
}
export function Field({ label, hint, error, children }: FieldProps) {
    const id = useId();
    const about = [hint && `${id}h`, error && `${id}e`].filter(Boolean).join(" ") || undefined;
    return (
        <div class="field">
            <label for={id}>{label}</label>
            {hint && <small id={`${id}h`}>{hint}</small>}
            {children({ id, "aria-describedby": about, "aria-invalid": error ? true : undefined })}
            {error && <small class="bad" id={`${id}e`}>⚠ {error}</small>}
        </div>
    );
}
interface TextProps {
    label: string;
    value: string;
    onInput(x: string): void;
    onBlur?(): void;
    hint?: ComponentChildren;
    error?: string;
    type?: string;
    required?: boolean;
    rows?: number;
    list?: string;
    placeholder?: string;
    max?: number;
    name?: string;
    autocomplete?: "off" | "new-password";
}
export function Text(p: TextProps) {
    return (
        <Field label={p.label} hint={p.hint} error={p.error}>
            {(x) =>
                p.rows ? (
                    <textarea {...x} name={p.name} rows={p.rows} value={p.value} required={p.required} maxLength={p.max} placeholder={p.placeholder} onInput={(e) => p.onInput(e.currentTarget.value)} onBlur={p.onBlur} />
                ) : (
                    <input {...x} name={p.name} autocomplete={p.autocomplete} type={(p.type ?? "text") as "text"} value={p.value} required={p.required} maxLength={p.max} list={p.list} placeholder={p.placeholder} onInput={(e) => p.onInput(e.currentTarget.value)} onBlur={p.onBlur} />
                )
            }
        </Field>
    );
}
export function Select({ label, value, options, onChange, hint, error }: { label: string; value: string; options: [string, string][]; onChange(x: string): void; hint?: ComponentChildren; error?: string }) {
    return (
        <Field label={label} hint={hint} error={error}>
            {(x) => (
                <select {...x} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
                    {options.map(([v, text]) => (
                        <option key={v} value={v}>
                            {text}
                        </option>
                    ))}
                </select>
            )}
        </Field>
    );
}
export function Check({ label, checked, onChange, hint }: { label: string; checked: boolean; onChange(x: boolean): void; hint?: string }) {
    const id = useId();
    return (
        <div class="check">
            <input type="checkbox" id={id} checked={checked} aria-describedby={hint ? `${id}h` : undefined} onChange={(e) => onChange(e.currentTarget.checked)} />
            <label for={id}>{label}</label>
            {hint && <small id={`${id}h`}>{hint}</small>}
        </div>
    );
}

// A form with one verb. What was typed stays when saving fails; Ctrl Enter sends; a draft is kept in this browser.
export function Form({ verb, onSend, onCancel, children, danger, ready = true }: { verb: string; onSend(): Promise<unknown>; onCancel?(): void; children: ComponentChildren; danger?: boolean; ready?: boolean }) {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem>();
    const send = async () => {
        setBusy(true);
        setProblem(undefined);
        try {
            await onSend();
        } catch (x) {
            setProblem(problemOf(x));
        } finally {
            setBusy(false);
        }
    };
    return (
        <form
            onSubmit={(e) => (e.preventDefault(), void send())}
            onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && (e.preventDefault(), e.currentTarget.requestSubmit())}
        >
            {children}
            {problem && (
                <div class="note bad" role="alert">
                    {t("form.kept")} <ProblemText of={problem} />
                </div>
            )}
            <p class="row end">
                {onCancel && (
                    <button type="button" class="quiet" onClick={onCancel}>
                        {t("act.cancel")}
                    </button>
                )}
                <button class={danger ? "danger" : "primary"} disabled={busy || !ready} title="Ctrl Enter">
                    {busy ? t("form.sending") : verb}
                </button>
            </p>
        </form>
    );
}

// A form over something that has a version: what somebody else saved meanwhile is shown beside one's own.
interface VersionedProps<T> {
    verb: string;
    value: T;
    version: number;
    labels: Partial<Record<keyof T, string>>;
    say?(v: T): T; // as people read it, for comparing
    onValue(v: T): void;
    save(v: T, version: number): Promise<unknown>;
    read(): Promise<{ value: T; version: number }>;
    onCancel?(): void;
    children: ComponentChildren;
}
export function VersionedForm<T extends object>({ verb, value, version, labels, say = (v) => v, onValue, save, read, onCancel, children }: VersionedProps<T>) {
    const [base, setBase] = useState(version);
    const [theirs, setTheirs] = useState<{ value: T; version: number }>();
    const send = async (from: number) => {
        try {
            await save(value, from);
        } catch (x) {
            if (!problemOf(x).changed) throw x;
            setTheirs(await read());
        }
    };
    const take = (then: { value: T; version: number }) => {
        setBase(then.version);
        setTheirs(undefined);
    };
    return (
        <Form verb={verb} onCancel={onCancel} onSend={() => send(base)} ready={!theirs}>
            {children}
            {theirs && <Conflict mine={say(value)} theirs={say(theirs.value)} labels={labels} onKeep={() => (take(theirs), void send(theirs.version).catch(toastProblem))} onTake={() => (take(theirs), onValue(theirs.value))} />}
        </Form>
    );
}

// ---- what saves itself ----

type Values = Record<string, unknown>;
export interface Auto<T extends Values> {
    value: T;
    put(change: Partial<T>): void;
    flush(): void;
    state: "clean" | "waiting" | "saving" | "saved" | "failed" | "conflict";
    savedAt: number;
    problem?: Problem;
    theirs?: T;
    keepMine(): void;
    takeTheirs(): void;
}
interface AutoOpts<T extends Values> {
    from: T & { version: number };
    fields: (keyof T)[];
    save(change: Partial<T>, version: number): Promise<T & { version: number }>;
    read(): Promise<T & { version: number }>;
}
// Saves two seconds after the last key, and when the field is left. Somebody else saved meanwhile: the reader chooses.
export function useAutosave<T extends Values>(o: AutoOpts<T>): Auto<T> {
    const [base, setBase] = useState(o.from);
    const [change, setChange] = useState<Partial<T>>({});
    const [state, setState] = useState<Auto<T>["state"]>("clean");
    const [problem, setProblem] = useState<Problem>();
    const [theirs, setTheirs] = useState<(T & { version: number }) | undefined>();
    const [savedAt, setSavedAt] = useState(0);
    const now = useRef({ base, change, state });
    now.current = { base, change, state };
    const running = useRef(false);
    const dirty = Object.keys(change).length > 0;

    const save = async (version = now.current.base.version) => {
        const sent = now.current.change;
        if (!Object.keys(sent).length || running.current) return;
        running.current = true;
        setState("saving");
        try {
            const done = await o.save(sent, version);
            setBase(done);
            // What was typed while it was saved stays to be saved.
            setChange((c) => Object.fromEntries(Object.entries(c).filter(([k, v]) => sent[k] !== v)) as Partial<T>);
            setProblem(undefined);
            setTheirs(undefined);
            setSavedAt(Date.now());
            setState("saved");
        } catch (x) {
            const p = problemOf(x);
            setProblem(p);
            if (p.changed) {
                setTheirs(await o.read().catch(() => undefined));
                setState("conflict");
            } else setState("failed");
        } finally {
            running.current = false;
        }
    };
    useEffect(() => {
        if (!dirty || state === "conflict" || state === "failed") return;
        const timer = setTimeout(() => void save(), 2000);
        return () => clearTimeout(timer);
    }, [change, state]);
    useEffect(() => {
        const unsaved = () => Object.keys(now.current.change).length > 0;
        const leaving = (e: BeforeUnloadEvent) => unsaved() && e.preventDefault();
        const keys = (e: KeyboardEvent) => {
            if ((e.ctrlKey || e.metaKey) && e.key === "s") e.preventDefault(), void save();
        };
        addEventListener("beforeunload", leaving);
        addEventListener("keydown", keys);
        const off = guard(() => {
            if (unsaved()) void save();
            return true;
        });
        return () => {
            removeEventListener("beforeunload", leaving);
            removeEventListener("keydown", keys);
            off();
        };
    }, []);
    return {
        value: { ...base, ...change },
        put: (c) => {
            setChange((old) => ({ ...old, ...c }));
            if (state !== "conflict") setState("waiting");
        },
        flush: () => state === "waiting" && void save(),
        state,
        savedAt,
        problem,
        theirs,
        keepMine: () => theirs && (setBase(theirs), void save(theirs.version)),
        takeTheirs: () => {
            if (theirs) setBase(theirs);
            setChange({});
            setTheirs(undefined);
            setProblem(undefined);
            setState("clean");
        },
    };
}

// Two wrote the same thing: both stand there, and the reader chooses.
function Conflict<T extends object>({ mine, theirs, labels, onKeep, onTake }: { mine: T; theirs: T; labels: Partial<Record<keyof T, string>>; onKeep(): void; onTake(): void }) {
    const keys = (Object.keys(labels) as (keyof T)[]).filter((k) => JSON.stringify(mine[k]) !== JSON.stringify(theirs[k]));
    return (
        <div class="note bad" role="alert">
            <p>
                <strong>{t("form.conflict")}</strong>
            </p>
            {keys.length > 0 && (
                <table class="plain" aria-label={t("form.conflict")}>
                    <Heads of={[t("form.what"), t("form.mine"), t("form.theirs")]} />
                    <tbody>
                        {keys.map((k) => (
                            <tr key={String(k)}>
                                <th scope="row">{labels[k]}</th>
                                <td>{String(mine[k] ?? "")}</td>
                                <td>{String(theirs[k] ?? "")}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
            <p class="row">
                <button type="button" class="primary" onClick={onKeep}>
                    {t("form.keep_mine")}
                </button>
                <button type="button" onClick={onTake}>
                    {t("form.take_theirs")}
                </button>
            </p>
        </div>
    );
}

export function SaveState<T extends Values>({ of, labels }: { of: Auto<T>; labels: Partial<Record<keyof T, string>> }) {
    if (of.state === "conflict" && of.theirs) return <Conflict mine={of.value} theirs={of.theirs} labels={labels} onKeep={of.keepMine} onTake={of.takeTheirs} />;
    const text = { clean: t("form.auto"), waiting: t("form.waiting"), saving: t("form.saving"), saved: t("form.saved", { time: time(of.savedAt) }), failed: "", conflict: "" }[of.state];
    return (
        <div class="muted save-state" role="status">
            {of.state === "failed" && of.problem ? <span class="bad">⚠ {t("form.kept")} <ProblemText of={of.problem} /></span> : text}
        </div>
    );
}

// What was typed and not sent yet, kept in this browser under a name.
export function useDraft(name: string, empty: string): [string, (x: string) => void, () => void] {
    const key = `heed.draft.${name}`;
    const [text, setText] = useState(() => localStorage.getItem(key) ?? empty);
    return [
        text,
        (x) => {
            setText(x);
            if (x === empty) localStorage.removeItem(key);
            else localStorage.setItem(key, x);
        },
        () => localStorage.removeItem(key),
    ];
}
