// People day by day beside what is usual: days beyond the likely range stand out by colour and mark.
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { count, dayShort, decimal, t } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

interface Day { at: string; n: number; expected?: number; lo?: number; hi?: number }
interface Props { title: string; days: Day[]; note?: string; w: number }

export const DaysChart = sized(Days);

function Days({ title, days, note, w }: Props) {
    const height = 190;
    const most = Math.max(1, ...days.flatMap((d) => [d.n, d.hi ?? 0]));
    const y = scaleLinear().domain([0, most]).nice(4).range([height - 26, 10]);
    const x = scaleLinear().domain([0, days.length - 1]).range([40, w - 14]);
    const known = days.map((d, i) => ({ ...d, i })).filter((d) => d.hi != null);
    const band = area<(typeof known)[number]>().x((d) => x(d.i)).y0((d) => y(d.lo!)).y1((d) => y(d.hi!));
    const usual = line<(typeof known)[number]>().x((d) => x(d.i)).y((d) => y(d.expected!));
    const out = (d: Day) => d.hi != null && d.n > d.hi;
    const say = (d: Day) => `${dayShort(d.at)}: ${t("chart.people", { n: count(d.n) })}${d.expected != null ? ` · ${t("chart.usual", { n: decimal(d.expected, 1), lo: decimal(d.lo!, 0), hi: decimal(d.hi!, 0) })}` : ""}`;
    const above = days.filter(out).length;
    const bar = Math.max(1, (w - 54) / days.length - 1);
    const every = Math.ceil(days.length / Math.max(2, Math.floor(w / 110)));
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={t("chart.days", { from: dayShort(days[0]!.at), to: dayShort(days.at(-1)!.at), most: count(Math.max(...days.map((d) => d.n))), above: count(above) })}
            height={height}
            note={note}
            points={days.map((d) => ({ say: say(d) }))}
            x={(i) => x(i)}
            head={[t("chart.day"), t("chart.people_head"), t("chart.usual_head"), t("chart.low"), t("chart.high")]}
            cells={days.map((d) => [dayShort(d.at), count(d.n), d.expected != null ? decimal(d.expected, 1) : "", d.lo != null ? decimal(d.lo, 0) : "", d.hi != null ? decimal(d.hi, 0) : ""])}
            draw={
                <>
                    {y.ticks(4).filter(Number.isInteger).map((v) => (
                        <g key={v}>
                            <line class={v === 0 ? "axis zero" : "axis"} x1={40} x2={w - 14} y1={y(v)} y2={y(v)} />
                            <text x={34} y={y(v) + 4} text-anchor="end">
                                {count(v)}
                            </text>
                        </g>
                    ))}
                    <path class="band" d={band(known) ?? ""} />
                    {days.map((d, i) => (
                        <rect key={d.at} class={`col${out(d) ? " over" : ""}`} x={x(i) - bar / 2} width={bar} y={y(d.n)} height={Math.max(0, y(0) - y(d.n))} />
                    ))}
                    <path class="usual" d={usual(known) ?? ""} fill="none" />
                    {days.map((d, i) => (out(d) ? <text key={d.at} class="mark" x={x(i)} y={y(d.n) - 3} text-anchor="middle">▲</text> : null))}
                    {days.map((d, i) =>
                        i % every === 0 && days.length - i > every / 2 ? (
                            <text key={d.at} x={x(i)} y={height - 6} text-anchor="middle">
                                {dayShort(d.at)}
                            </text>
                        ) : null,
                    )}
                </>
            }
        />
    );
}
