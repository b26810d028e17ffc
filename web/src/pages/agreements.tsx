// Agreements: in which hours we work for whom, and lengths of time instead of the standards'.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../lib/api";
import { t } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { Dialog, Menu } from "../ui/dialog";
import { Form, Select, Text, VersionedForm } from "../ui/form";
import { Icon } from "../ui/icon";
import { Empty, Show } from "../ui/states";
import { commitmentKind, PickCustomer } from "./commitments";
import { ClosedDays, hoursOf, hoursText, RegionSelect, type Week, WeekEdit, weekText, ZoneSelect } from "./hours";

export type Agreement = Shapes["agreement"];
type Holder = Shapes["agreement_holder"];
const path = (id: number) => ({ path: { id } });
export const changed = () => ["standards", "agreements", "calendar", "rates", "commitments"].forEach(forget);

// "reply 30m, fix 16h" in words.
const promisesText = (p: string) =>
    p
        .split(", ")
        .filter(Boolean)
        .map((x) => {
            const [kind, length] = x.split(" ");
            return `${commitmentKind(kind!)} ${(length ?? "").replace(/h$/, " h").replace(/m$/, " min").replace(/d$/, " d")}`;
        })
        .join(", ");

export function Agreements() {
    const list = useLoad("agreements", (signal) => take(api.GET("/api/promises/agreements", { params: { query: { limit: 500 } }, signal })));
    const [editing, setEditing] = useState<Agreement | "new" | null>(null);
    const writes = may("settings_write");
    return (
        <section class="panel" aria-labelledby="agreements">
            <div class="panel-head">
                <h2 id="agreements">{t("agree.title")}</h2>
                {writes && <button onClick={() => setEditing("new")}>{t("agree.new")}</button>}
            </div>
            <p class="muted">
                {t("agree.text")} <a href="/settings/calendar">{t("agree.calendar")}</a>
            </p>
            <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("agree.empty")} text={t("agree.empty_text")} />)}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((x) => (
                            <Row key={x.id} x={x} writes={writes} onEdit={() => setEditing(x)} />
                        ))}
                    </ul>
                )}
            </Show>
            {editing && <Edit x={editing === "new" ? undefined : editing} onClose={() => setEditing(null)} />}
        </section>
    );
}
function Row({ x, writes, onEdit }: { x: Agreement; writes: boolean; onEdit(): void }) {
    const [giving, setGiving] = useState(false);
    return (
        <li>
            <div class="row spread">
                <strong>{x.name}</strong>
                {writes && (
                    <span class="row no-print">
                        <button onClick={onEdit}>
                            {t("act.edit")}
                            <span class="hidden"> {x.name}</span>
                        </button>
                        <Menu class="icon-button" title={t("promise.more", { what: x.name })} label={<Icon name="more" />}>
                            {(close) => (
                                <ul>
                                    <li>
                                        <button onClick={() => (close(), setGiving(true))}>{t("agree.give")}</button>
                                    </li>
                                    <li>
                                        <button onClick={() => (close(), void end(x).catch(toastProblem))}>{t("agree.end")}</button>
                                    </li>
                                </ul>
                            )}
                        </Menu>
                    </span>
                )}
            </div>
            <p class="muted">
                {hoursText(x)} {x.promises && `· ${promisesText(x.promises)}`}
            </p>
            <ul class="chips" aria-label={t("agree.given", { name: x.name })}>
                {x.given.map((g) => (
                    <li key={g.id} class="tag">
                        {g.customer ? <a href={`/customers/${g.customer}`}>{g.name}</a> : <HolderName g={g} />}
                        {writes && (
                            <button class="icon-button no-print" aria-label={t("agree.take", { name: holderText(g) })} onClick={() => void takeAway(x, g).catch(toastProblem)}>
                                <Icon name="close" />
                            </button>
                        )}
                    </li>
                ))}
                {!x.given.length && <li class="muted">{t("agree.nobody")}</li>}
            </ul>
            {giving && <Give x={x} onClose={() => setGiving(false)} />}
        </li>
    );
}
const holderText = (g: Holder) => g.name ?? (g.segment ? t("std.of_segment", { name: g.segment }) : t("std.everybody"));
const HolderName = ({ g }: { g: Holder }) => <>{holderText(g)}</>;

// ---- changing ----

export interface Draft {
    name: string;
    zone: string;
    week: string; // of the open days, as JSON: two people's can be compared
    country: string;
    closed: string;
    promises: string;
}
export const draftOf = (x: Omit<Agreement, "given" | "by" | "from" | "until" | "id" | "version" | "hours">): Draft => ({ name: x.name, zone: x.zone, week: JSON.stringify(x.week), country: x.country, closed: x.closed, promises: x.promises });
export const weekOf = (d: Draft) => JSON.parse(d.week) as Week;
export const bodyOf = (d: Draft): Shapes["agreement_new"] => ({ name: d.name, zone: d.zone || undefined, hours: hoursOf(weekOf(d)) || "-", country: d.country || undefined, closed: d.closed || undefined, promises: d.promises || undefined });
export const versions = async (id: number) => (await take(api.GET("/api/promises/agreements", { params: { query: { all: true, limit: 500 } } }))).items.filter((y) => y.id === id);
export const put = (id: number, version: number, body: Shapes["agreement_new"]) => take(api.PUT("/api/promises/agreements/{id}", { params: path(id), headers: ifMatch(version), body }));
const office: Week = (["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const).map((day, i) => ({ day, open: i < 5 ? "09:00" : null, close: i < 5 ? "17:00" : null }));
export const fresh = (name: string, country = ""): Draft => ({ name, zone: "", week: JSON.stringify(office), country, closed: "", promises: "" });

async function end(x: Agreement): Promise<void> {
    await take(api.DELETE("/api/promises/agreements/{id}", { params: path(x.id), headers: ifMatch(x.version) }));
    changed();
    const again = async () => {
        const last = (await versions(x.id)).at(-1)!;
        await put(x.id, last.version, { ...bodyOf(draftOf(x)), from: last.until ?? undefined });
        changed();
    };
    toast(t("agree.ended", { name: x.name }), { undo: () => again().catch(toastProblem) });
}
async function takeAway(x: Agreement, g: Holder): Promise<void> {
    await take(api.DELETE("/api/promises/given/{id}", { params: path(g.id) }));
    changed();
    const again = () => take(api.POST("/api/promises/agreements/{id}/given", { params: path(x.id), body: { customer: g.customer ?? undefined, segment: g.segment ?? undefined, from: g.from } })).then(changed, toastProblem);
    toast(t("agree.taken", { name: holderText(g) }), { undo: again });
}
export async function giveTo(x: { id: number }, to: { customer?: number; segment?: string }): Promise<void> {
    await take(api.POST("/api/promises/agreements/{id}/given", { params: path(x.id), body: to }));
    changed();
}

const fieldLabels = () => ({ name: t("agree.name"), zone: t("company.zone"), week: t("hours.open"), country: t("hours.holidays_of"), closed: t("hours.closed_days"), promises: t("agree.promises") });
export function Fields({ v, onChange, plain }: { v: Draft; onChange(v: Draft): void; plain?: boolean }) {
    const labels = fieldLabels();
    const set = (name: keyof Draft) => (x: string) => onChange({ ...v, [name]: x });
    return (
        <>
            {!plain && <Text label={labels.name} value={v.name} onInput={set("name")} required max={200} />}
            <WeekEdit week={weekOf(v)} onChange={(w) => onChange({ ...v, week: JSON.stringify(w) })} />
            <ZoneSelect value={v.zone} onChange={set("zone")} />
            <RegionSelect value={v.country} onChange={set("country")} />
            <ClosedDays value={v.closed} onChange={set("closed")} />
            {!plain && <Text label={labels.promises} hint={t("agree.promises_hint")} value={v.promises} onInput={set("promises")} max={400} />}
        </>
    );
}
// A week is compared and shown in words.
const inWords = (d: Draft): Draft => ({ ...d, week: weekText(weekOf(d)) });
export function AgreementForm({ x, verb, plain, first, onSaved, onCancel }: { x?: Agreement; verb: string; plain?: boolean; first?: Draft; onSaved(): void; onCancel?(): void }) {
    const [v, setV] = useState<Draft>(x ? draftOf(x) : (first ?? fresh("")));
    const save = async (d: Draft, version: number) => {
        if (x) {
            const done = await put(x.id, version, bodyOf(d));
            toast(t("act.saved"), { undo: () => put(x.id, done.version, bodyOf(draftOf(x))).then(changed, toastProblem) });
        } else {
            const made = await take(api.POST("/api/promises/agreements", { body: bodyOf(d) }));
            if (plain) await giveTo(made, {});
            toast(t("agree.made", { name: made.name }), { undo: () => take(api.DELETE("/api/promises/agreements/{id}", { params: path(made.id), headers: ifMatch(made.version) })).then(changed, toastProblem) });
        }
        changed();
        onSaved();
    };
    const read = async () => {
        const last = (await versions(x!.id)).at(-1)!;
        return { value: draftOf(last), version: last.version };
    };
    return (
        <VersionedForm verb={verb} value={v} version={x?.version ?? 0} labels={fieldLabels()} say={inWords} onValue={setV} save={save} read={read} onCancel={onCancel}>
            <Fields v={v} onChange={setV} plain={plain} />
        </VersionedForm>
    );
}
function Edit({ x, onClose }: { x?: Agreement; onClose(): void }) {
    return (
        <Dialog title={t(x ? "agree.edit" : "agree.new")} onClose={onClose} wide>
            <AgreementForm x={x} verb={t("act.save")} onSaved={onClose} onCancel={onClose} />
        </Dialog>
    );
}
function Give({ x, onClose }: { x: Agreement; onClose(): void }) {
    const [how, setHow] = useState("customer");
    const [to, setTo] = useState<{ id: number; name: string } | null>(null);
    const [segment, setSegment] = useState("");
    return (
        <Dialog title={`${t("agree.give")}: ${x.name}`} onClose={onClose}>
            <Form
                verb={t("agree.give_verb")}
                onCancel={onClose}
                ready={how === "all" || (how === "customer" ? !!to : !!segment.trim())}
                onSend={async () => {
                    await giveTo(x, how === "customer" ? { customer: to!.id } : how === "segment" ? { segment } : {});
                    toast(t("act.saved"));
                    onClose();
                }}
            >
                <Select label={t("agree.to_whom")} value={how} options={[["customer", t("agree.to_customer")], ["segment", t("agree.to_segment")], ["all", t("std.everybody")]]} onChange={setHow} />
                {how === "customer" && <PickCustomer value={to} onPick={setTo} />}
                {how === "segment" && <Text label={t("std.segment")} hint={t("std.segment_hint")} value={segment} onInput={setSegment} max={100} required />}
            </Form>
        </Dialog>
    );
}
