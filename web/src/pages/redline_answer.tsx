// What the red lines say of a concession: the verdict, the arithmetic of every line that was asked, what would pass
// instead, and who gains.
import type { Shapes } from "../lib/api";
import { money, t, tr } from "../lib/i18n";
import { Said } from "../ui/said";

export type Answered = Shapes["redline_answer"];
const glyph = { allowed: "✓", signature: "✎", refused: "✕" } as const;
const colour = { allowed: "good", signature: "warn", refused: "bad" } as const;

export function VerdictTag({ of, signer }: { of: Answered["verdict"]; signer?: string | null }) {
    return (
        <span class={`tag ${colour[of]}`}>
            <span aria-hidden="true">{glyph[of]}</span> {t(`check.${of}`)}
            {of === "signature" && signer && `: ${tr(`role.${signer}`, signer)}`}
        </span>
    );
}
export function Arithmetic({ lines }: { lines: Answered["lines"] }) {
    if (!lines.length) return <p class="muted">{t("check.no_lines")}</p>;
    return (
        <ul class="rows">
            {lines.map((l, i) => (
                <li key={i}>
                    <div class="row spread">
                        <strong>{l.line ? <a href={`/redlines/${l.line}`}>{l.name}</a> : l.name}</strong>
                        <VerdictTag of={l.verdict} signer={l.signer} />
                    </div>
                    <p><Said text={l.sum} /></p>
                    {l.why && <p class="muted">{l.why}</p>}
                </li>
            ))}
        </ul>
    );
}
export function Answer({ of, onInstead }: { of: Answered; onInstead?(x: Answered["instead"][number]): void }) {
    return (
        <>
            <p class="row">
                <VerdictTag of={of.verdict} signer={of.signer} />
                <span>{t("check.costs", { cost: money(of.costs) })}</span>
                {of.margin && <span>{t("check.margin", { margin: money(of.margin) })}</span>}
            </p>
            <Arithmetic lines={of.lines} />
            {of.instead.length > 0 && (
                <>
                    <h3>{t("check.instead")}</h3>
                    <ul class="rows">
                        {of.instead.map((x) => (
                            <li key={x.what} class="row spread">
                                <span><Said text={x.what} /></span>
                                {x.can_ask && onInstead && (x.discount.value > 0 || x.amount.value > 0) && (
                                    <button onClick={() => onInstead(x)}>
                                        {t("check.take_instead")}
                                        <span class="hidden"> <Said text={x.what} /></span>
                                    </button>
                                )}
                            </li>
                        ))}
                    </ul>
                </>
            )}
            {of.wins?.sum && of.wins.who !== "unknown" && <p class="muted"><Said text={of.wins.sum} /></p>}
            {of.assumed && <p class="muted">{t("check.assumed", { what: of.assumed })}</p>}
        </>
    );
}
