// Files: sent, looked at, mapped, tried, taken in, and taken back.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, csrf, ifMatch, may, type Page, Problem, type Shapes, take } from "../../lib/api";
import { bytes, count, day, t, tn, tr } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { query, setQuery } from "../../lib/router";
import { toast, toastProblem } from "../../lib/toast";
import { N, Stack, When } from "../../ui/bits";
import { Confirm } from "../../ui/dialog";
import { Field, Select, Text } from "../../ui/form";
import { JobBar, useJob } from "../../ui/job";
import { Listed } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, Failed, Show } from "../../ui/states";
import { said } from "../../lib/said";
import { Said } from "../../ui/said";

export default function Imports({ id }: { id?: string }) {
    const upload = query("upload");
    if (id) return <One id={Number(id)} />;
    return (
        <>
            {may("sources_write") && (upload ? <Upload id={Number(upload)} /> : <Send />)}
            <List />
        </>
    );
}

// ---- 1. a file ----

function Send() {
    const [busy, setBusy] = useState<{ name: string; part: number } | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [over, setOver] = useState(false);
    const uploads = useLoad("uploads", (signal) => take(api.GET("/api/uploads", { signal })));
    const input = useRef<HTMLInputElement>(null);
    useEffect(() => {
        if (query("new")) input.current?.focus();
    }, []);
    const send = (file: File | undefined) => {
        if (!file) return;
        setProblem(null);
        setBusy({ name: file.name, part: 0 });
        // Only this way of asking tells how far it is.
        const x = new XMLHttpRequest();
        x.open("POST", `/api/uploads?name=${encodeURIComponent(file.name)}`);
        x.setRequestHeader("X-CSRF-Token", csrf);
        x.setRequestHeader("Content-Type", "application/octet-stream");
        x.upload.onprogress = (e) => e.lengthComputable && setBusy({ name: file.name, part: e.loaded / e.total });
        x.onload = () => {
            setBusy(null);
            const body = JSON.parse(x.responseText || "{}") as { id?: number; code?: string; detail?: string };
            if (x.status < 300 && body.id) setQuery({ upload: String(body.id), new: null });
            else setProblem(new Problem(x.status, body.code ?? "error", body.detail ?? ""));
        };
        x.onerror = () => (setBusy(null), setProblem(new Problem(0, "offline", "")));
        x.send(file);
    };
    return (
        <section
            class="panel"
            style={over ? { outline: "2px dashed var(--accent)" } : undefined}
            onDragOver={(e) => (e.preventDefault(), setOver(true))}
            onDragLeave={() => setOver(false)}
            onDrop={(e) => (e.preventDefault(), setOver(false), send(e.dataTransfer?.files[0]))}
        >
            <h2>{t("import.new")}</h2>
            <Field label={t("import.file")} hint={t("import.file_hint")}>
                {(x) => <input ref={input} {...x} type="file" onChange={(e) => send(e.currentTarget.files?.[0])} />}
            </Field>
            {busy && (
                <p role="status">
                    {t("import.sending", { name: busy.name })} <progress value={busy.part} />
                </p>
            )}
            {problem && <Failed problem={problem} />}
            {uploads.data && uploads.data.items.length > 0 && (
                <>
                    <h3>{t("import.begun")}</h3>
                    <ul class="rows">
                        {uploads.data.items.map((u) => (
                            <li key={u.id} class="row spread">
                                <a href={`/settings/imports?upload=${u.id}`}>{u.name}</a>
                                <span class="muted">
                                    {bytes(u.bytes)} · <When at={u.created} />
                                </span>
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </section>
    );
}

// ---- 2. what is in it, 3. what would become of it, 4. running ----

interface Why { n: number; field?: string; reason: string }
type Came = { new?: number; changed?: number; same?: number; skipped?: number; quarantined?: number; skipped_why?: Why[]; quarantined_why?: Why[] };

function Upload({ id }: { id: number }) {
    const path = { id };
    const one = useLoad(`upload ${id}`, (signal) => take(api.GET("/api/uploads/{id}", { params: { path }, signal })));
    const [job, setJob] = useState<number | null>(null);
    const [running, setRunning] = useState<"check" | "run" | null>(null);
    const change = async (u: Shapes["upload"], body: Shapes["upload_change"]) => {
        try {
            one.set(await take(api.PATCH("/api/uploads/{id}", { params: { path }, headers: ifMatch(u.version), body })));
            setJob(null);
            setRunning(null);
            forget(`rows ${id}`);
        } catch (x) {
            toastProblem(x);
            one.again();
        }
    };
    const begin = async (what: "check" | "run") => {
        try {
            const j = await (what === "check" ? take(api.POST("/api/uploads/{id}/check", { params: { path } })) : take(api.POST("/api/uploads/{id}/run", { params: { path } })));
            setRunning(what);
            setJob(j.id);
        } catch (x) {
            toastProblem(x);
        }
    };
    const drop = async (u: Shapes["upload"]) => {
        try {
            await take(api.DELETE("/api/uploads/{id}", { params: { path }, headers: ifMatch(u.version) }));
            forget("uploads");
            setQuery({ upload: null });
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <Show of={one} lines={8}>
            {(u) => (
                <section class="panel">
                    <h2>
                        <span>
                            {u.name} <small>{bytes(u.bytes)}</small>
                        </span>
                        <button class="quiet" onClick={() => void drop(u)}>
                            {t("import.discard")}
                        </button>
                    </h2>
                    {u.problem && <p class="note bad">⚠ <Said text={u.problem} /></p>}
                    <div class="halves">
                        <Select
                            label={t("import.format")}
                            hint={u.format && u.format.sure < 0.6 ? t("import.unsure") : undefined}
                            value={u.format?.adapter ?? ""}
                            options={[...(u.format ? [[u.format.adapter, said(u.format.label) ?? u.format.label] as [string, string]] : [["", "–"] as [string, string]]), ...u.others.filter((o) => o.adapter !== u.format?.adapter).map((o): [string, string] => [o.adapter, said(o.label) ?? o.label])]}
                            onChange={(adapter) => void change(u, { adapter })}
                        />
                        <Source u={u} onChange={(source) => void change(u, { source })} />
                    </div>
                    {u.format && u.format.notes.length > 0 && (
                        <ul class="note">
                            {u.format.notes.map((n) => (
                                <li key={n}>{n}</li>
                            ))}
                        </ul>
                    )}
                    {u.columns.length > 0 && u.fields.length > 0 && <Mapping u={u} onChange={(columns) => void change(u, { columns })} />}
                    <details>
                        <summary>{t("import.how")}</summary>
                        <div class="halves">
                            <Select label={t("import.dates")} value={u.how.dates ?? "auto"} options={[["auto", t("import.dates_auto")], ["day_first", t("import.dates_day")], ["month_first", t("import.dates_month")]]} onChange={(dates) => void change(u, { dates: dates as "auto" })} />
                            <Text label={t("company.currency")} value={u.how.currency ?? ""} onInput={(currency) => currency.length !== 1 && currency.length !== 2 && void change(u, { currency: currency.toUpperCase() })} max={3} />
                        </div>
                    </details>
                    <First u={u} />
                    {!u.problem && !job && (
                        <p class="row">
                            <button class="primary" onClick={() => void begin("check")}>
                                {t("import.check")}
                            </button>
                            <small>{t("import.check_hint")}</small>
                        </p>
                    )}
                    {job && <Running job={job} what={running!} onRun={() => void begin("run")} />}
                </section>
            )}
        </Show>
    );
}
function Source({ u, onChange }: { u: Shapes["upload"]; onChange(x: string): void }) {
    const [text, setText] = useState(u.how.source ?? u.format?.source ?? "");
    return <Text label={t("import.source")} hint={t("import.source_hint")} value={text} onInput={setText} onBlur={() => text !== (u.how.source ?? u.format?.source ?? "") && onChange(text)} max={64} />;
}
function Mapping({ u, onChange }: { u: Shapes["upload"]; onChange(x: Record<string, string>): void }) {
    const chosen = u.how.columns ?? {};
    const put = (column: string, field: string, was?: string | null) => {
        const next = { ...chosen };
        if (was) next[was] = "";
        if (field) next[field] = column;
        onChange(next);
    };
    return (
        <>
            <h3>{t("import.columns")}</h3>
            <Stack name={t("import.columns")} heads={[t("import.column"), t("import.means"), t("import.samples")]}>
                {u.columns.map((c) => (
                    <tr key={c.name}>
                        <th scope="row">{c.name}</th>
                        <td data-label={t("import.means")}>
                            <select aria-label={t("import.means_of", { column: c.name })} value={c.field ?? ""} onChange={(e) => put(c.name, e.currentTarget.value, c.field)}>
                                <option value="">{t("import.left_out")}</option>
                                {[...new Set([...(c.field ? [c.field] : []), ...u.fields])].map((f) => (
                                    <option key={f} value={f}>
                                        {tr(`field.${f}`, f.replace(/_/g, " "))}
                                    </option>
                                ))}
                            </select>
                        </td>
                        <td class="muted" data-label={t("import.samples")}>
                            {c.samples.slice(0, 3).join(" · ")}
                        </td>
                    </tr>
                ))}
            </Stack>
        </>
    );
}
function First({ u }: { u: Shapes["upload"] }) {
    const rows = useLoad(`rows ${u.id} ${u.version}`, (signal) => take(api.GET("/api/uploads/{id}/rows", { params: { path: { id: u.id }, query: { rows: 8 } }, signal })));
    if (u.problem) return null;
    return (
        <details>
            <summary>{t("import.first_rows")}</summary>
            <Show of={rows}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((r) => (
                            <li key={r.line}>
                                <span class="muted">{t("import.line", { line: count(r.line) })}</span> <span class={`tag ${r.becomes === "quarantined" ? "bad" : ""}`}>{t(`import.${r.becomes}`)}</span> <Said text={r.reason} />
                                {r.events.length > 0 && (
                                    <p>
                                        <code>{r.events.map((e) => JSON.stringify(e)).join(" ")}</code>
                                    </p>
                                )}
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
        </details>
    );
}
function Running({ job, what, onRun }: { job: number; what: "check" | "run"; onRun(): void }) {
    const j = useJob(job);
    const done = j.data?.state === "done";
    const r = (j.data?.result ?? {}) as Came;
    return (
        <>
            <JobBar of={j} text={t(what === "check" ? "import.checking" : "import.running")} />
            {done && (
                <>
                    <p class="note good">
                        <strong>{t(what === "check" ? "import.checked" : "import.done")}</strong>{" "}
                        {[r.new != null && tn("import.added", r.new), r.changed != null && tn("import.changed", r.changed), r.same != null && tn("import.same", r.same), r.skipped != null && tn("import.skipped_n", r.skipped), r.quarantined != null && tn("import.refused_n", r.quarantined)].filter(Boolean).join(" · ")}
                    </p>
                    <ul class="rows">
                        {[...(r.quarantined_why ?? []), ...(r.skipped_why ?? [])].map((x) => (
                            <li key={`${x.field} ${x.reason}`}>
                                {count(x.n)} · {x.field && `${x.field}: `}
                                <Said text={x.reason} />
                            </li>
                        ))}
                    </ul>
                    {what === "check" ? (
                        <p class="row">
                            <button class="primary" onClick={onRun}>
                                {t("import.run")}
                            </button>
                            <small>{t("import.run_hint")}</small>
                        </p>
                    ) : (
                        <p class="row">
                            <a class="button primary" href="/">
                                {t("import.look")}
                            </a>
                            <a class="button" href="/settings/imports">
                                {t("import.another")}
                            </a>
                        </p>
                    )}
                </>
            )}
        </>
    );
}

// ---- what was taken in ----

type Import = Shapes["import"];
function List() {
    const list = usePaged<Import>("imports", (after, signal) => take(api.GET("/api/imports", { params: { query: { after, limit: 30 } }, signal })) as Promise<Page<Import>>, ["import"]);
    return (
        <section class="panel">
            <h2>{t("import.list")}</h2>
            <Listed of={list} older empty={<Empty title={t("import.empty")} text={t("import.empty_text")} />}>
                {(rows) => (
                    <Stack name={t("import.list")} heads={[t("import.file"), t("import.new_rows"), t("import.refused"), t("source.last")]} numbers={[1, 2]}>
                        {rows.map((i) => (
                            <tr key={i.id}>
                                <th scope="row">
                                    <a href={`/settings/imports/${i.id}`}>
                                        {i.name}
                                        <span class="hidden">, {i.source_name}</span>
                                    </a>{" "}
                                    {i.sample && <span class="sample-tag">{t("sample.tag")}</span>}
                                    <br />
                                    <small>
                                        {i.source_name} · {tr(`import.state_${i.state}`, i.state)}
                                    </small>
                                </th>
                                <td class="number" data-label={t("import.new_rows")}>
                                    <N of={i.added} />
                                </td>
                                <td class="number" data-label={t("import.refused")}>
                                    <N of={i.refused} />
                                </td>
                                <td data-label={t("source.last")}>
                                    <When at={i.last ?? i.started} />
                                </td>
                            </tr>
                        ))}
                    </Stack>
                )}
            </Listed>
        </section>
    );
}
function One({ id }: { id: number }) {
    const one = useLoad(`import ${id}`, (signal) => take(api.GET("/api/imports/{id}", { params: { path: { id } }, signal })), ["import"]);
    const [asking, setAsking] = useState(false);
    const [job, setJob] = useState<number | null>(null);
    const undone = useJob(job);
    const undo = async () => {
        try {
            setJob((await take(api.POST("/api/imports/{id}/undo", { params: { path: { id } } }))).id);
        } catch (x) {
            toastProblem(x);
        }
        setAsking(false);
    };
    useEffect(() => {
        if (undone.data?.state === "done") {
            one.again();
            toast(t("import.undone"));
        }
    }, [undone.data?.state]);
    return (
        <Show of={one}>
            {(i) => (
                <section class="panel">
                    <h2>
                        {i.name} <span class="tag">{tr(`import.state_${i.state}`, i.state)}</span>
                    </h2>
                    <p class="muted">
                        {i.source_name} · <When at={i.started} full />
                    </p>
                    <dl class="facts">
                        {([["import.rows", i.rows], ["import.new_rows", i.added], ["import.changed_rows", i.changed], ["import.same_rows", i.same], ["import.skipped_rows", i.skipped], ["import.refused", i.refused]] as const).map(([k, n]) => (
                            <div key={k}>
                                <dt>{t(k)}</dt>
                                <dd>{count(n)}</dd>
                            </div>
                        ))}
                    </dl>
                    <p class="row">
                        {i.refused > 0 && may("sources_write") && (
                            <a class="button" href={`/api/imports/${id}/refused`} download>
                                {t("import.download")}
                            </a>
                        )}
                        {i.refused > 0 && <a href={`/settings/quarantine?import=${id}`}>{t("import.see_refused")}</a>}
                        {i.undo_until && i.state !== "undone" && may("sources_write") && (
                            <button class="danger" onClick={() => setAsking(true)}>
                                {t("import.undo")}
                            </button>
                        )}
                        {i.undo_until && i.state !== "undone" && <small>{t("import.undo_until", { day: day(i.undo_until) })}</small>}
                    </p>
                    {job && <JobBar of={undone} text={t("import.undoing")} />}
                    {asking && <Confirm title={t("import.undo_title", { name: i.name })} text={t("import.undo_text", { n: count(i.added + i.changed) })} verb={t("import.undo")} onYes={undo} onClose={() => setAsking(false)} />}
                </section>
            )}
        </Show>
    );
}
