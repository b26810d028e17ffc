// The only place that shows a figure. Value, range and n stand together, the verdict is a word; the button opens what it
// means, how it was found, and the rows behind it.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { type Change, type Figure, type Unit, type Verdict, sayFigure, verdictGlyph, verdictKey, writeFigure } from "../lib/figure";
import { t } from "../lib/i18n";
import { said } from "../lib/said";

export interface About {
    label: string;
    measure?: string; // its name in the registry, for the definition
    text?: string; // a definition of its own
    evidence?: string | null; // what /api/evidence knows the rows by
    period?: [string, string];
    asOf?: string | number;
    change?: Change | null;
    before?: Figure | null;
    verdict?: Verdict;
    note?: string;
}
export interface EstimateProps extends About {
    of: Figure;
    unit: Unit;
    big?: boolean;
    quiet?: boolean; // without n: where the table says it in its head
}

const details = signal<ComponentType<EstimateProps & { onClose(): void }> | null>(null);
const fetchDetails = () => void import("./details").then((m) => (details.value = m.default));

export function Estimate(p: EstimateProps) {
    const [open, setOpen] = useState(false);
    const Details = details.value;
    const { of, unit } = p;
    const w = writeFigure(of, unit);
    const name = `${p.label}: ${sayFigure(of, unit)}`;
    return (
        <span class={`est est-${of.state}${p.big ? " est-big" : ""}`}>
            <button class="est-open" aria-haspopup="dialog" aria-label={`${name}. ${t("est.open")}`} onClick={() => (fetchDetails(), setOpen(true))}>
                {w.value ? (
                    <>
                        <b class="est-value"><bdi>{w.value}</bdi></b> {!w.all && <span class="est-range">{w.range}</span>} {!p.quiet && <span class="est-n">{w.n}</span>}
                    </>
                ) : (
                    <span class="est-none">{of.state === "refused" ? t("est.hidden") : t("est.cannot")}</span>
                )}
            </button>
            {of.state === "thin" && <span class="est-thin">{t("est.thin")}</span>}
            {open && Details && <Details {...p} onClose={() => setOpen(false)} />}
        </span>
    );
}

export function VerdictWord({ verdict, before, unit, why }: { verdict: Verdict; before?: Figure | null; unit: Unit; why?: string | null }) {
    if (verdict === "none") return null;
    const was = before?.value != null ? t("verdict.was", { value: writeFigure(before, unit).value }) : "";
    return (
        <span class={`verdict verdict-${verdict}`} title={why ? (said(why) ?? why) : undefined}>
            <i aria-hidden="true">{verdictGlyph[verdict]}</i> {t(verdictKey[verdict])}
            {was && <span class="muted">· {was}</span>}
        </span>
    );
}
