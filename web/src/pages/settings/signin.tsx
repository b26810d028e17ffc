// Signing in with the company's identity provider (OpenID Connect).
import { useState } from "preact/hooks";
import { api, ifMatch, type Shapes, take } from "../../lib/api";
import { t } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast } from "../../lib/toast";
import { Check, Form, Select, Text } from "../../ui/form";
import { Copy } from "../../ui/once";
import { Show } from "../../ui/states";

export default function SignIn() {
    const oidc = useLoad("oidc", (signal) => take(api.GET("/api/settings/oidc", { signal })));
    return <Show of={oidc}>{(o) => <Edit key={o.version} o={o} onDone={oidc.set} />}</Show>;
}
function Edit({ o, onDone }: { o: Shapes["oidc_settings"]; onDone(o: Shapes["oidc_settings"]): void }) {
    const [v, setV] = useState({ issuer: o.issuer, client_id: o.client_id, client_secret: "", domain: o.domain, role: o.role || "viewer", label: o.label, inside: o.inside });
    const put = (name: keyof typeof v) => (x: string | boolean) => setV({ ...v, [name]: x });
    return (
        <section class="panel">
            <p class={o.on ? "note good" : "note"}>{t(o.on ? "oidc.on" : "oidc.off")}</p>
            <h2>{t("oidc.redirect")}</h2>
            <Copy text={o.redirect} label={t("oidc.redirect")} />
            <Form
                verb={t("act.save")}
                onSend={async () => {
                    const { client_secret, ...rest } = v;
                    onDone(await take(api.PUT("/api/settings/oidc", { headers: ifMatch(o.version), body: { ...rest, ...(client_secret && { client_secret }) } })));
                    toast(t("act.saved"));
                }}
            >
                <Text label={t("oidc.issuer")} hint={t("oidc.issuer_hint")} value={v.issuer} onInput={put("issuer")} max={500} />
                <Text label={t("oidc.client")} value={v.client_id} onInput={put("client_id")} max={500} />
                <Text label={t("oidc.secret")} hint={o.has_secret ? t("oidc.secret_kept") : undefined} type="password" value={v.client_secret} onInput={put("client_secret")} max={500} />
                <Text label={t("oidc.domain")} hint={t("oidc.domain_hint")} value={v.domain} onInput={put("domain")} max={200} />
                <Select label={t("oidc.role")} value={v.role} options={[["viewer", t("role.viewer")], ["agent", t("role.agent")], ["manager", t("role.manager")], ["owner", t("role.owner")]]} onChange={put("role")} />
                <Text label={t("oidc.label")} value={v.label} onInput={put("label")} max={100} />
                <Check label={t("oidc.inside")} checked={v.inside} onChange={put("inside")} />
            </Form>
        </section>
    );
}
