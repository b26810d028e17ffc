// How it may go, as twenty dots of which each stands for one case in twenty (Kay et al. 2016, "When (ish) is My Bus?"):
// people read chances off dots that they can count better than off a curve. Dots are stacked as Wilkinson (1999) does.
import { scaleLinear } from "d3-scale";
import { type Unit, writeNumber } from "../lib/figure";
import { count, t } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

export interface Quantile { p: number; value: number }
interface Props { title: string; unit: Unit; quantiles: Quantile[]; mark?: { value: number; label: string }; note?: string; w: number }
const DOTS = 20;

export const QuantileChart = sized(QuantileDots);

// The values in the middle of n equal parts of the chances, by straight lines between the quantiles that are known.
export function spread(quantiles: Quantile[], n = DOTS): number[] {
    const q = [...quantiles].sort((a, b) => a.p - b.p);
    if (!q.length) return [];
    return Array.from({ length: n }, (_, i) => {
        const p = (i + 0.5) / n;
        const k = q.findIndex((x) => x.p >= p);
        if (k < 0) return q.at(-1)!.value;
        const [a, b] = [q[Math.max(0, k - 1)]!, q[k]!];
        return b.p === a.p ? b.value : a.value + ((p - a.p) / (b.p - a.p)) * (b.value - a.value);
    });
}
// From the left, whatever lies within one dot's width of the first of a stack stands on it, in the middle of them all.
export function stack(places: number[], wide: number): { x: number; level: number }[] {
    const dots: { x: number; level: number }[] = [];
    for (let i = 0; i < places.length; ) {
        let end = i;
        while (end < places.length && places[end]! - places[i]! < wide) end++;
        const x = (places[i]! + places[end - 1]!) / 2;
        for (let k = i; k < end; k++) dots.push({ x, level: k - i });
        i = end;
    }
    return dots;
}

function QuantileDots({ title, unit, quantiles, mark, note, w }: Props) {
    const values = spread(quantiles);
    const n = values.length;
    const [lo, hi] = [Math.min(0, ...values), Math.max(...values, mark?.value ?? 0)];
    const half = (hi - lo) / 20;
    const x = scaleLinear().domain([lo, hi || 1]).nice(4).range([16, w - 16]);
    // Wilkinson's width of a dot: a quarter of the room by the root of how many there are.
    let r = Math.round(Math.max(4, Math.min(11, (0.125 * (w - 28)) / Math.sqrt(n || 1))));
    let dots = stack(values.map(x), 2 * r);
    const highest = () => Math.max(1, ...dots.map((d) => d.level + 1));
    // A tall heap is drawn with smaller dots, so that the drawing keeps its height.
    while (highest() * 2 * r > 150 && r > 3) dots = stack(values.map(x), 2 * --r);
    const base = 20 + highest() * 2 * r + 8;
    const height = base + 34;
    const put = (v: number) => writeNumber(v, unit, half);
    const say = (i: number) => t("chart.up_to", { k: count(i + 1), n: count(n), value: put(values[i]!) });
    const at = (share: number) => values[Math.max(0, Math.ceil(share * n) - 1)]!;
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={n ? t("chart.chances", { low: put(at(0.1)), mid: put(at(0.5)), high: put(at(0.9)) }) : t("state.nothing")}
            height={height}
            note={note ?? t("chart.dots_note", { n: count(n) })}
            points={values.map((_, i) => ({ say: say(i) }))}
            x={(i) => dots[i]!.x}
            head={[t("chart.cases", { n: count(n) }), t("chart.value")]}
            cells={values.map((v, i) => [i + 1, put(v)])}
            draw={
                <>
                    {x.ticks(w < 460 ? 3 : 6).map((v) => (
                        <g key={v}>
                            <line class="axis" x1={x(v)} x2={x(v)} y1={16} y2={base} />
                            <text x={x(v)} y={height - 14} text-anchor="middle">
                                {put(v)}
                            </text>
                        </g>
                    ))}
                    <line class="axis zero" x1={14} x2={w - 14} y1={base} y2={base} />
                    {dots.map((d, i) => (
                        <circle key={i} class="dot" cx={d.x} cy={base - r - 1 - d.level * 2 * r} r={Math.max(2, r - 1)} />
                    ))}
                    {mark && (
                        <g>
                            <line class="goal" x1={x(mark.value)} x2={x(mark.value)} y1={4} y2={base} />
                            <text x={x(mark.value) + (x(mark.value) > w / 2 ? -5 : 5)} y={13} text-anchor={x(mark.value) > w / 2 ? "end" : "start"}>
                                {mark.label}
                            </text>
                        </g>
                    )}
                </>
            }
        />
    );
}
