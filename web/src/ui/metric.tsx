// A measure on a card: its figure, its verdict, its range to scale.
import type { Shapes } from "../lib/api";
import type { Figure, Unit, Verdict } from "../lib/figure";
import { t, tr } from "../lib/i18n";
import { Estimate, VerdictWord } from "./estimate";
import { ends, RangeBar } from "./range";

export type Today = Shapes["today"];
export type TodayMeasure = Shapes["today_measure"];
export const labelOf = (m: { name: string; label: string }) => tr(`measure.${m.name}`, m.label);
export const unitOf = (m: { unit: string }) => m.unit as Unit;

export function MeasureCard({ m, today, chosen, onChoose }: { m: TodayMeasure; today: Today; chosen: boolean; onChoose(): void }) {
    const unit = unitOf(m);
    const figures = [m.now, m.before] as Figure[];
    return (
        <section class={chosen ? "card chosen" : "card"} aria-label={labelOf(m)}>
            <div class="card-head">
                <h2>{labelOf(m)}</h2>
                <button class="link" aria-pressed={chosen} onClick={onChoose}>
                    {t("home.chart")}
                    <span class="hidden">: {labelOf(m)}</span>
                </button>
            </div>
            <Estimate
                of={m.now as Figure}
                unit={unit}
                big
                label={labelOf(m)}
                measure={m.name}
                evidence={m.evidence}
                before={m.before as Figure}
                change={m.change as never}
                verdict={m.verdict as Verdict}
                period={[today.since, today.now]}
                asOf={today.now}
            />
            <RangeBar of={m.now as Figure} before={m.before as Figure} ends={ends(unit, figures)} />
            <VerdictWord verdict={m.verdict as Verdict} before={m.before as Figure} unit={unit} why={m.now.why} />
        </section>
    );
}
