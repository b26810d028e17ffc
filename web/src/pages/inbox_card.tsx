// Who it is: what matters when one answers them. The whole story is on their own page.
import type { ComponentChildren } from "preact";
import type { Shapes } from "../lib/api";
import { figureOf } from "../lib/figure";
import { ago, count, day, money, t, tr } from "../lib/i18n";
import { channelName, Facts, kindName, scoreText } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { commitmentKind } from "./commitments";

type Customer = Shapes["inbox_customer"];
const serious = new Set(["hardship", "bereaved", "complaint", "broken", "do_not_ask"]);

export function Card({ c }: { c: Customer }) {
    const [value, risk, alive] = [c.value, c.risk, c.alive].map((r) => (r?.value != null ? figureOf(r) : null));
    return (
        <div class="card-in">
            <h2 lang="">
                <a href={`/customers/${c.id}`}>{c.name}</a>
            </h2>
            {c.known_by && c.known_by !== c.name && <p class="muted cut">{c.known_by}</p>}
            {c.hints.length > 0 && (
                <ul class="hints">
                    {c.hints.map((h) => (
                        <li key={h.hint} class={serious.has(h.hint) ? "warn" : "note"}>
                            {serious.has(h.hint) && <span aria-hidden="true">⚠ </span>}
                            {tr(`inbox.hint_${h.hint}`, h.text)}
                        </li>
                    ))}
                </ul>
            )}
            {c.stage && (
                <div class="card-worth">
                    <h3>
                        {t("stage.one")}: {c.stage.name} <span class="muted">{ago(c.stage.since)}</span>
                    </h3>
                    {c.stage.guidance.map((g) => (
                        <p key={g} class="note">
                            {g}
                        </p>
                    ))}
                </div>
            )}
            {value && c.currency && (
                <Worth label={t("inbox.value")}>
                    <Estimate of={value} unit={{ currency: c.currency }} quiet label={t("inbox.value")} text={t("worth.value_text")} />
                </Worth>
            )}
            {risk && (
                <Worth label={t("worth.risk")}>
                    <Estimate of={risk} unit="share" quiet label={t("worth.risk")} text={t("worth.risk_text")} />
                </Worth>
            )}
            {alive && !risk && (
                <Worth label={t("worth.alive")}>
                    <Estimate of={alive} unit="share" quiet label={t("worth.alive")} text={t("worth.alive_text")} />
                </Worth>
            )}
            <Facts
                rows={[
                    [t("customers.orders"), c.orders ? `${count(c.orders)}${c.order_value ? ` · ${money(c.order_value, 0)}` : ""}` : null],
                    [t("customer.last_order"), c.last_order && ago(c.last_order)],
                    [t("customer.monthly"), c.monthly_value?.value ? money(c.monthly_value) : null],
                    [t("customer.last_score"), c.last_score != null ? `${scoreText(c.last_score, c.last_instrument)}${c.last_score_at ? ` · ${ago(c.last_score_at)}` : ""}` : null],
                    [t("customer.complaints"), c.complaints ? count(c.complaints) : null],
                    [t("inbox.with_us"), c.first_seen && day(c.first_seen)],
                ]}
            />
            <h3>{t("nav.promises")}</h3>
            {c.promises.length ? (
                <ul class="rows">
                    {c.promises.map((p) => (
                        <li key={p.id}>
                            <a href={`/commitments/${p.id}`}>{p.what || commitmentKind(p.kind)}</a>{" "}
                            <span class={p.due && new Date(p.due) < new Date() ? "tag warn" : "muted"}>{p.due ? t("promise.due", { when: ago(p.due) }) : t("promise.no_date")}</span>
                        </li>
                    ))}
                </ul>
            ) : (
                <p class="muted">{t("inbox.no_promises")}</p>
            )}
            {c.others.length > 0 && (
                <>
                    <h3>{t("inbox.others")}</h3>
                    <ul class="rows">
                        {c.others.map((o) => (
                            <li key={o.id}>
                                <a href={`/inbox/${o.id}`}>{[channelName(o.channel), o.kind === "talk" ? "" : kindName(o.kind)].filter(Boolean).join(" · ")}</a>{" "}
                                <span class="muted">
                                    {tr(`inbox.state_${o.state}`, o.state)} · {ago(o.last)}
                                </span>
                                {o.words && (
                                    <p class="said clip" lang={o.lang ?? ""}>
                                        {o.words}
                                    </p>
                                )}
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </div>
    );
}
function Worth({ label, children }: { label: string; children: ComponentChildren }) {
    return (
        <div class="card-worth">
            <h3>{label}</h3>
            {children}
        </div>
    );
}
