// Who may sign in, and as what.
import { useState } from "preact/hooks";
import { api, ifMatch, me, type Shapes, take } from "../../lib/api";
import { t, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { Stack, When } from "../../ui/bits";
import { Dialog, Menu } from "../../ui/dialog";
import { Form, Select, Text } from "../../ui/form";
import { Icon } from "../../ui/icon";
import { Once } from "../../ui/once";
import { Show } from "../../ui/states";

type Account = Shapes["account"];
export default function Team() {
    const list = useLoad("accounts", (signal) => take(api.GET("/api/accounts", { params: { query: { limit: 500 } }, signal })));
    const roles = useLoad("roles", (signal) => take(api.GET("/api/roles", { signal })));
    const [inviting, setInviting] = useState(false);
    const [link, setLink] = useState<Shapes["access_link"] | null>(null);
    const names = roles.data?.items.map((r): [string, string] => [r.name, `${tr(`role.${r.name}`, r.name)}: ${tr(`role.${r.name}.text`, r.text)}`]) ?? [];
    const change = async (a: Account, body: Shapes["account_change"], undo?: Shapes["account_change"]) => {
        try {
            const done = await take(api.PATCH("/api/accounts/{id}", { params: { path: { id: a.id } }, headers: ifMatch(a.version), body }));
            list.again();
            toast(t("team.changed", { name: a.name || a.email }), undo ? { undo: () => change(done, undo) } : {});
        } catch (x) {
            toastProblem(x);
        }
    };
    const makeLink = async (a: Account, purpose: "welcome" | "reset", second_factor_off?: boolean) => {
        try {
            setLink(await take(api.POST("/api/accounts/{id}/link", { params: { path: { id: a.id } }, body: { purpose, second_factor_off } })));
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("team.who")}</h2>
                <button class="primary" onClick={() => setInviting(true)}>
                    {t("team.invite")}
                </button>
            </div>
            <Show of={list}>
                {(d) => (
                    <Stack name={t("team.who")} heads={[t("team.name"), t("team.role"), t("team.state"), t("team.seen"), <span class="hidden">{t("act.actions")}</span>]}>
                        {d.items.map((a) => (
                            <tr key={a.id}>
                                <th scope="row">
                                    {a.name || a.email || t("team.nobody")}
                                    <br />
                                    <small>{a.name && a.email}</small>
                                </th>
                                <td data-label={t("team.role")}>
                                    <select aria-label={`${t("team.role")}: ${a.name || a.email}`} value={a.role} onChange={(e) => void change(a, { role: e.currentTarget.value }, { role: a.role })}>
                                        {names.map(([n]) => (
                                            <option key={n} value={n}>
                                                {tr(`role.${n}`, n)}
                                            </option>
                                        ))}
                                    </select>
                                </td>
                                <td data-label={t("team.state")}>
                                    <span class="tag">{tr(`account.${a.state}`, a.state)}</span> {a.second_factor && <span class="tag good">{t("team.factor")}</span>}
                                </td>
                                <td data-label={t("team.seen")}>
                                    <When at={a.seen} />
                                </td>
                                <td>
                                    <Menu class="icon-button" title={t("team.more", { name: a.name || a.email })} label={<Icon name="more" />}>
                                        {(close) => (
                                            <ul>
                                                <li>
                                                    <button onClick={() => (close(), void makeLink(a, a.state === "invited" ? "welcome" : "reset"))}>{t(a.state === "invited" ? "team.link_welcome" : "team.link_reset")}</button>
                                                </li>
                                                {a.second_factor && (
                                                    <li>
                                                        <button onClick={() => (close(), void makeLink(a, "reset", true))}>{t("team.link_factor")}</button>
                                                    </li>
                                                )}
                                                {a.id !== me.id && (
                                                    <li>
                                                        <button onClick={() => (close(), void change(a, { state: a.state === "disabled" ? "active" : "disabled" }, { state: a.state === "disabled" ? "disabled" : "active" }))}>{t(a.state === "disabled" ? "team.enable" : "team.disable")}</button>
                                                    </li>
                                                )}
                                            </ul>
                                        )}
                                    </Menu>
                                </td>
                            </tr>
                        ))}
                    </Stack>
                )}
            </Show>
            {inviting && <Invite names={names} onClose={() => setInviting(false)} onMade={(l) => (setInviting(false), setLink(l), list.again())} />}
            {link && <Once title={t("team.link")} text={t("team.link_text")} secret={link.url} onClose={() => setLink(null)} />}
        </section>
    );
}
function Invite({ names, onClose, onMade }: { names: [string, string][]; onClose(): void; onMade(l: Shapes["access_link"]): void }) {
    const [email, setEmail] = useState("");
    const [name, setName] = useState("");
    const [role, setRole] = useState("agent");
    return (
        <Dialog title={t("team.invite")} onClose={onClose}>
            <Form verb={t("team.invite_verb")} onCancel={onClose} onSend={async () => onMade((await take(api.POST("/api/accounts", { body: { email, name: name || undefined, role } }))).link)}>
                <Text label={t("team.email")} type="email" value={email} onInput={setEmail} required hint={t("team.email_hint")} />
                <Text label={t("team.name")} value={name} onInput={setName} max={200} />
                <Select label={t("team.role")} value={role} options={names} onChange={setRole} />
            </Form>
        </Dialog>
    );
}
