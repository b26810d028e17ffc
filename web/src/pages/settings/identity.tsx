// Who is who: how well profiles are joined into customers, and what other rules would make of all that ever happened.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../../lib/api";
import { count, t, tn, tr } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { toastProblem } from "../../lib/toast";
import { Stack } from "../../ui/bits";
import { Confirm } from "../../ui/dialog";
import { ended, JobBar, useJob } from "../../ui/job";
import { Empty, Show } from "../../ui/states";

type Rules = Shapes["identity_rules"];
type Kind = Shapes["identity_kind"];
const WINDOWS = ["ever", "year", "month", "week"] as const;
type Effect = { now: number; then: number; torn: number; joined: number; moved: number; largest_now: number; largest_then: number; changes: { customer: number; name: string; profiles: number; parts: number; torn: boolean }[] };

export default function Identity() {
    const state = useLoad("identity", (signal) => take(api.GET("/api/identity", { signal })), ["job"]);
    const rules = useLoad("identity rules", (signal) => take(api.GET("/api/identity/rules", { signal })), ["job"]);
    return (
        <>
            <section class="panel">
                <Show of={state}>{(d) => <State d={d} />}</Show>
            </section>
            <section class="panel">
                <h2>{t("identity.rules")}</h2>
                <p class="muted">{t("identity.rules_text")}</p>
                <Show of={rules}>{(r) => <RulesForm r={r} key={r.version} />}</Show>
            </section>
        </>
    );
}

function State({ d }: { d: Shapes["identity_state"] }) {
    return (
        <>
            <p>
                <strong>{t("identity.customers", { profiles: count(d.profiles), customers: count(d.customers) })}</strong> {tn("identity.joined", d.joined)}
            </p>
            <h2>{t("identity.crowds")}</h2>
            {d.crowds.length ? (
                <ul class="rows">
                    {d.crowds.map((c) => (
                        <li key={c.customer} class="row spread">
                            <a href={`/customers/${c.customer}`}>{c.name || c.customer}</a>
                            <span class="muted">
                                {tn("identity.profiles", c.profiles)} · {t("identity.shared", { n: count(c.shared), of: count(c.identifiers) })}
                            </span>
                        </li>
                    ))}
                </ul>
            ) : (
                <p class="muted">{t("identity.crowds_none")}</p>
            )}
            <h2>{t("identity.nobody")}</h2>
            {d.demoted.length ? (
                <ul class="rows">
                    {d.demoted.map((x) => (
                        <li key={x.kind + x.value} class="row spread">
                            <span>
                                {x.value} <span class="muted">{tr(`ident.${x.kind}`, x.kind)}</span>
                            </span>
                            <span class="muted">{tn("identity.profiles", x.profiles)}</span>
                        </li>
                    ))}
                </ul>
            ) : (
                <p class="muted">{t("identity.nobody_none")}</p>
            )}
            {d.vetoes.length > 0 && (
                <>
                    <h2>{t("identity.apart")}</h2>
                    <ul class="rows">
                        {d.vetoes.map((v) => (
                            <li key={`${v.a} ${v.b}`} class="row spread">
                                <span>
                                    <a href={`/customers/${v.customer_a}`}>{v.name_a || v.a}</a> · <a href={`/customers/${v.customer_b}`}>{v.name_b || v.b}</a>
                                </span>
                                <span class="muted">
                                    {tr(`ident.${v.kind}`, v.kind)} {v.value}
                                </span>
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </>
    );
}

function RulesForm({ r }: { r: Rules }) {
    const [kinds, setKinds] = useState<Kind[]>(r.kinds);
    const [crowd, setCrowd] = useState(r.crowd);
    const [trying, setTrying] = useState<number | null>(null);
    const [writing, setWriting] = useState<number | null>(null);
    const [asking, setAsking] = useState(false);
    const tried = useJob(trying);
    const written = useJob(writing);
    const change = (kind: string, x: Partial<Kind>) => (setTrying(null), setKinds(kinds.map((k) => (k.kind === kind ? { ...k, ...x } : k))));
    const body = { crowd, kinds: kinds.map(({ kind, joins, limit, window }) => ({ kind, joins, limit, window })) };
    const changed = crowd !== r.crowd || JSON.stringify(kinds) !== JSON.stringify(r.kinds);
    const busy = !!writing && !ended(written.data);
    const begin = async (what: "try" | "put") => {
        setAsking(false);
        try {
            if (what === "try") setTrying((await take(api.POST("/api/identity/try", { body }))).id);
            else {
                setWriting((await take(api.PUT("/api/identity/rules", { body, headers: ifMatch(r.version) }))).id);
                forget("");
            }
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <>
            <Stack name={t("identity.rules")} heads={[t("identity.kind"), t("identity.joins"), t("identity.limit"), t("identity.window")]} numbers={[2]}>
                {kinds.map((k) => {
                    const name = tr(`ident.${k.kind}`, k.label);
                    return (
                        <tr key={k.kind}>
                            <th scope="row">{name}</th>
                            <td data-label={t("identity.joins")}>
                                <input type="checkbox" aria-label={`${name}: ${t("identity.joins")}`} checked={k.joins} disabled={!may("settings_write") || busy} onChange={(e) => change(k.kind, { joins: e.currentTarget.checked })} />
                            </td>
                            <td data-label={t("identity.limit")} class="number">
                                <input type="number" min={2} max={1000} aria-label={`${name}: ${t("identity.limit")}`} value={k.limit} disabled={!k.joins || !may("settings_write") || busy} onInput={(e) => e.currentTarget.validity.valid && change(k.kind, { limit: e.currentTarget.valueAsNumber })} />
                                {k.limit !== k.usual && <small class="muted"> {t("identity.usual", { n: count(k.usual) })}</small>}
                            </td>
                            <td data-label={t("identity.window")}>
                                <select aria-label={`${name}: ${t("identity.window")}`} value={k.window} disabled={!k.joins || !may("settings_write") || busy} onChange={(e) => change(k.kind, { window: e.currentTarget.value as Kind["window"] })}>
                                    {WINDOWS.map((w) => (
                                        <option key={w} value={w}>
                                            {t(`identity.window_${w}`)}
                                        </option>
                                    ))}
                                </select>
                            </td>
                        </tr>
                    );
                })}
            </Stack>
            <p>
                <label>
                    {t("identity.crowd")} <input type="number" min={2} max={1000} value={crowd} disabled={!may("settings_write") || busy} onInput={(e) => e.currentTarget.validity.valid && (setTrying(null), setCrowd(e.currentTarget.valueAsNumber))} />
                </label>
            </p>
            {may("settings_write") && (
                <p class="row">
                    <button disabled={!changed || busy || (!!trying && !ended(tried.data))} onClick={() => void begin("try")}>
                        {t("identity.try")}
                    </button>
                    <button class="primary" disabled={!changed || busy} onClick={() => setAsking(true)}>
                        {t("identity.write")}
                    </button>
                </p>
            )}
            {trying && <JobBar of={tried} text={t("identity.trying")} />}
            {trying && tried.data?.state === "done" && <Foreseen x={tried.data.result as Effect} />}
            {writing && <JobBar of={written} text={t("identity.writing")} />}
            {asking && <Confirm title={t("identity.write_title")} text={t("identity.write_text")} verb={t("identity.write")} onYes={() => begin("put")} onClose={() => setAsking(false)} />}
        </>
    );
}

function Foreseen({ x }: { x: Effect }) {
    if (!x.torn && !x.joined) return <Empty title={t("identity.same")} />;
    return (
        <div class="note" role="status">
            <p>
                <strong>{t("identity.effect", { now: count(x.now), then: count(x.then) })}</strong> {tn("identity.torn", x.torn)} {tn("identity.made_one", x.joined)} {tn("identity.moved", x.moved)}
            </p>
            <ul class="rows">
                {x.changes.slice(0, 20).map((c) => (
                    <li key={`${c.customer} ${c.torn}`} class="row spread">
                        <a href={`/customers/${c.customer}`}>{c.name || c.customer}</a>
                        <span class="muted">{t(c.torn ? "identity.falls" : "identity.out_of", { n: count(c.profiles), parts: count(c.parts) })}</span>
                    </li>
                ))}
            </ul>
        </div>
    );
}
