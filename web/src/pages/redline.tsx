// One red line: how much of it is used, changing it, and every version that it had.
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import { day, dayTime, majorOf, percent, t, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { go } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import type { PageProps } from "../pages";
import { Facts, PageHead } from "../ui/bits";
import { SaveState, Select, Text, useAutosave } from "../ui/form";
import { Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import { limitText, useCurrency } from "./redlines";
import { Said } from "../ui/said";

type Line = Shapes["redline"];
const path = (id: number) => ({ path: { id } });
const signers = (): [string, string][] => [["", t("line.nobody")], ...["agent", "manager", "owner"].map((r): [string, string] => [r, tr(`role.${r}`, r)])];

export async function retire(l: Line): Promise<void> {
    await take(api.DELETE("/api/redlines/{id}", { params: path(l.id), headers: ifMatch(l.version) }));
    forget("redline");
    toast(t("line.retired", { name: l.name }), { undo: () => again(l).then(() => forget("redline"), toastProblem) });
}
// A line that was retired is drawn anew as it was: what it held until then stays in its history.
const again = (l: Line) =>
    take(
        api.POST("/api/redlines", {
            body: { name: l.name, kind: l.kind as "discount", limit: l.limit, currency: l.currency ?? undefined, period: l.period, of: l.of, segment: l.segment ?? undefined, product: l.product ?? undefined, channel: l.channel ?? undefined, role: l.role ?? undefined, measure: l.measure ?? undefined, below: l.kind === "measure" ? l.below : undefined, signer: l.signer ?? undefined, why: l.why || undefined, until: l.until ?? undefined },
        }),
    );

export default function RedLinePage({ params }: PageProps) {
    const id = Number(params.id);
    const store = useCurrency();
    const one = useLoad(`redline ${id}`, (signal) => take(api.GET("/api/redlines/{id}", { params: path(id), signal })));
    return (
        <Show of={one}>
            {(line) => {
                const l = { ...line, currency: line.currency ?? store };
                return (
                    <>
                        <PageHead title={l.name} text={l.why}>
                            {may("redlines_write") && !l.retired && (
                                <button onClick={() => void retire(line).then(() => go("/redlines"), toastProblem)}>{t("line.retire")}</button>
                            )}
                        </PageHead>
                        <div class="split">
                            <div>
                                <Used l={l} />
                                <History id={l.id} currency={l.currency} />
                            </div>
                            <section class="panel" aria-labelledby="line">
                                <h2 id="line">{t("line.as_it_is")}</h2>
                                {may("redlines_write") && !l.retired ? <Change l={l} onSaved={one.set} /> : <Facts rows={[[t("line.limit"), limitText(l.limit, l.unit, l.currency)]]} />}
                                <Facts
                                    rows={[
                                        [t("line.kind"), tr(`line.kind.${l.kind}`, l.kind)],
                                        [t("line.period"), l.period !== "none" && tr(`line.period.${l.period}`, l.period)],
                                        [t("line.for"), [...l.of.map((x) => tr(`line.of.${x}`, x)), l.product, l.channel, l.role].filter(Boolean).join(", ")],
                                        [t("line.of_which"), l.measure],
                                        [t("line.since"), l.from && day(l.from)],
                                        [t("line.ends"), l.until && day(l.until)],
                                        [t("line.drawn"), `${dayTime(l.made)} · ${l.by}`],
                                    ]}
                                />
                            </section>
                        </div>
                    </>
                );
            }}
        </Show>
    );
}

function Used({ l }: { l: Line }) {
    const charts = useCharts();
    const used = useLoad("redlines near", (signal) => take(api.GET("/api/redlines/near", { params: { query: { share: 0, limit: 500 } }, signal })), ["events"]);
    const u = used.data?.items.find((x) => x.line.id === l.id);
    if (!u) return null;
    const Bars = charts?.BarsChart;
    const scale = l.unit === "money" ? majorOf({ value: 1, currency: l.currency ?? "EUR" }) : 1;
    const rows = [
        { name: t("line.used_now"), n: u.used * scale, line: l.limit * scale },
        { name: t("line.with_reserved"), n: (u.used + u.reserved) * scale, line: l.limit * scale },
    ];
    return (
        <section class="panel" aria-labelledby="used">
            <h2 id="used">{t("line.used_title")}</h2>
            <p>
                <strong>{u.share == null ? "" : t("line.used", { share: percent(u.share) })}</strong> · {t("line.left", { left: limitText(Math.max(0, l.limit - u.used - u.reserved), l.unit, l.currency) })}
                {u.until && ` · ${t("line.until", { day: day(u.until) })}`}
            </p>
            {Bars && <Bars title={l.unit === "money" ? `${l.name}, ${l.currency ?? ""}` : l.name} rows={rows} />}
            <p class="muted"><Said text={u.sum} /></p>
        </section>
    );
}

function History({ id, currency }: { id: number; currency?: string }) {
    const all = useLoad(`redline ${id} history`, (signal) => take(api.GET("/api/redlines/{id}/history", { params: { ...path(id), query: { limit: 100 } }, signal })));
    return (
        <section class="panel" aria-labelledby="versions">
            <h2 id="versions">{t("line.history")}</h2>
            <Show of={all}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((l) => (
                            <li key={l.version}>
                                <div class="row spread">
                                    <strong>
                                        {limitText(l.limit, l.unit, l.currency ?? currency)} {l.period !== "none" && tr(`line.period.${l.period}`, l.period)}
                                    </strong>
                                    <span class="muted">{l.retired ? t("line.retired", { name: l.name }) : l.signer ? t("line.signer", { role: tr(`role.${l.signer}`, l.signer) }) : t("line.nobody")}</span>
                                </div>
                                <p class="muted">
                                    {dayTime(l.made)}
                                    {l.ended && ` – ${dayTime(l.ended)}`} · {l.by} {l.why && `· ${l.why}`}
                                </p>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
        </section>
    );
}

type Edited = { limit: string; name: string; signer: string; why: string; version: number };
function Change({ l, onSaved }: { l: Line; onSaved(x: Line): void }) {
    const unit = l.unit === "money" ? majorOf({ value: 1, currency: l.currency ?? "EUR" }) : l.unit === "bp" || l.unit === "value" ? 0.01 : 1;
    const edited = (x: Line): Edited => ({ limit: String(Math.round(x.limit * unit * 100) / 100), name: x.name, signer: x.signer ?? "", why: x.why, version: x.version });
    const read = () => take(api.GET("/api/redlines/{id}", { params: path(l.id) })).then(edited);
    const auto = useAutosave<Edited>({
        from: edited(l),
        fields: ["limit", "name", "signer", "why"],
        read,
        save: async (change, version) => {
            const { limit, name, signer, why } = change;
            const done = await take(api.PATCH("/api/redlines/{id}", { params: path(l.id), headers: ifMatch(version), body: { name, signer, why, limit: limit === undefined ? undefined : Math.round(Number(limit) / unit) } }));
            onSaved(done);
            forget("redlines");
            forget(`redline ${l.id} history`);
            return edited(done);
        },
    });
    const v = auto.value;
    const labels = { limit: t("line.limit"), name: t("line.name"), signer: t("line.who_signs"), why: t("line.why") };
    const suffix = l.unit === "bp" ? " (%)" : l.unit === "money" ? ` (${l.currency})` : l.unit === "hours" ? ` (${t("line.unit_hours")})` : "";
    return (
        <>
            <Text label={labels.limit + suffix} type="number" value={v.limit} onInput={(limit) => auto.put({ limit })} onBlur={auto.flush} />
            <Text label={labels.name} value={v.name} onInput={(name) => auto.put({ name })} onBlur={auto.flush} max={100} />
            <Select label={labels.signer} value={v.signer} options={signers()} onChange={(signer) => auto.put({ signer })} />
            <Text label={labels.why} hint={t("line.why_hint")} value={v.why} onInput={(why) => auto.put({ why })} onBlur={auto.flush} rows={2} max={1000} />
            <SaveState of={auto} labels={labels} />
        </>
    );
}
