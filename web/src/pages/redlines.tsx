// What the business cannot bear: the lines and how much of them is used, and what would be allowed. Who waits for a
// signature stands among the promises.
import { useEffect, useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { count, day, decimal, money, percent, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { go, query } from "../lib/router";
import { toastProblem } from "../lib/toast";
import { PageHead, Tabs } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Form, Select, Text } from "../ui/form";
import { Empty, Show } from "../ui/states";
import { retire } from "./redline";
import { Check } from "./redline_check";

type Line = Shapes["redline"];
const kinds = ["margin", "discount", "amount", "service", "budget", "times", "pace", "lead", "measure"];
const kindText = (k: string) => tr(`line.kind.${k}`, k);

// A limit in its unit: hundredths of a percent, minor units, hours, a number, hundredths of a measure.
export function limitText(n: number, unit: string, currency?: string | null): string {
    if (unit === "bp") return percent(n / 10000, n % 100 ? 1 : 0);
    if (unit === "money") return money({ value: n, currency: currency || "EUR" }, 0);
    if (unit === "hours") return tn("line.hours", n);
    return unit === "value" ? decimal(n / 100, 2) : count(n);
}

// What has no currency is in the store's.
export function useCurrency(): string | undefined {
    return useLoad("settings", (signal) => take(api.GET("/api/settings", { signal }))).data?.currency;
}

export default function RedLines() {
    const tab = query("tab");
    useEffect(() => {
        if (tab === "signatures") go("/commitments?tab=signatures", { replace: true });
    }, [tab]);
    const tabs: [string, string][] = [["lines", t("line.tab")], ...(may("concede") ? ([["check", t("check.tab")]] as [string, string][]) : [])];
    return (
        <>
            <PageHead title={t("nav.redlines")} text={t("line.text")}>
                {may("concede") && (
                    <a class="button" href="/commitments?tab=signatures">
                        {t("line.signatures")}
                    </a>
                )}
            </PageHead>
            <Tabs label={t("nav.redlines")} tabs={tabs} />
            {may("concede") && tab === "check" ? <Check /> : <Lines />}
        </>
    );
}

// ---- the lines ----

function Lines() {
    const lines = useLoad("redlines", (signal) => take(api.GET("/api/redlines", { params: { query: { limit: 500 } }, signal })));
    const used = useLoad("redlines near", (signal) => take(api.GET("/api/redlines/near", { params: { query: { share: 0, limit: 500 } }, signal })), ["events"]);
    const [making, setMaking] = useState(false);
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("line.tab")}</h2>
                {may("redlines_write") && (
                    <button class="primary" onClick={() => setMaking(true)}>
                        {t("line.new")}
                    </button>
                )}
            </div>
            <Show of={lines} empty={(d) => (d.items.length ? null : <Empty title={t("line.empty")} text={t("line.empty_text")} />)}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((l) => (
                            <Row key={l.id} l={l} used={used.data?.items.find((u) => u.line.id === l.id)} />
                        ))}
                    </ul>
                )}
            </Show>
            {making && <NewLine onClose={() => setMaking(false)} onDone={() => (setMaking(false), lines.again())} />}
        </section>
    );
}
function Row({ l, used }: { l: Line; used?: Shapes["redline_used"] }) {
    const over = used?.share != null && used.share >= 1;
    const store = useCurrency();
    return (
        <li>
            <div class="row spread">
                <a href={`/redlines/${l.id}`}>
                    <strong>{l.name}</strong>
                </a>
                <span>
                    {kindText(l.kind)} <strong>{limitText(l.limit, l.unit, l.currency ?? store)}</strong> {l.period !== "none" && tr(`line.period.${l.period}`, l.period)}
                </span>
            </div>
            {used?.share != null && (
                <>
                    <progress class={over ? "bad" : ""} value={Math.min(1, used.share)} aria-label={t("line.used", { share: percent(used.share) })} />
                    <p class={over ? "bad" : "muted"}>
                        {over && "⚠ "}
                        {t("line.used", { share: percent(used.share) })} · {t("line.left", { left: limitText(Math.max(0, l.limit - used.used - used.reserved), l.unit, l.currency ?? store) })}
                        {used.until && ` · ${t("line.until", { day: day(used.until) })}`}
                    </p>
                </>
            )}
            <p class="muted">
                {[l.why, l.of.length ? l.of.map((x) => tr(`line.of.${x}`, x)).join(", ") : "", l.product, l.channel, l.role, l.signer ? t("line.signer", { role: tr(`role.${l.signer}`, l.signer) }) : t("line.nobody")].filter(Boolean).join(" · ")}
            </p>
            {may("redlines_write") && (
                <button class="link" onClick={() => void retire(l).catch(toastProblem)}>
                    {t("line.retire")}
                    <span class="hidden"> {l.name}</span>
                </button>
            )}
        </li>
    );
}
function NewLine({ onClose, onDone }: { onClose(): void; onDone(): void }) {
    const [v, setV] = useState({ name: "", kind: "discount", limit: "", period: "month", signer: "", why: "", measure: "" });
    const put = (name: keyof typeof v) => (x: string) => setV({ ...v, [name]: x });
    const unit = ["margin", "discount"].includes(v.kind) ? "%" : ["lead"].includes(v.kind) ? t("line.unit_hours") : ["times"].includes(v.kind) ? "" : v.kind === "measure" || v.kind === "pace" ? "" : t("line.unit_money");
    const scaled = ["times", "lead", "pace"].includes(v.kind) ? 1 : 100;
    return (
        <Dialog title={t("line.new")} onClose={onClose}>
            <Form
                verb={t("line.make")}
                onCancel={onClose}
                onSend={async () => {
                    await take(api.POST("/api/redlines", { body: { name: v.name, kind: v.kind as "discount", limit: Math.round(Number(v.limit) * scaled), period: ["budget", "times"].includes(v.kind) ? (v.period as "month") : undefined, signer: v.signer || undefined, why: v.why || undefined, measure: v.measure || undefined } }));
                    forget("redlines");
                    onDone();
                }}
            >
                <Text label={t("line.name")} value={v.name} onInput={put("name")} required max={100} />
                <Select label={t("line.kind")} value={v.kind} options={kinds.map((k) => [k, kindText(k)])} onChange={put("kind")} />
                <Text label={unit ? `${t("line.limit")} (${unit})` : t("line.limit")} type="number" value={v.limit} onInput={put("limit")} required />
                {["budget", "times"].includes(v.kind) && <Select label={t("line.period")} value={v.period} options={["day", "week", "month", "quarter", "year"].map((p): [string, string] => [p, tr(`line.period.${p}`, p)])} onChange={put("period")} />}
                {["lead", "measure"].includes(v.kind) && <Text label={t("line.of_which")} value={v.measure} onInput={put("measure")} required max={40} />}
                <Select label={t("line.who_signs")} value={v.signer} options={[["", t("line.nobody")], ["agent", t("role.agent")], ["manager", t("role.manager")], ["owner", t("role.owner")]]} onChange={put("signer")} />
                <Text label={t("line.why")} hint={t("line.why_hint")} value={v.why} onInput={put("why")} max={1000} />
            </Form>
        </Dialog>
    );
}
