// Keys of programs: to send events of a source, or to ask the API.
import { useState } from "preact/hooks";
import { api, type Shapes, take } from "../../lib/api";
import { t, tn, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { When } from "../../ui/bits";
import { Confirm, Dialog } from "../../ui/dialog";
import { Check, Form, Select, Text } from "../../ui/form";
import { Once } from "../../ui/once";
import { Empty, Show } from "../../ui/states";

type Key = Shapes["api_key"];
export default function Keys() {
    const list = useLoad("keys", (signal) => take(api.GET("/api/keys", { params: { query: { limit: 500 } }, signal })));
    const [making, setMaking] = useState(false);
    const [made, setMade] = useState<string | null>(null);
    const [revoking, setRevoking] = useState<Key | null>(null);
    const [old, setOld] = useState(false);
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("set.keys")}</h2>
                <button class="primary" onClick={() => setMaking(true)}>
                    {t("key.new")}
                </button>
            </div>
            <p class="muted">{t("key.text", { url: location.origin })}</p>
            <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("key.empty")} text={t("key.empty_text")} />)}>
                {(d) => (
                    <>
                        <ul class="rows">
                            {d.items
                                .filter((k) => old || !k.revoked)
                                .map((k) => (
                                    <li key={k.id}>
                                        <div class="row spread">
                                            <strong class={k.revoked ? "done" : ""}>{k.name}</strong>
                                            {!k.revoked && (
                                                <button class="link bad" onClick={() => setRevoking(k)}>
                                                    {t("key.revoke")}
                                                    <span class="hidden"> {k.name}</span>
                                                </button>
                                            )}
                                        </div>
                                        <span class="muted">
                                            <code>{k.hint}…</code> · {k.source ? t("key.writes", { source: k.source }) : k.scopes.join(", ")} · {k.revoked ? t("key.revoked") : k.seen ? t("key.seen") : t("key.unused")} {(k.revoked ?? k.seen) && <When at={k.revoked ?? k.seen} />}
                                        </span>
                                    </li>
                                ))}
                        </ul>
                        {d.items.some((k) => k.revoked) && (
                            <button class="link" onClick={() => setOld(!old)}>
                                {old ? t("key.hide_revoked") : tn("key.show_revoked", d.items.filter((k) => k.revoked).length)}
                            </button>
                        )}
                    </>
                )}
            </Show>
            {making && <NewKey onClose={() => setMaking(false)} onMade={(token) => (setMaking(false), setMade(token), list.again())} />}
            {made && <Once title={t("key.made")} text={t("key.made_text")} secret={made} onClose={() => setMade(null)} />}
            {revoking && (
                <Confirm
                    title={t("key.revoke_title", { name: revoking.name })}
                    text={t("key.revoke_text")}
                    verb={t("key.revoke")}
                    onClose={() => setRevoking(null)}
                    onYes={async () => {
                        try {
                            await take(api.DELETE("/api/keys/{id}", { params: { path: { id: revoking.id } } }));
                            toast(t("key.revoked_toast", { name: revoking.name }));
                            list.again();
                        } catch (x) {
                            toastProblem(x);
                        }
                        setRevoking(null);
                    }}
                />
            )}
        </section>
    );
}
function NewKey({ onClose, onMade }: { onClose(): void; onMade(token: string): void }) {
    const [kind, setKind] = useState("events");
    const [name, setName] = useState("");
    const [source, setSource] = useState("");
    const [scopes, setScopes] = useState<string[]>(["measures_read"]);
    const roles = useLoad("roles", (signal) => take(api.GET("/api/roles", { signal })));
    const all = roles.data?.items.find((r) => r.name === "owner")?.scopes ?? [];
    return (
        <Dialog title={t("key.new")} onClose={onClose} wide>
            <Form verb={t("key.make")} onCancel={onClose} onSend={async () => onMade((await take(api.POST("/api/keys", { body: kind === "events" ? { name, source } : { name, scopes } }))).token)}>
                <Text label={t("key.name")} hint={t("key.name_hint")} value={name} onInput={setName} required max={200} />
                <Select label={t("key.for")} value={kind} options={[["events", t("key.for_events")], ["api", t("key.for_api")]]} onChange={setKind} />
                {kind === "events" ? (
                    <Text label={t("source.name")} hint={t("key.source_hint")} value={source} onInput={setSource} required max={200} />
                ) : (
                    <fieldset>
                        <legend>{t("key.scopes")}</legend>
                        {all
                            .filter((s) => s.name !== "signed_in")
                            .map((s) => (
                                <Check key={s.name} label={s.name} hint={tr(`need.${s.name}`, s.text)} checked={scopes.includes(s.name)} onChange={(on) => setScopes(on ? [...scopes, s.name] : scopes.filter((x) => x !== s.name))} />
                            ))}
                    </fieldset>
                )}
            </Form>
        </Dialog>
    );
}
