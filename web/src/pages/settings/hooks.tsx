// Webhooks in: which senders, their address, their secrets, and what they brought.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Page, type Shapes, take } from "../../lib/api";
import { bytes, t, tn, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { Day, When } from "../../ui/bits";
import { Confirm, Dialog } from "../../ui/dialog";
import { Form, Select, Text } from "../../ui/form";
import { Copy, Once } from "../../ui/once";
import { More } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, Show } from "../../ui/states";
import { Said } from "../../ui/said";

type Hook = Shapes["hook"];
export default function Hooks() {
    const list = useLoad("hooks", (signal) => take(api.GET("/api/hooks", { signal })), ["events"]);
    const [making, setMaking] = useState(false);
    return (
        <>
            <section class="panel">
                <div class="panel-head">
                    <h2>{t("set.hooks")}</h2>
                    {may("sources_write") && (
                        <button class="primary" onClick={() => setMaking(true)}>
                            {t("hook.new")}
                        </button>
                    )}
                </div>
                <p class="muted">{t("hook.text")}</p>
                <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("hook.empty")} text={t("hook.empty_text")} />)}>
                    {(d) => (
                        <ul class="rows">
                            {d.items.map((h) => (
                                <Row key={h.source} h={h} again={list.again} />
                            ))}
                        </ul>
                    )}
                </Show>
                {making && <NewHook onClose={() => setMaking(false)} onDone={() => (setMaking(false), list.again())} />}
            </section>
            <Raw />
        </>
    );
}
function Row({ h, again }: { h: Hook; again(): void }) {
    const [secret, setSecret] = useState<string | null>(null);
    const [adding, setAdding] = useState(false);
    const [dropping, setDropping] = useState(false);
    const path = { source: h.source };
    return (
        <li>
            <div class="row spread">
                <strong>{h.source}</strong> <span class="muted">{h.label}</span>
            </div>
            <Copy text={h.address} label={t("hook.address")} />
            {h.verify_tokens.map((x) => (
                <Copy key={x} text={x} label={t("hook.verify")} />
            ))}
            <p class="muted">
                {h.last ? (
                    <>
                        {t("hook.last")} <When at={h.last} /> {h.last_state && `· ${tr(`raw.${h.last_state}`, h.last_state)}`}
                    </>
                ) : (
                    t("hook.never")
                )}
                {h.refused > 0 && ` · ${tn("hook.refused", h.refused)}`}
            </p>
            <ul>
                {h.secrets.map((s) => (
                    <li key={s.id} class="row">
                        {t("hook.secret")} <Day at={s.created} />
                        {may("sources_write") && (
                            <button class="link" onClick={() => void take(api.DELETE("/api/hooks/{source}/secrets/{id}", { params: { path: { source: h.source, id: s.id as never } } })).then(again, toastProblem)}>
                                {t("hook.retire")}
                            </button>
                        )}
                    </li>
                ))}
                {!h.secrets.length && <li class="bad">⚠ {t("hook.no_secret")}</li>}
            </ul>
            {may("sources_write") && (
                <p class="row">
                    <button onClick={() => setAdding(true)}>{t("hook.add_secret")}</button>
                    <button class="link bad" onClick={() => setDropping(true)}>
                        {t("hook.drop")}
                        <span class="hidden"> {h.source}</span>
                    </button>
                </p>
            )}
            {adding && <AddSecret source={h.source} onClose={() => setAdding(false)} onDone={(s) => (setAdding(false), s ? setSecret(s) : undefined, again())} />}
            {secret && <Once title={t("hook.secret_made")} text={t("hook.secret_text")} secret={secret} onClose={() => setSecret(null)} />}
            {dropping && (
                <Confirm
                    title={t("hook.drop_title", { source: h.source })}
                    text={t("hook.drop_text")}
                    verb={t("hook.drop")}
                    onClose={() => setDropping(false)}
                    onYes={async () => {
                        try {
                            await take(api.DELETE("/api/hooks/{source}", { params: { path }, headers: ifMatch(h.version) }));
                            again();
                        } catch (x) {
                            toastProblem(x);
                        }
                        setDropping(false);
                    }}
                />
            )}
        </li>
    );
}
function AddSecret({ source, onClose, onDone }: { source: string; onClose(): void; onDone(made?: string | null): void }) {
    const [secret, setSecret] = useState("");
    return (
        <Dialog title={t("hook.add_secret")} onClose={onClose}>
            <Form verb={t("act.save")} onCancel={onClose} onSend={async () => onDone((await take(api.POST("/api/hooks/{source}/secrets", { params: { path: { source } }, body: secret ? { secret } : {} }))).secret)}>
                <Text label={t("hook.secret_of")} hint={t("hook.secret_hint")} value={secret} onInput={setSecret} max={1024} />
            </Form>
        </Dialog>
    );
}
function NewHook({ onClose, onDone }: { onClose(): void; onDone(): void }) {
    const schemes = useLoad("schemes", (signal) => take(api.GET("/api/hook-schemes", { params: { query: { limit: 500 } }, signal })));
    const [source, setSource] = useState("");
    const [scheme, setScheme] = useState("");
    const [url, setUrl] = useState("");
    const chosen = schemes.data?.items.find((s) => s.name === scheme);
    return (
        <Dialog title={t("hook.new")} onClose={onClose}>
            <Form verb={t("hook.make")} ready={!!scheme} onCancel={onClose} onSend={async () => (await take(api.PUT("/api/hooks/{source}", { params: { path: { source } }, body: { scheme, url: url || undefined } })), toast(t("act.saved")), onDone())}>
                <Select label={t("hook.sender")} value={scheme} options={[["", t("act.choose")], ...(schemes.data?.items.map((s): [string, string] => [s.name, s.label]) ?? [])]} onChange={setScheme} hint={chosen?.secret} />
                <Text label={t("source.name")} hint={t("source.name_hint")} value={source} onInput={setSource} required max={64} />
                {chosen?.needs_url && <Text label={t("hook.url")} hint={t("hook.url_hint")} value={url} onInput={setUrl} max={2000} />}
            </Form>
        </Dialog>
    );
}
function Raw() {
    const list = usePaged<Shapes["raw"]>("raw", (after, signal) => take(api.GET("/api/raw", { params: { query: { after, limit: 20 } }, signal })) as Promise<Page<Shapes["raw"]>>, ["events"]);
    if (!list.rows.length) return null;
    const again = (id: number) => void take(api.POST("/api/raw/{id}/replay", { params: { path: { id } } })).then(list.first.again, toastProblem);
    return (
        <section class="panel">
            <h2>{t("raw.title")}</h2>
            <ul class="rows">
                {list.rows.map((r) => (
                    <li key={r.id}>
                        <div class="row spread">
                            <span>
                                <strong>{r.source}</strong> <span class={`tag ${r.state === "refused" ? "bad" : ""}`}>{tr(`raw.${r.state}`, r.state)}</span> <small>{bytes(r.bytes)}</small>
                            </span>
                            <When at={r.at} />
                        </div>
                        <span class="muted"><Said text={r.reason} /></span>{" "}
                        {may("sources_write") && (
                            <button class="link" onClick={() => again(r.id)}>
                                {t("raw.again")}
                                <span class="hidden"> {r.id}</span>
                            </button>
                        )}
                    </li>
                ))}
            </ul>
            <More of={list} older />
        </section>
    );
}
