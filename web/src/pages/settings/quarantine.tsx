// Rows that could not be read: by reason, because a thousand rows usually have three.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../../lib/api";
import { count, t, tn } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { said } from "../../lib/said";
import { query, setQuery } from "../../lib/router";
import { toast, toastProblem } from "../../lib/toast";
import { When } from "../../ui/bits";
import { Dialog } from "../../ui/dialog";
import { JobBar, useJob } from "../../ui/job";
import { Listed } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, Show } from "../../ui/states";
import { Said } from "../../ui/said";

type Pick = { field?: string; reason?: string; import?: number; source?: number; all?: boolean };

export default function Quarantine() {
    const of = { import: Number(query("import")) || undefined, source: Number(query("source")) || undefined };
    const field = query("field");
    const reason = query("reason");
    const facets = useLoad(`quarantine ${JSON.stringify(of)}`, (signal) => take(api.GET("/api/quarantine/reasons", { params: { query: of }, signal })), ["quarantine"]);
    const [job, setJob] = useState<number | null>(null);
    const running = useJob(job);
    const again = async (p: Pick) => {
        try {
            setJob((await take(api.POST("/api/quarantine/replay", { body: p }))).id);
        } catch (x) {
            toastProblem(x);
        }
    };
    const settle = async (p: Pick) => {
        try {
            const d = await take(api.POST("/api/quarantine/drop", { body: p }));
            toast(tn("quarantine.settled", d.rows));
            facets.again();
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <section class="panel">
            <p class="muted">{t("quarantine.text")}</p>
            {job && <JobBar of={running} text={t("quarantine.reading")} />}
            <Show of={facets} empty={(d) => (d.items.length ? null : <Empty title={t("quarantine.empty")} text={t("quarantine.empty_text")} />)}>
                {(d) => (
                    <>
                        <p>
                            <strong>{tn("quarantine.rows", d.rows)}</strong>{" "}
                            {may("sources_write") && (
                                <button onClick={() => void again(of.import || of.source ? of : { all: true })}>{t("quarantine.again_all")}</button>
                            )}
                        </p>
                        <ul class="rows">
                            {d.items.map((f) => (
                                <li key={f.field + f.reason}>
                                    <div class="row spread">
                                        <strong>
                                            {f.field && `${f.field}: `}
                                            <Said text={f.reason} />
                                        </strong>
                                        <span>{tn("quarantine.rows", f.rows)}</span>
                                    </div>
                                    <p class="row">
                                        <button class="link" onClick={() => setQuery({ field: f.field, reason: f.reason })}>
                                            {t("quarantine.show")}
                                            <span class="hidden"> <Said text={f.reason} /></span>
                                        </button>
                                        {may("sources_write") && (
                                            <>
                                                <button class="link" onClick={() => void again({ ...of, field: f.field, reason: f.reason })}>
                                                    {t("quarantine.again")}
                                                    <span class="hidden"> <Said text={f.reason} /></span>
                                                </button>
                                                <button class="link" onClick={() => void settle({ ...of, field: f.field, reason: f.reason })}>
                                                    {t("quarantine.drop")}
                                                    <span class="hidden"> <Said text={f.reason} /></span>
                                                </button>
                                            </>
                                        )}
                                    </p>
                                </li>
                            ))}
                        </ul>
                    </>
                )}
            </Show>
            {reason && <Rows of={of} field={field} reason={reason} />}
        </section>
    );
}
function Rows({ of, field, reason }: { of: { import?: number; source?: number }; field: string; reason: string }) {
    const list = usePaged<Shapes["quarantined"]>(`quarantined ${JSON.stringify(of)} ${field} ${reason}`, (after, signal) => take(api.GET("/api/quarantine", { params: { query: { ...of, field, reason, after, limit: 20 } }, signal })) as Promise<Page<Shapes["quarantined"]>>);
    const [open, setOpen] = useState<number | null>(null);
    return (
        <Dialog title={[field, said(reason) ?? reason].filter(Boolean).join(": ")} wide onClose={() => setQuery({ field: null, reason: null })}>
            <Listed of={list} empty={<p class="muted">{t("state.nothing")}</p>}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((r) => (
                            <li key={r.id}>
                                <span class="muted">
                                    {r.file} · {t("import.line", { line: count(r.line) })} · <When at={r.at} />
                                </span>{" "}
                                <Said text={r.reason} />{" "}
                                {may("sources_write") && (
                                    <button class="link" aria-expanded={open === r.id} onClick={() => setOpen(open === r.id ? null : r.id)}>
                                        {t("quarantine.as_it_came")}
                                    </button>
                                )}
                                {open === r.id && <Whole id={r.id} />}
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
        </Dialog>
    );
}
function Whole({ id }: { id: number }) {
    const one = useLoad(`quarantined ${id}`, (signal) => take(api.GET("/api/quarantine/{id}", { params: { path: { id } }, signal })));
    return <Show of={one}>{(d) => <p><code>{d.text ?? d.base64}</code></p>}</Show>;
}
