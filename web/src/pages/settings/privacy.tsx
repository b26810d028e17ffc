// What people ask of their data, and how long it is kept.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../../lib/api";
import { day, t, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { Day, Stack } from "../../ui/bits";
import { Dialog } from "../../ui/dialog";
import { Form, Select, Text } from "../../ui/form";
import { Listed } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, Show } from "../../ui/states";
import { Said } from "../../ui/said";

type Request = Shapes["privacy_request"];
const kinds = ["access", "portability", "erasure", "erasure_and_block", "block", "unblock"] as const;

export default function Privacy() {
    const list = usePaged<Request>("privacy", (after, signal) => take(api.GET("/api/privacy/requests", { params: { query: { after, limit: 50 } }, signal })) as Promise<Page<Request>>, ["privacy"]);
    const [making, setMaking] = useState(false);
    return (
        <>
            <section class="panel">
                <div class="panel-head">
                    <h2>{t("set.privacy")}</h2>
                    {may("privacy_write") && (
                        <button class="primary" onClick={() => setMaking(true)}>
                            {t("privacy.new")}
                        </button>
                    )}
                </div>
                <Listed of={list} older empty={<Empty title={t("privacy.empty")} text={t("privacy.empty_text")} />}>
                    {(rows) => (
                        <ul class="rows">
                            {rows.map((r) => (
                                <li key={r.id}>
                                    <div class="row spread">
                                        <strong>{tr(`privacy.${r.kind}`, r.kind)}</strong>
                                        <span class={`tag ${r.state === "completed" ? "good" : ""}`}>{tr(`privacy.state_${r.state}`, r.state)}</span>
                                    </div>
                                    <p class="muted">
                                        {r.subjects.map((s) => `${s.type} ${s.value}`).join(", ")} · {r.regulation} · {t("privacy.received")} <Day at={r.received} /> · {r.ended ? <>{t("privacy.ended")} <Day at={r.ended} /></> : t("privacy.due", { day: day(r.due) })}
                                    </p>
                                    {Object.keys(r.result).length > 0 && <p class="muted">{Object.entries(r.result).filter(([, v]) => typeof v !== "object").map(([k, v]) => `${k}: ${String(v)}`).join(" · ")}</p>}
                                    <p class="row">
                                        {(r.kind === "access" || r.kind === "portability") && r.state === "completed" && may("privacy_write") && (
                                            <a class="button" href={`/api/privacy/requests/${r.id}/document`} download>
                                                {t("privacy.document")}
                                            </a>
                                        )}
                                        {r.state === "pending" && may("privacy_write") && (
                                            <button onClick={() => void take(api.DELETE("/api/privacy/requests/{id}", { params: { path: { id: r.id } } })).then(list.first.again, toastProblem)}>{t("privacy.withdraw")}</button>
                                        )}
                                    </p>
                                </li>
                            ))}
                        </ul>
                    )}
                </Listed>
                {making && <NewRequest onClose={() => setMaking(false)} onDone={() => (setMaking(false), list.first.again())} />}
            </section>
            <Retention />
        </>
    );
}
function NewRequest({ onClose, onDone }: { onClose(): void; onDone(): void }) {
    const [kind, setKind] = useState<(typeof kinds)[number]>("access");
    const [type, setType] = useState("email");
    const [value, setValue] = useState("");
    const [note, setNote] = useState("");
    const erases = kind.startsWith("erasure");
    return (
        <Dialog title={t("privacy.new")} onClose={onClose}>
            <Form
                verb={t(erases ? "privacy.erase_verb" : "privacy.send")}
                danger={erases}
                onCancel={onClose}
                onSend={async () => {
                    await take(api.POST("/api/privacy/requests", { body: { kind, subjects: [{ type, value }], note: note || undefined } }));
                    toast(t("privacy.noted"));
                    onDone();
                }}
            >
                <Select label={t("privacy.kind")} value={kind} options={kinds.map((k) => [k, t(`privacy.${k}`)])} onChange={(k) => setKind(k as typeof kind)} />
                <p class={erases ? "warn" : "muted"}>{t(`privacy.text_${kind}`)}</p>
                <Select label={t("privacy.who")} value={type} options={["email", "phone", "user_id", "customer"].map((k): [string, string] => [k, tr(`ident.${k}`, k)])} onChange={setType} />
                <Text label={t("privacy.value")} value={value} onInput={setValue} required max={500} />
                <Text label={t("privacy.note")} hint={t("privacy.note_hint")} value={note} onInput={setNote} rows={2} max={500} />
            </Form>
        </Dialog>
    );
}
function Retention() {
    const list = useLoad("retention", (signal) => take(api.GET("/api/privacy/retention", { signal })));
    return (
        <section class="panel">
            <h2>{t("retention.title")}</h2>
            <p class="muted">{t("retention.text")}</p>
            <Show of={list}>
                {(d) => (
                    <Stack name={t("retention.title")} heads={[t("retention.what"), t("retention.days")]}>
                        {d.items.map((r) => (
                            <RetentionRow key={r.what} r={r} again={list.again} />
                        ))}
                    </Stack>
                )}
            </Show>
        </section>
    );
}
function RetentionRow({ r, again }: { r: Shapes["retention"]; again(): void }) {
    const [text, setText] = useState(r.days == null ? "" : String(r.days));
    const put = async (days: number | null) => {
        await take(api.PUT("/api/privacy/retention/{what}", { params: { path: { what: r.what } }, body: { days } }));
        again();
    };
    const save = () => {
        const days = text.trim() ? Number(text) : null;
        if (days === (r.days ?? null)) return;
        put(days).then(() => toast(t("act.saved"), { undo: () => put(r.days ?? null).catch(toastProblem) }), (x) => (toastProblem(x), setText(r.days == null ? "" : String(r.days))));
    };
    return (
        <tr>
            <th scope="row">
                {tr(`retention.of_${r.what}`, r.what)}
                <br />
                <small><Said text={r.text} /></small>
            </th>
            <td data-label={t("retention.days")}>
                <input type="number" min={1} max={36500} aria-label={`${t("retention.days")}: ${tr(`retention.of_${r.what}`, r.what)}`} placeholder={t("retention.ever")} value={text} disabled={!may("privacy_write")} onInput={(e) => setText(e.currentTarget.value)} onBlur={save} onKeyDown={(e) => e.key === "Enter" && save()} />
            </td>
        </tr>
    );
}
