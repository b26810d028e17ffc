// What we promise everybody by rule, how each promise is kept and what follows from it; and in whose hours.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, t, tn, tr } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { useLoad } from "../lib/load";
import { setQuery, query } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { channelName, Stack } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Check, SaveState, Select, Text, useAutosave, VersionedForm } from "../ui/form";
import { Empty, Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import { Agreements, changed } from "./agreements";
import { commitmentKind, kinds } from "./commitments";

export type Standard = Shapes["standard"];
const starts = ["first_message", "next_message", "message", "complaint", "order", "return", "cancel", "contract_start", "answer", "review"];
const channels = ["email", "chat", "phone", "sms", "whatsapp", "facebook", "social", "shop", "store", "web", "app", "reviews", "forum", "survey"];
const path = (id: number) => ({ path: { id } });

// "within 4 open hours": the largest unit that fits. Open time has no days, because a day of it is no fixed length.
type Length = { n: string; unit: "m" | "h" | "d" };
const lengthOf = (minutes: number, open: boolean): Length => (!open && minutes % 1440 === 0 ? { n: String(minutes / 1440), unit: "d" } : minutes % 60 === 0 ? { n: String(minutes / 60), unit: "h" } : { n: String(minutes), unit: "m" });
export function lengthText(minutes: number, open: boolean): string {
    const { n, unit } = lengthOf(minutes, open);
    const key = unit === "d" ? "std.days" : unit === "h" ? (open ? "std.open_hours" : "std.hours") : open ? "std.open_minutes" : "std.minutes";
    return tn(key, Number(n));
}
const startText = (s: string) => tr(`std.start.${s}`, s);
const scopeText = (s: Standard) => [s.segment && t("std.of_segment", { name: s.segment }), s.channel && t("std.by_channel", { name: channelName(s.channel) }), s.priority && t("std.of_priority", { name: s.priority })].filter(Boolean).join(", ") || t("std.everybody");

// ---- the tab ----

export function Standards() {
    const list = useLoad("standards", (signal) => take(api.GET("/api/promises/standards", { params: { query: { limit: 500 } }, signal })), ["events"]);
    const rates = useLoad("rates standard", (signal) => take(api.GET("/api/commitments/rates", { params: { query: { by: "standard" } }, signal })), ["events"]);
    const [editing, setEditing] = useState<Standard | "new" | null>(query("new") === "standard" ? "new" : null);
    const writes = may("settings_write");
    useShortcuts(writes ? [{ keys: "n s", label: t("std.new"), group: t("keys.here"), run: () => setEditing("new") }] : []);
    const close = () => {
        setEditing(null);
        if (query("new")) setQuery({ new: null }, true);
    };
    return (
        <>
            <section class="panel" aria-labelledby="standards">
                <div class="panel-head">
                    <h2 id="standards">{t("std.title")}</h2>
                    {writes && (
                        <button class="primary" title="n s" onClick={() => setEditing("new")}>
                            {t("std.new")}
                        </button>
                    )}
                </div>
                <p class="muted">{t("std.text")}</p>
                <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("std.empty")} text={t("std.empty_text")} />)}>
                    {(d) => <Rows list={d.items} rates={rates.data} writes={writes} onEdit={setEditing} />}
                </Show>
            </section>
            <Agreements />
            <Publicly />
            {editing && <Edit s={editing === "new" ? undefined : editing} onClose={close} />}
        </>
    );
}
function Rows({ list, rates, writes, onEdit }: { list: Standard[]; rates?: Shapes["commitment_rates"]; writes: boolean; onEdit(s: Standard): void }) {
    const charts = useCharts();
    const Dots = charts?.DotsChart;
    const rateOf = (s: Standard) => rates?.items.find((r) => r.standard === s.id);
    const rated = list.map((s) => ({ s, r: rateOf(s) })).filter((x) => x.r);
    return (
        <>
            <Stack name={t("std.title")} heads={[t("std.what"), t("promise.rate"), t("std.open_now"), ...(writes ? [<span class="hidden">{t("act.actions")}</span>] : [])]}>
                {list.map((s) => {
                    const r = rateOf(s);
                    return (
                        <tr key={s.id}>
                            <th scope="row">
                                {s.name}
                                <br />
                                <small>
                                    {t("std.sentence", { what: commitmentKind(s.kind), within: lengthText(s.minutes, s.clock === "open"), start: startText(s.starts) })} · {scopeText(s)}
                                </small>
                            </th>
                            <td data-label={t("promise.rate")}>
                                {r ? (
                                    <>
                                        <Estimate of={r.rate as Figure} unit="share" label={`${t("promise.rate")}: ${s.name}`} text={t("std.rate_text")} period={rates && [rates.since, rates.until]} asOf={rates?.until} />
                                        <br />
                                        <small>{t("promise.rate_parts", { due: count(r.due), kept: count(r.kept), late: count(r.late), open: count(r.open) })}</small>
                                    </>
                                ) : (
                                    <span class="muted">{rates ? t("std.none_due") : "–"}</span>
                                )}
                            </td>
                            <td data-label={t("std.open_now")}>
                                {s.open ? (
                                    <a href={`/commitments?tab=open&standard=${s.id}`}>
                                        {tn("std.open", s.open)}
                                        <span class="hidden"> {s.name}</span>
                                    </a>
                                ) : (
                                    <span class="muted">{t("std.none_open")}</span>
                                )}
                                {s.late > 0 && <span class="bad"> · ⚠ {tn("std.late", s.late)}</span>}
                            </td>
                            {writes && (
                                <td class="no-print">
                                    <span class="row">
                                        <button onClick={() => onEdit(s)}>
                                            {t("act.edit")}
                                            <span class="hidden"> {s.name}</span>
                                        </button>
                                        <button class="link" onClick={() => void stop(s).catch(toastProblem)}>
                                            {t("std.stop")}
                                            <span class="hidden"> {s.name}</span>
                                        </button>
                                    </span>
                                </td>
                            )}
                        </tr>
                    );
                })}
            </Stack>
            {Dots && rated.length > 1 && <Dots title={t("std.chart")} unit="share" rows={rated.map(({ s, r }) => ({ name: s.name, of: r!.rate as Figure }))} />}
        </>
    );
}

// ---- changing one ----

interface Draft {
    name: string;
    kind: string;
    starts: string;
    n: string;
    unit: Length["unit"];
    clock: "open" | "always";
    segment: string;
    channel: string;
    priority: string;
}
const draftOf = (s: Standard): Draft => ({ name: s.name, kind: s.kind, starts: s.starts, ...lengthOf(s.minutes, s.clock === "open"), clock: s.clock, segment: s.segment, channel: s.channel ?? "", priority: s.priority });
const bodyOf = (d: Draft): Shapes["standard_new"] => ({ name: d.name, kind: d.kind, starts: d.starts, within: d.n + d.unit, clock: d.clock, segment: d.segment || undefined, channel: d.channel || undefined, priority: d.priority || undefined });
const versions = async (id: number) => (await take(api.GET("/api/promises/standards", { params: { query: { all: true, limit: 500 } } }))).items.filter((x) => x.id === id);
const put = (id: number, version: number, body: Shapes["standard_new"]) => take(api.PUT("/api/promises/standards/{id}", { params: path(id), headers: ifMatch(version), body }));

async function stop(s: Standard): Promise<void> {
    await take(api.DELETE("/api/promises/standards/{id}", { params: path(s.id), headers: ifMatch(s.version) }));
    changed();
    // It holds on from where it ended, so that nothing falls between.
    const again = async () => {
        const last = (await versions(s.id)).at(-1)!;
        await put(s.id, last.version, { ...bodyOf(draftOf(s)), from: last.until ?? undefined });
        changed();
    };
    toast(t("std.stopped", { name: s.name }), { undo: () => again().catch(toastProblem) });
}

function Edit({ s, onClose }: { s?: Standard; onClose(): void }) {
    const [v, setV] = useState<Draft>(s ? draftOf(s) : { name: "", kind: "reply", starts: "message", n: "4", unit: "h", clock: "open", segment: "", channel: "", priority: "" });
    const set = (name: keyof Draft) => (x: string) => setV({ ...v, [name]: x });
    const labels = { name: t("std.name"), kind: t("std.kind"), starts: t("std.starts"), n: t("std.within"), unit: t("std.unit"), clock: t("std.clock"), segment: t("std.segment"), channel: t("std.channel"), priority: t("std.priority") };
    const save = async (d: Draft, version: number) => {
        if (s) {
            const done = await put(s.id, version, bodyOf(d));
            toast(t("act.saved"), { undo: () => put(s.id, done.version, bodyOf(draftOf(s))).then(changed, toastProblem) });
        } else {
            const made = await take(api.POST("/api/promises/standards", { body: bodyOf(d) }));
            toast(t("std.made", { name: made.name }), { undo: () => take(api.DELETE("/api/promises/standards/{id}", { params: path(made.id), headers: ifMatch(made.version) })).then(changed, toastProblem) });
        }
        changed();
        onClose();
    };
    const read = async () => {
        const last = (await versions(s!.id)).at(-1)!;
        return { value: draftOf(last), version: last.version };
    };
    const units: [string, string][] = [["m", t("std.unit_m")], ["h", t("std.unit_h")], ...(v.clock === "always" ? [["d", t("std.unit_d")] as [string, string]] : [])];
    return (
        <Dialog title={t(s ? "std.edit" : "std.new")} onClose={onClose} wide>
            <VersionedForm verb={t("act.save")} value={v} version={s?.version ?? 0} labels={labels} onValue={setV} save={save} read={read} onCancel={onClose}>
                <Text label={labels.name} hint={t("std.name_hint")} value={v.name} onInput={set("name")} required max={200} />
                <div class="fields">
                    <Select label={labels.kind} value={v.kind} options={kinds.map((k) => [k, commitmentKind(k)])} onChange={set("kind")} />
                    <Select label={labels.starts} value={v.starts} options={starts.map((x) => [x, startText(x)])} onChange={set("starts")} />
                    <Text label={labels.n} type="number" value={v.n} onInput={set("n")} required />
                    <Select label={labels.unit} value={v.unit} options={units} onChange={set("unit")} />
                </div>
                <Select label={labels.clock} hint={t("std.clock_hint")} value={v.clock} options={[["open", t("std.clock_open")], ["always", t("std.clock_always")]]} onChange={(clock) => setV({ ...v, clock: clock as Draft["clock"], unit: clock === "open" && v.unit === "d" ? "h" : v.unit, n: clock === "open" && v.unit === "d" ? String(24 * Number(v.n)) : v.n })} />
                <details open={!!(v.segment || v.channel || v.priority)}>
                    <summary>{t("std.only")}</summary>
                    <Text label={labels.segment} hint={t("std.segment_hint")} value={v.segment} onInput={set("segment")} max={100} />
                    <Select label={labels.channel} value={v.channel} options={[["", t("std.any")], ...[...new Set([...channels, ...(v.channel ? [v.channel] : [])])].map((c): [string, string] => [c, channelName(c)])]} onChange={set("channel")} />
                    <Text label={labels.priority} value={v.priority} onInput={set("priority")} max={100} />
                </details>
                {s && <p class="muted">{t("std.version_text")}</p>}
            </VersionedForm>
        </Dialog>
    );
}

// ---- what everybody may read ----

type Public = { noticed: boolean; silence_days: string; page: boolean };
function Publicly() {
    const settings = useLoad("promises settings", (signal) => take(api.GET("/api/promises/settings", { signal })));
    return (
        <section class="panel no-print" aria-labelledby="publicly">
            <h2 id="publicly">{t("std.settings")}</h2>
            <Show of={settings}>{(s) => (may("settings_write") ? <PublicEdit s={s} /> : <p>{s.page ? <a href="/promises">{t("std.page_on")}</a> : t("std.page_off")}</p>)}</Show>
        </section>
    );
}
function PublicEdit({ s }: { s: Shapes["promises_settings"] }) {
    const of = (x: Shapes["promises_settings"]) => ({ noticed: x.noticed, silence_days: String(x.silence_days), page: x.page, version: x.version });
    const form = useAutosave<Public>({
        from: of(s),
        fields: ["noticed", "silence_days", "page"],
        read: async () => of(await take(api.GET("/api/promises/settings"))),
        save: async (c, version) => of(await take(api.PATCH("/api/promises/settings", { headers: ifMatch(version), body: { noticed: c.noticed, page: c.page, silence_days: c.silence_days == null ? undefined : Number(c.silence_days) } }))),
    });
    const v = form.value;
    const labels = { noticed: t("std.noticed"), silence_days: t("std.silence"), page: t("std.page") };
    return (
        <>
            <Check label={labels.page} hint={t("std.page_hint")} checked={v.page} onChange={(page) => form.put({ page })} />
            {v.page && (
                <p>
                    <a href="/promises" target="_blank" rel="noopener">
                        {t("std.page_on")}
                    </a>
                </p>
            )}
            <Check label={labels.noticed} hint={t("std.noticed_hint")} checked={v.noticed} onChange={(noticed) => form.put({ noticed })} />
            <Text label={labels.silence_days} hint={t("std.silence_hint")} type="number" value={v.silence_days} onInput={(silence_days) => form.put({ silence_days })} onBlur={form.flush} />
            <SaveState of={form} labels={labels} />
        </>
    );
}
