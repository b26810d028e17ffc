// Who is likely dissatisfied: what is most at stake first, with the reasons, each of which opens what it rests on; the
// month's sample to be judged; and how right all that is.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import { ago, count, money, percent, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { instrumentName, Money, PageHead, scoreText, Tabs, When } from "../ui/bits";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Empty, Show } from "../ui/states";
import { Estimate } from "../ui/estimate";
import type { Figure } from "../lib/figure";
import { Judge } from "./dissatisfied_judge";
import { Right } from "./dissatisfied_right";

type One = Shapes["dissatisfied"];
type Sign = Shapes["dissatisfied_sign"];
type Says = Shapes["dissatisfied_says"]["says"];
export const signalName = (s: string) => tr(`dissat.of.${s}`, s);

export const forgetAll = () => (forget("dissatisfied"), forget("customer"), forget("today"));
// Notes what somebody says; the answer can be taken back.
export async function say(customer: number, says: Says, blind: boolean, onBack?: () => void): Promise<boolean> {
    try {
        const r = await take(api.POST("/api/dissatisfied/answers", { body: { customer, says, blind } }));
        const undo = async () => {
            await take(api.POST("/api/dissatisfied/undo", { body: { customer, undo: r.undo } }));
            forgetAll();
            onBack?.();
        };
        toast(t("dissat.noted"), { undo });
        return true;
    } catch (e) {
        toastProblem(e);
        return false;
    }
}

export default function Dissatisfied() {
    const tab = query("tab") || "list";
    const counts = useLoad("dissatisfied count", (signal) => take(api.GET("/api/dissatisfied/count", { signal })), ["fresh", "dissatisfied"]);
    const judge = counts.data?.waiting ? `${t("dissat.judge")} (${count(counts.data.waiting)})` : t("dissat.judge");
    return (
        <>
            <PageHead title={t("dissat.title")} text={t("dissat.text")} />
            <Tabs label={t("dissat.title")} tabs={[["list", t("dissat.list")], ["judge", judge], ["right", t("dissat.right")]]} />
            {tab === "right" ? <Right /> : tab === "judge" ? <Judge /> : <Show of={counts}>{(c) => <List c={c} />}</Show>}
        </>
    );
}

// ---- the list ----

function List({ c }: { c: Shapes["dissatisfied_counts"] }) {
    const signal = query("signal");
    const all = query("all") === "1";
    const list = usePaged<One>(`dissatisfied list ${signal} ${all}`, (after, by) => take(api.GET("/api/dissatisfied", { params: { query: { signal: signal || undefined, all: all || undefined, after, limit: 30 } }, signal: by })) as Promise<Page<One>>, ["fresh", "dissatisfied"]);
    return (
        <>
            <p>
                {tn("dissat.listed", c.listed, { of: count(c.customers) })} {c.weak > 0 && <span class="muted">{tn("dissat.weak", c.weak)}</span>}
            </p>
            <p class="row">
                <span>{t("dissat.trust")}</span>
                <Estimate of={c.precision as Figure} unit="share" label={t("dissat.precision")} text={t("dissat.precision_text")} />
                {c.precision.state === "none" && <a href="/dissatisfied?tab=judge">{t("dissat.judge_now")}</a>}
            </p>
            <div class="filters">
                <label>
                    {t("dissat.sign")}
                    <select value={signal} onChange={(e) => setQuery({ signal: e.currentTarget.value || null })}>
                        <option value="">{t("dissat.any_sign")}</option>
                        {c.signals.map((s) => (
                            <option key={s.signal} value={s.signal}>
                                {signalName(s.signal)} ({count(s.customers)})
                            </option>
                        ))}
                    </select>
                </label>
                <label class="row">
                    <input type="checkbox" checked={all} onChange={(e) => setQuery({ all: e.currentTarget.checked ? "1" : null })} /> {t("dissat.weak_too")}
                </label>
            </div>
            <section class="panel" aria-label={t("dissat.list")}>
                <Listed of={list} empty={<Empty title={t("dissat.none")} text={t("dissat.none_text")} />}>
                    {(rows) => (
                        <ul class="rows">
                            {rows.map((x) => (
                                <li key={x.customer}>
                                    <Row x={x} />
                                </li>
                            ))}
                        </ul>
                    )}
                </Listed>
            </section>
        </>
    );
}
function Row({ x }: { x: One }) {
    const [busy, setBusy] = useState(false);
    const write = may("customers_write");
    const mark = async (says: Says) => {
        setBusy(true);
        if (await say(x.customer, says, false)) forgetAll();
        setBusy(false);
    };
    const words = x.signs.find((s) => s.words)?.words;
    const name = x.name || `#${x.customer}`;
    return (
        <article aria-label={name}>
            <p class="row spread">
                <span>
                    <a href={`/customers/${x.customer}`}>
                        <strong>{name}</strong>
                    </a>{" "}
                    <span title={t("dissat.stake")}>
                        <Money of={x.at_stake} none="" />
                    </span>
                </span>
                <span class="muted">
                    <b title={t("dissat.chance")}>{percent(x.chance)}</b> · {t("dissat.since")} <When at={x.since} />
                </span>
            </p>
            <ul class="chips" aria-label={t("dissat.why")}>
                {newest(x.signs).map((s) => (
                    <li key={s.signal}>
                        <a class="tag" href={opens(s, x.customer)} title={`${signalName(s.signal)}, ${ago(s.at)}`}>
                            {signSays(s)}
                        </a>
                    </li>
                ))}
            </ul>
            {words && (
                <blockquote class="said" lang="">
                    {words}
                </blockquote>
            )}
            <p class="row spread">
                <span class="muted">
                    {deeds(x)}
                    {x.owner && ` · ${t("dissat.owner", { name: x.owner })}`}
                </span>
                {write && (
                    <span class="row no-print">
                        <button class="quiet" disabled={busy} onClick={() => void mark("settled")}>
                            {t("dissat.settled")}
                        </button>
                        <button class="quiet" disabled={busy} onClick={() => void mark("no")}>
                            {t("dissat.not")}
                        </button>
                    </span>
                )}
            </p>
        </article>
    );
}
// Each signal once, by its newest sign.
const newest = (signs: Sign[]) => signs.filter((s, i) => signs.findIndex((o) => o.signal === s.signal) === i);
const opens = (s: Sign, customer: number) => (s.feedback ? `/answers?open=${s.feedback}` : s.inbox ? `/inbox/${s.inbox}` : s.commitment ? `/commitments/${s.commitment}` : `/customers/${customer}`);
function signSays(s: Sign): string {
    const name = signalName(s.signal);
    if (s.score != null) return `${scoreText(s.score, s.instrument)} ${instrumentName(s.instrument)}`.trim();
    if (s.sure != null) return `${name}, ${percent(s.sure)}`;
    if (s.signal === "repeat_contact" && s.count) return tn("dissat.conversations", s.count);
    if (s.count) return `${name}, ${tn("dissat.days", s.count)}`;
    return s.amount && s.amount.value ? `${name}, ${money(s.amount)}` : name;
}
function deeds(x: One): string {
    const d = x.done;
    const said = [d.answered && t("dissat.answered", { ago: ago(d.answered) }), d.promised && t("dissat.promised", { ago: ago(d.promised) }), d.refunded && t("dissat.refunded", { ago: ago(d.refunded) })].filter(Boolean);
    return said.length ? said.join(" · ") : t("dissat.nothing_done");
}
