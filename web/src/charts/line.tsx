// A measure over time: a line in its band of 95 %. Thin months are hollow dots; the month that runs is dashed and says
// so; a month that is over never is.
import { scaleLinear, scalePoint } from "d3-scale";
import { area, line } from "d3-shape";
import { type Figure, type Unit, sayFigure, writeNumber } from "../lib/figure";
import { day, month, monthShort, t } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

export interface Step { since: string; until: string; estimate: Figure; evidence?: string | null }
interface Props {
    title: string;
    unit: Unit;
    steps: Step[];
    now: string;
    height?: number;
    goal?: { value: number; label: string };
    control?: boolean; // a u-chart: limits of what chance alone does around the mean of a rate per 1,000
    note?: string;
    w: number;
}
// The scale of a unit: shares, points and marks do not go beyond what can be.
function domain(values: number[], unit: Unit): [number, number] {
    const [lo, hi] = [Math.min(...values), Math.max(...values)];
    if (unit === "points") return [Math.max(-100, Math.min(lo, 0)), Math.min(100, Math.max(hi, 0))];
    if (unit === "share") return [lo > 0.3 ? Math.max(0, lo - 0.05) : 0, Math.min(1, hi)];
    if (unit === "mark") return [Math.max(1, lo - 0.1), Math.min(5, hi + 0.1)];
    return [0, hi || 1];
}
// Very wide bands of very few answers must not press everything else flat.
const cap = (steps: Step[]) => steps.filter((s) => s.estimate.value != null && (s.estimate.state === "ok" || steps.every((x) => x.estimate.state !== "ok")));

export const LineChart = sized(Line);

function Line(p: Props) {
    const { w } = p;
    const height = p.height ?? 240;
    const shown = p.steps.filter((s) => s.estimate.value != null);
    const extent = cap(p.steps).flatMap((s) => [s.estimate.lo ?? s.estimate.value!, s.estimate.hi ?? s.estimate.value!]);
    shown.forEach((s) => extent.push(s.estimate.value!));
    if (p.control) controlLimits(p.steps).forEach(([, hi]) => extent.push(hi));
    if (p.goal) extent.push(p.goal.value);
    const [d0, d1] = domain(extent.length ? extent : [0, 1], p.unit);
    const y = scaleLinear().domain([d0, d1]).nice(4).range([height - 26, 10]).clamp(true);
    const x = scalePoint().domain(p.steps.map((s) => s.since)).range([52, w - 14]);
    const at = (s: Step) => x(s.since) ?? 0;
    const running = (s: Step) => new Date(s.until) > new Date(p.now) || isPart(s, p);
    const full = shown.filter((s) => !running(s));
    const last = shown.at(-1);
    const unfinished = last && running(last) ? last : undefined;
    const band = area<Step>().x(at).y0((s) => y(s.estimate.lo ?? d0)).y1((s) => y(s.estimate.hi ?? d1));
    const path = line<Step>().x(at).y((s) => y(s.estimate.value!));
    const ticks = y.ticks(4);
    const stepHalf = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) / 2 : 0;
    const every = Math.ceil((p.steps.length * 46) / (w - 60));
    const limits = p.control ? controlLimits(p.steps) : null;
    const out = (s: Step) => limits && outside(s, limits.get(s)!);
    const first = shown[0];
    const sentence = first && last ? t("chart.line", { from: month(first.since), a: sayFigure(first.estimate, p.unit), to: month(last.since), b: sayFigure(last.estimate, p.unit) }) : t("state.nothing");
    const say = (s: Step) => `${month(s.since)}: ${sayFigure(s.estimate, p.unit)}${s === unfinished ? ` · ${soFar(s, p.now)}` : ""}`;
    return (
        <ChartFrame
            w={w}
            title={p.title}
            sentence={sentence}
            height={height}
            zone
            note={unfinished ? soFar(unfinished, p.now) : p.note}
            points={shown.map((s) => ({ say: say(s) }))}
            x={(i) => at(shown[i]!)}
            head={[t("chart.month"), t("chart.value"), t("chart.low"), t("chart.high"), "n"]}
            cells={p.steps.map((s) => {
                const put = (v: number | null) => (v == null ? "" : writeNumber(v, p.unit, ((s.estimate.hi ?? 0) - (s.estimate.lo ?? 0)) / 2));
                return [month(s.since), put(s.estimate.value), put(s.estimate.lo), put(s.estimate.hi), s.estimate.n];
            })}
            draw={
                <>
                    {ticks.map((v) => (
                        <g key={v}>
                            <line class={v === 0 ? "axis zero" : "axis"} x1={52} x2={w - 14} y1={y(v)} y2={y(v)} />
                            <text x={46} y={y(v) + 4} text-anchor="end">
                                {writeNumber(v, p.unit, stepHalf, false, d1)}
                            </text>
                        </g>
                    ))}
                    {p.steps.map((s, i) =>
                        i % every === 0 ? (
                            <text key={s.since} x={at(s)} y={height - 6} text-anchor="middle">
                                {monthShort(new Date(s.until).getTime() - 864e5)}
                            </text>
                        ) : null,
                    )}
                    {p.goal && (
                        <g>
                            <line class="goal" x1={52} x2={w - 14} y1={y(p.goal.value)} y2={y(p.goal.value)} />
                            <text x={w - 14} y={y(p.goal.value) - 4} text-anchor="end">
                                {p.goal.label}
                            </text>
                        </g>
                    )}
                    {limits && [0, 1].map((k) => <path key={k} class="axis zero dash" fill="none" d={line<Step>().x(at).y((s) => y(limits.get(s)![k]!))(shown) ?? ""} />)}
                    <path class="band" d={band(shown) ?? ""} />
                    <path class="line" d={path(full) ?? ""} />
                    {unfinished && full.length > 0 && <path class="line dash" d={path([full.at(-1)!, unfinished]) ?? ""} />}
                    {shown.map((s) =>
                        out(s) ? (
                            <path key={s.since} class="out" d={`M${at(s)} ${y(s.estimate.value!) - 6}l6 6-6 6-6-6z`} />
                        ) : (
                            <circle key={s.since} class={s.estimate.state === "thin" || s === unfinished ? "hollow" : "dot"} cx={at(s)} cy={y(s.estimate.value!)} r={s.estimate.state === "thin" ? 3.5 : 4} />
                        ),
                    )}
                    {last && (
                        <text class="strong" x={Math.min(w - 14, at(last))} y={Math.max(14, y(last.estimate.value!) - 10)} text-anchor="end">
                            {writeNumber(last.estimate.value!, p.unit, ((last.estimate.hi ?? 0) - (last.estimate.lo ?? 0)) / 2)}
                        </text>
                    )}
                </>
            }
        />
    );
}
// Shewhart's u-chart: the mean rate, and three standard deviations of a Poisson count at each month's own exposure.
export function controlLimits(steps: Step[]): Map<Step, [number, number]> {
    const known = steps.filter((s) => s.estimate.value != null && s.estimate.n > 0);
    const exposed = known.reduce((sum, s) => sum + s.estimate.n / 1000, 0);
    const mean = exposed ? known.reduce((sum, s) => sum + (s.estimate.value! * s.estimate.n) / 1000, 0) / exposed : 0;
    return new Map(
        known.map((s) => {
            const by = 3 * Math.sqrt(mean / (s.estimate.n / 1000));
            return [s, [Math.max(0, mean - by), mean + by]];
        }),
    );
}
const outside = (s: Step, [lo, hi]: [number, number]) => s.estimate.value! > hi || s.estimate.value! < lo;

// The first month of a year looked at is often only its end; the last one often only its beginning.
const isPart = (s: Step, p: Props) => s === p.steps.at(-1) && new Date(p.now).getTime() - new Date(s.until).getTime() < 1000;
function soFar(s: Step, now: string): string {
    const start = new Date(s.since);
    const gone = Math.max(1, Math.round((new Date(now).getTime() - start.getTime()) / 864e5));
    const within = new Date(start.getTime() + 5 * 864e5);
    const of = new Date(Date.UTC(within.getUTCFullYear(), within.getUTCMonth() + 1, 0)).getUTCDate();
    return t("chart.so_far", { month: month(new Date(s.until).getTime() - 1), day: day(now), n: Math.min(gone, of), of });
}
