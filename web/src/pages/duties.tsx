// Home: our own word. What is due and likely late, apologies owed, red lines nearly used up, signatures and messages in
// trouble; each leads to its page. It is fetched after the rest of Home.
import { may, type Shapes } from "../lib/api";
import type { Figure } from "../lib/figure";
import { ago, count, money, percent, t, tn, tr } from "../lib/i18n";
import type { ComponentChildren } from "preact";
import { Estimate } from "../ui/estimate";
import { commitmentKind } from "./commitments";
import { Said } from "../ui/said";

type Duties = Shapes["today_duties"];

export { Start } from "./start";
export function Duties({ of: d }: { of: Duties }) {
    const m = d.messages;
    const trouble = (["unsure", "failed", "bounced", "waiting"] as const).filter((x) => m[x]);
    const approvals = may("concede") ? d.approvals_count : 0;
    const nothing = !d.due_count && !d.risky_count && !d.apology_count && !d.redlines_near.length && !approvals && !trouble.length && !d.alike_count && !d.crowds_count && !d.dissatisfied;
    return (
        <section class="panel" aria-labelledby="word">
            <h2 id="word">{t("duty.title")}</h2>
            {nothing && <p class="muted">{t("duty.nothing")}</p>}
            <Part title={t("duty.due")} n={d.due_count} href="/commitments?tab=broken">
                {d.due.slice(0, 3).map((x) => <Duty key={x.commitment} x={x} />)}
            </Part>
            <Part title={t("duty.risky")} n={d.risky_count} href="/commitments?tab=risk">
                {d.risky.slice(0, 3).map((x) => <Duty key={x.commitment} x={x} chance />)}
            </Part>
            <Part title={t("duty.apologies")} n={d.apology_count} href="/commitments?tab=broken">
                {d.apologies.slice(0, 3).map((x) => <Duty key={x.commitment} x={x} />)}
            </Part>
            <Part title={t("duty.lines")} n={d.redlines_near.length} href="/redlines">
                {d.redlines_near.slice(0, 3).map((x) => (
                    <li key={x.redline}>
                        <p class="row spread">
                            <a href={`/redlines/${x.redline}`}>
                                <strong>{x.name}</strong>
                            </a>
                            <span class={x.share >= 1 ? "bad" : ""}>
                                {x.share >= 1 && "⚠ "}
                                {percent(x.share)}
                            </span>
                        </p>
                        <p class="muted"><Said text={x.sum} /></p>
                    </li>
                ))}
            </Part>
            <Part title={t("duty.approvals")} n={approvals} href="/commitments?tab=signatures">
                {d.approvals.slice(0, 3).map((a) => (
                    <li key={a.id}>
                        <p class="row spread">
                            <strong>
                                {tr(`line.of.${a.kind}`, a.kind)} · {money(a.costs)}
                            </strong>
                            <span class="muted">{ago(a.due)}</span>
                        </p>
                        {(a.name || a.reason) && <p class="muted">{[a.name, a.reason].filter(Boolean).join(" · ")}</p>}
                    </li>
                ))}
            </Part>
            {d.dissatisfied > 0 && (
                <p>
                    <a href="/dissatisfied">{t("duty.dissatisfied", { n: count(d.dissatisfied) })}</a> {d.dissatisfied_precision.value != null && <Estimate of={d.dissatisfied_precision as Figure} unit="share" label={t("dissat.precision")} text={t("dissat.precision_text")} />}
                </p>
            )}
            {d.dissatisfied_audit > 0 && may("customers_write") && (
                <p>
                    <a href="/dissatisfied?tab=judge">{t("duty.dissatisfied_audit", { n: count(d.dissatisfied_audit) })}</a>
                </p>
            )}
            {d.alike_count > 0 && (
                <p>
                    <a href="/alike">{t("alike.link", { n: d.alike_count })}</a>
                </p>
            )}
            {d.crowds_count > 0 && (
                <p>
                    <a href="/settings/identity">{t("duty.crowds", { n: count(d.crowds_count) })}</a>
                </p>
            )}
            {may("messages_read") && trouble.length > 0 && (
                <>
                    <h3>{t("duty.messages")}</h3>
                    <ul class="rows">
                        {trouble.map((x) => (
                            <li key={x}>
                                <a href={`/messages?state=${x}`}>{t(`outbox.trouble_${x}`, { n: count(m[x]) })}</a>
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </section>
    );
}
function Part({ title, n, href, children }: { title: string; n: number; href: string; children: ComponentChildren[] }) {
    if (!n) return null;
    return (
        <>
            <h3>
                {title} <span class="muted">({count(n)})</span>
            </h3>
            {children.length > 0 && <ul class="rows">{children}</ul>}
            {n > children.length && may("customers_read") && (
                <p>
                    <a href={href}>
                        {tn("home.all", n)}
                        <span class="hidden"> {title}</span>
                    </a>
                </p>
            )}
        </>
    );
}
function Duty({ x, chance }: { x: Shapes["today_duty"]; chance?: boolean }) {
    return (
        <li>
            <p class="row spread">
                <a href={`/commitments/${x.commitment}`}>
                    <strong>{x.name || commitmentKind(x.kind)}</strong>
                </a>
                <span class="muted">{chance && x.late_chance != null ? t("promise.chance", { p: percent(x.late_chance) }) : ago(x.due)}</span>
            </p>
            <p class="muted clip">
                {commitmentKind(x.kind)} {x.what && <span lang="">{t("word.quoted", { text: x.what })}</span>}
            </p>
        </li>
    );
}
