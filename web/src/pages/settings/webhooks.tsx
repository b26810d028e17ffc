// Webhooks out: where heed tells others what happened.
import { useState } from "preact/hooks";
import { api, ifMatch, type Page, type Shapes, take } from "../../lib/api";
import { t, tn, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { When } from "../../ui/bits";
import { Confirm, Dialog } from "../../ui/dialog";
import { Check, Form, Text } from "../../ui/form";
import { Once } from "../../ui/once";
import { Listed } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, Show } from "../../ui/states";

type Endpoint = Shapes["endpoint"];
export default function Webhooks() {
    const list = useLoad("endpoints", (signal) => take(api.GET("/api/endpoints", { signal })), ["delivery"]);
    const [making, setMaking] = useState(false);
    const [secret, setSecret] = useState<string | null>(null);
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("set.webhooks")}</h2>
                <button class="primary" onClick={() => setMaking(true)}>
                    {t("out.new")}
                </button>
            </div>
            <p class="muted">{t("out.text")}</p>
            <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("out.empty")} text={t("out.empty_text")} />)}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((x) => (
                            <Row key={x.id} x={x} again={list.again} onSecret={setSecret} />
                        ))}
                    </ul>
                )}
            </Show>
            {making && <Edit onClose={() => setMaking(false)} onDone={(s) => (setMaking(false), s && setSecret(s), list.again())} />}
            {secret && <Once title={t("out.secret")} text={t("out.secret_text")} secret={secret} onClose={() => setSecret(null)} />}
        </section>
    );
}
function Row({ x, again, onSecret }: { x: Endpoint; again(): void; onSecret(s: string): void }) {
    const [open, setOpen] = useState(false);
    const [editing, setEditing] = useState(false);
    const [dropping, setDropping] = useState(false);
    const params = { path: { id: x.id } };
    const run = (p: Promise<unknown>, said?: string) => void p.then(() => (said && toast(said), again()), toastProblem);
    return (
        <li>
            <div class="row spread">
                <strong>{x.url}</strong>
                <span class={`tag ${x.state === "on" ? "good" : x.state === "failed" ? "bad" : ""}`}>{tr(`out.${x.state}`, x.state)}</span>
            </div>
            <p class="muted">
                {x.about} {x.types.length ? x.types.join(", ") : t("out.everything")}
                {x.failing && (
                    <span class="bad">
                        {" "}
                        · ⚠ {t("out.failing")} <When at={x.failing} />
                    </span>
                )}
            </p>
            <p class="row">
                <button onClick={() => run(take(api.POST("/api/endpoints/{id}/test", { params })), t("out.tested"))}>{t("out.test")}</button>
                <button onClick={() => run(x.state === "on" ? take(api.POST("/api/endpoints/{id}/pause", { params })) : take(api.POST("/api/endpoints/{id}/resume", { params })))}>{t(x.state === "on" ? "out.pause" : "out.resume")}</button>
                <button onClick={() => setEditing(true)}>{t("act.edit")}</button>
                <button aria-expanded={open} onClick={() => setOpen(!open)}>
                    {t("out.deliveries")}
                </button>
                <button class="link" onClick={() => void take(api.POST("/api/endpoints/{id}/rotate", { params })).then((d) => (onSecret(d.secret), again()), toastProblem)}>
                    {t("out.rotate")}
                </button>
                <button class="link bad" onClick={() => setDropping(true)}>
                    {t("act.delete")}
                    <span class="hidden"> {x.url}</span>
                </button>
            </p>
            {open && <Deliveries id={x.id} />}
            {editing && <Edit x={x} onClose={() => setEditing(false)} onDone={() => (setEditing(false), again())} />}
            {dropping && <Confirm title={t("out.drop_title")} text={t("out.drop_text", { url: x.url })} verb={t("act.delete")} onClose={() => setDropping(false)} onYes={async () => (setDropping(false), run(take(api.DELETE("/api/endpoints/{id}", { params, headers: ifMatch(x.version) }))))} />}
        </li>
    );
}
function Deliveries({ id }: { id: number }) {
    const list = usePaged<Shapes["delivery"]>(`deliveries ${id}`, (after, signal) => take(api.GET("/api/endpoints/{id}/deliveries", { params: { path: { id }, query: { after, limit: 20 } }, signal })) as Promise<Page<Shapes["delivery"]>>, ["delivery"]);
    return (
        <Listed of={list} older empty={<p class="muted">{t("out.none")}</p>}>
            {(rows) => (
                <ul class="rows">
                    {rows.map((d) => (
                        <li key={d.id} class="row spread">
                            <span>
                                {d.type} <span class={`tag ${d.state === "given up" ? "bad" : ""}`}>{tr(`delivery.${d.state}`, d.state)}</span> <small>{tn("out.tries", d.tries)}</small>
                            </span>
                            <span class="row">
                                <When at={d.created} />
                                <button class="link" onClick={() => void take(api.POST("/api/deliveries/{id}/replay", { params: { path: { id: d.id } } })).then(list.first.again, toastProblem)}>
                                    {t("out.again")}
                                    <span class="hidden"> {d.id}</span>
                                </button>
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </Listed>
    );
}
function Edit({ x, onClose, onDone }: { x?: Endpoint; onClose(): void; onDone(secret?: string): void }) {
    const types = useLoad("message types", (signal) => take(api.GET("/api/message-types", { params: { query: { limit: 500 } }, signal })));
    const [url, setUrl] = useState(x?.url ?? "https://");
    const [about, setAbout] = useState(x?.about ?? "");
    const [chosen, setChosen] = useState<string[]>(x?.types ?? []);
    return (
        <Dialog title={t(x ? "act.edit" : "out.new")} onClose={onClose} wide>
            <Form
                verb={t(x ? "act.save" : "out.make")}
                onCancel={onClose}
                onSend={async () => {
                    const body = { url, about, types: chosen };
                    if (x) await take(api.PATCH("/api/endpoints/{id}", { params: { path: { id: x.id } }, headers: ifMatch(x.version), body })).then(() => onDone());
                    else onDone((await take(api.POST("/api/endpoints", { body }))).secret);
                }}
            >
                <Text label={t("out.url")} hint={t("out.url_hint")} type="url" value={url} onInput={setUrl} required max={2000} />
                <Text label={t("out.about")} value={about} onInput={setAbout} max={200} />
                <fieldset>
                    <legend>{t("out.types")}</legend>
                    <small>{t("out.types_hint")}</small>
                    {types.data?.items.map((m) => (
                        <Check key={m.type} label={m.type} hint={m.text} checked={chosen.includes(m.type)} onChange={(on) => setChosen(on ? [...chosen, m.type] : chosen.filter((y) => y !== m.type))} />
                    ))}
                </fieldset>
            </Form>
        </Dialog>
    );
}
