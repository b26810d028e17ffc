// How we send mail: the server and the sender, the keys that sign, a test, and what came back. A password or a secret key
// goes in, and never out again.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Page, type Shapes, take } from "../../lib/api";
import { t, tn, tr } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { Facts, When } from "../../ui/bits";
import { Dialog } from "../../ui/dialog";
import { Check, Field, Form, Select, Text, VersionedForm } from "../../ui/form";
import { Listed } from "../../ui/more";
import { Copy } from "../../ui/once";
import { usePaged } from "../../ui/paged";
import { Empty, Show } from "../../ui/states";
import { Said } from "../../ui/said";

type Setup = Shapes["mail_setup"];
type MailKey = Shapes["mail_key"];

export default function Mail() {
    const setup = useLoad("outbox setup", (signal) => take(api.GET("/api/outbox/setup", { signal })));
    const keys = useLoad("outbox keys", (signal) => take(api.GET("/api/outbox/keys", { signal })));
    return (
        <>
            <Show of={setup} lines={8}>
                {(s) => (
                    <>
                        <Standing s={s} keys={keys.data?.items} />
                        {may("settings_write") ? <Server key={s.version} s={s} /> : <Read s={s} />}
                        {s.host && may("messages_write") && <Test />}
                        <section class="panel" aria-labelledby="signing">
                            <Show of={keys}>{(d) => <Keys list={d.items} domain={s.from.split("@")[1] ?? ""} />}</Show>
                        </section>
                    </>
                )}
            </Show>
            <Bounces />
        </>
    );
}

// What is left to do, so that mail goes out and arrives.
function Standing({ s, keys }: { s: Setup; keys?: MailKey[] }) {
    const signs = !!keys?.some((k) => k.state === "signs" && k.domain === s.from.split("@")[1]);
    const steps: [boolean, string][] = [
        [!!s.host && !!s.from, t("mailset.step_server")],
        [signs, t("mailset.step_signs")],
        [!!s.postal, t("mailset.step_postal")],
        [s.on, t("mailset.step_on")],
    ];
    const left = steps.filter(([done]) => !done).length;
    return (
        <section class="panel" aria-labelledby="standing">
            <h2 id="standing">{t("mailset.standing")}</h2>
            <p class={left ? "warn" : "note good"}>{!s.host ? `⚠ ${t("outbox.no_setup")}` : !s.on ? `⚠ ${t("outbox.off")}` : left ? `⚠ ${tn("mailset.left", left)}` : `✓ ${t("mailset.all_done")}`}</p>
            <ul class="rows">
                {steps.map(([done, text]) => (
                    <li key={text}>
                        <span aria-hidden="true">{done ? "✓" : "○"}</span> {text} {!done && <span class="muted">({t("mailset.not_yet")})</span>}
                    </li>
                ))}
            </ul>
        </section>
    );
}

// ---- the server and the sender ----

type Draft = { host: string; port: string; tls: Setup["tls"]; login: string; from: string; from_name: string; reply_to: string; bounce: string; postal: string; per_minute: string; per_domain: string; resend_after: string; on: boolean };
const draftOf = (s: Setup): Draft => ({ host: s.host, port: String(s.port), tls: s.tls, login: s.login, from: s.from, from_name: s.from_name, reply_to: s.reply_to, bounce: s.bounce, postal: s.postal, per_minute: String(s.per_minute), per_domain: String(s.per_domain), resend_after: String(s.resend_after), on: s.on });
const bodyOf = (d: Draft): Shapes["mail_setup_new"] => ({ ...d, port: Number(d.port), per_minute: Number(d.per_minute), per_domain: Number(d.per_domain), resend_after: Number(d.resend_after) });
const put = (version: number, body: Shapes["mail_setup_new"]) => take(api.PUT("/api/outbox/setup", { headers: version ? ifMatch(version) : {}, body }));
const tlsText = (x: Setup["tls"]) => t(`mailset.tls_${x}`);

function Read({ s }: { s: Setup }) {
    return (
        <section class="panel" aria-labelledby="server">
            <h2 id="server">{t("mailset.server")}</h2>
            <Facts rows={[[t("mailset.host"), s.host && `${s.host}:${s.port}`], [t("mailset.tls"), s.host && tlsText(s.tls)], [t("mailset.from"), s.from && `${s.from_name} <${s.from}>`], [t("mailset.reply_to"), s.reply_to], [t("mailset.postal"), s.postal]]} />
        </section>
    );
}
function Server({ s }: { s: Setup }) {
    const [v, setV] = useState<Draft>(draftOf(s));
    const [password, setPassword] = useState("");
    const set = (name: keyof Draft) => (x: string | boolean) => setV({ ...v, [name]: x });
    const labels = { host: t("mailset.host"), port: t("mailset.port"), tls: t("mailset.tls"), login: t("mailset.login"), from: t("mailset.from"), from_name: t("mailset.from_name"), reply_to: t("mailset.reply_to"), bounce: t("mailset.bounce"), postal: t("mailset.postal"), per_minute: t("mailset.per_minute"), per_domain: t("mailset.per_domain"), resend_after: t("mailset.resend_after"), on: t("mailset.on") };
    const again = () => ["outbox setup", "outbox counts"].forEach(forget);
    const save = async (d: Draft, version: number) => {
        const done = await put(version, { ...bodyOf(d), ...(password && { password }) });
        setPassword("");
        // What was there before comes back; a password that was replaced does not: nobody can read it.
        toast(t("act.saved"), password || !s.version ? {} : { undo: () => put(done.version, bodyOf(draftOf(s))).then(again, toastProblem) });
        again();
    };
    const read = async () => {
        const last = await take(api.GET("/api/outbox/setup"));
        return { value: draftOf(last), version: last.version };
    };
    return (
        <section class="panel" aria-labelledby="server">
            <h2 id="server">{t("mailset.server")}</h2>
            <VersionedForm verb={t("act.save")} value={v} version={s.version} labels={labels} onValue={setV} save={save} read={read}>
                <div class="fields">
                    <Text label={labels.host} hint={t("mailset.host_hint")} value={v.host} onInput={set("host")} required max={253} />
                    <Text label={labels.port} hint={t("mailset.port_hint")} type="number" value={v.port} onInput={set("port")} required />
                    <Select label={labels.tls} value={v.tls} options={(["starttls", "tls", "none"] as const).map((x) => [x, tlsText(x)])} onChange={set("tls")} />
                </div>
                <div class="fields">
                    <Text label={labels.login} hint={t("mailset.login_hint")} value={v.login} onInput={set("login")} max={200} autocomplete="off" />
                    <Text label={t("mailset.password")} hint={t(s.password ? "mailset.password_kept" : "mailset.password_none")} type="password" value={password} onInput={setPassword} max={1000} autocomplete="new-password" />
                </div>
                <div class="fields">
                    <Text label={labels.from} hint={t("mailset.from_hint")} type="email" value={v.from} onInput={set("from")} required max={254} />
                    <Text label={labels.from_name} hint={t("mailset.from_name_hint")} value={v.from_name} onInput={set("from_name")} max={200} />
                    <Text label={labels.reply_to} hint={t("mailset.reply_to_hint")} type="email" value={v.reply_to} onInput={set("reply_to")} max={254} />
                    <Text label={labels.bounce} hint={t("mailset.bounce_hint")} type="email" value={v.bounce} onInput={set("bounce")} max={254} />
                </div>
                <Text label={labels.postal} hint={t("mailset.postal_hint")} value={v.postal} onInput={set("postal")} rows={3} max={1000} />
                <details>
                    <summary>{t("mailset.pace")}</summary>
                    <div class="fields">
                        <Text label={labels.per_minute} hint={t("mailset.no_limit")} type="number" value={v.per_minute} onInput={set("per_minute")} />
                        <Text label={labels.per_domain} hint={t("mailset.no_limit")} type="number" value={v.per_domain} onInput={set("per_domain")} />
                        <Text label={labels.resend_after} hint={t("mailset.resend_hint")} type="number" value={v.resend_after} onInput={set("resend_after")} />
                    </div>
                </details>
                <Check label={labels.on} hint={t("mailset.on_hint")} checked={v.on} onChange={set("on")} />
            </VersionedForm>
        </section>
    );
}

// ---- a test ----

function Test() {
    const [to, setTo] = useState("");
    const [said, setSaid] = useState<Shapes["outbox_put"]>();
    return (
        <section class="panel no-print" aria-labelledby="test">
            <h2 id="test">{t("mailset.test")}</h2>
            <p class="muted">{t("mailset.test_text")}</p>
            <Form verb={t("mailset.test_send")} ready={!!to.trim()} onSend={async () => setSaid(await take(api.POST("/api/outbox/test", { body: { address: to } })))}>
                <Text label={t("mailset.test_to")} type="email" value={to} onInput={setTo} required max={254} />
            </Form>
            <p role="status">
                {said &&
                    (said.verdict === "allow" ? (
                        <>
                            ✓ {t("mailset.test_put")} {said.id && <a href={`/messages/${said.id}`}>{t("mailset.test_look")}</a>}
                        </>
                    ) : (
                        <>
                            ✕ {tr(`gate.${said.verdict}`, said.verdict)}: <Said text={said.reason} />
                        </>
                    ))}
            </p>
        </section>
    );
}

// ---- keys that sign ----

function Keys({ list, domain }: { list: MailKey[]; domain: string }) {
    const [making, setMaking] = useState(false);
    const writes = may("settings_write");
    return (
        <>
            <div class="panel-head">
                <h2 id="signing">{t("mailset.keys")}</h2>
                {writes && <button onClick={() => setMaking(true)}>{t("mailset.key_new")}</button>}
            </div>
            <p class="muted">{t("mailset.keys_text")}</p>
            {list.length ? (
                <ul class="rows">
                    {list.map((k) => (
                        <Key key={k.id} k={k} writes={writes} />
                    ))}
                </ul>
            ) : (
                <Empty title={t("mailset.keys_empty")} text={t("mailset.keys_empty_text")} />
            )}
            {making && <NewKey domain={domain} taken={list} onClose={() => setMaking(false)} />}
        </>
    );
}
const setKey = (k: MailKey, state: "signs" | "retired") => take(api.POST("/api/outbox/keys/{id}", { params: { path: { id: k.id } }, body: { state } })).then(() => forget("outbox keys"));
function Key({ k, writes }: { k: MailKey; writes: boolean }) {
    const turn = (state: "signs" | "retired") =>
        void setKey(k, state).then(
            () => toast(t(state === "signs" ? "mailset.key_signs_now" : "mailset.key_retired_now"), k.state === "made" ? {} : { undo: () => setKey(k, k.state as "signs").catch(toastProblem) }),
            toastProblem,
        );
    return (
        <li>
            <div class="row spread">
                <strong>{k.name}</strong>
                <span class={`tag ${k.state === "signs" ? "good" : k.state === "made" ? "warn" : ""}`}>{t(`mailset.key_${k.state}`)}</span>
            </div>
            <p class="muted">
                {k.algorithm} · <When at={k.created} />
            </p>
            {k.state !== "retired" && (
                <details open={k.state === "made"}>
                    <summary>
                        {t("mailset.publish")}
                        <span class="hidden"> {k.name}</span>
                    </summary>
                    <p>{t("mailset.publish_text")}</p>
                    <Copy text={k.name} label={t("mailset.record_name")} />
                    <Copy text={k.record} label={t("mailset.record")} />
                </details>
            )}
            {writes && (
                <p class="row no-print">
                    {k.state !== "signs" && (
                        <button class={k.state === "made" ? "primary" : undefined} onClick={() => turn("signs")}>
                            {t("mailset.key_use")}
                            <span class="hidden"> {k.name}</span>
                        </button>
                    )}
                    {k.state !== "retired" && (
                        <button class="link" onClick={() => turn("retired")}>
                            {t("mailset.key_retire")}
                            <span class="hidden"> {k.name}</span>
                        </button>
                    )}
                </p>
            )}
        </li>
    );
}
function NewKey({ domain, taken, onClose }: { domain: string; taken: MailKey[]; onClose(): void }) {
    const year = `heed${new Date().getFullYear()}`;
    const free = [year, ...Array.from({ length: 20 }, (_, i) => `${year}-${i + 2}`)].find((x) => !taken.some((k) => k.selector === x)) ?? "";
    const [v, setV] = useState({ domain, selector: free, algorithm: "rsa-sha256" });
    const set = (name: keyof typeof v) => (x: string) => setV({ ...v, [name]: x });
    return (
        <Dialog title={t("mailset.key_new")} onClose={onClose}>
            <Form
                verb={t("mailset.key_make")}
                onCancel={onClose}
                onSend={async () => {
                    await take(api.POST("/api/outbox/keys", { body: { ...v, algorithm: v.algorithm as "rsa-sha256" } }));
                    forget("outbox keys");
                    toast(t("mailset.key_made_now"));
                    onClose();
                }}
            >
                <Text label={t("mailset.domain")} hint={t("mailset.domain_hint")} value={v.domain} onInput={set("domain")} required max={253} />
                <Text label={t("mailset.selector")} hint={t("mailset.selector_hint")} value={v.selector} onInput={set("selector")} required max={63} />
                <Select label={t("mailset.algorithm")} value={v.algorithm} options={[["rsa-sha256", t("mailset.rsa")], ["ed25519-sha256", t("mailset.ed25519")]]} onChange={set("algorithm")} />
            </Form>
        </Dialog>
    );
}

// ---- what came back ----

type Bounce = Shapes["mail_bounce"];
function Bounces() {
    const list = usePaged<Bounce>("outbox bounces", (after, signal) => take(api.GET("/api/outbox/bounces", { params: { query: { after, limit: 20 } }, signal })) as Promise<Page<Bounce>>, ["outbox"]);
    return (
        <section class="panel" aria-labelledby="bounces">
            <h2 id="bounces">{t("outbox.bounces")}</h2>
            <p class="muted">{t("mailset.bounces_text")}</p>
            <Listed of={list} older empty={<Empty title={t("mailset.bounces_empty")} />}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((b) => (
                            <li key={b.id}>
                                <div class="row spread">
                                    <span>
                                        <strong>{b.address || t("mailset.no_address")}</strong> <span class={`tag ${b.kind === "hard" || b.kind === "complaint" ? "bad" : ""}`}>{tr(`outbox.bounce_${b.kind}`, b.kind)}</span>
                                    </span>
                                    <When at={b.at} />
                                </div>
                                <p class="muted">
                                    {b.status} <span lang="">{b.words}</span> {b.message ? <a href={`/messages/${b.message}`}>{t("mailset.of_message")}</a> : t("mailset.of_none")}
                                </p>
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
            {may("messages_write") && <TakeIn onDone={list.first.again} />}
        </section>
    );
}
function TakeIn({ onDone }: { onDone(): void }) {
    const take_in = async (file?: File) => {
        if (!file) return;
        try {
            const raw = await file.arrayBuffer();
            const got = await take(api.POST("/api/outbox/bounces", { body: raw as never, bodySerializer: (x: unknown) => x as ArrayBuffer, headers: { "content-type": "message/rfc822" } }));
            toast(got.kind === "none" ? t("mailset.taken_none") : tn("mailset.taken", got.matched + got.unmatched), { bad: got.kind === "none" });
            onDone();
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <div class="no-print">
            <Field label={t("mailset.take_in")} hint={t("mailset.take_in_hint")}>
                {(x) => <input {...x} type="file" accept=".eml,message/rfc822,text/plain" onChange={(e) => void take_in(e.currentTarget.files?.[0]).finally(() => (e.target as HTMLInputElement).value && ((e.target as HTMLInputElement).value = ""))} />}
            </Field>
        </div>
    );
}
