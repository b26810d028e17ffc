// Mentions week by week, from zero: bad ones below, good ones on top, so that how many and how they felt is seen at once.
import { scaleLinear } from "d3-scale";
import { count, dayShort, t } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

interface Week { week: string; people: number; mentions: number; negative: number; positive: number }
interface Props { title: string; weeks: Week[]; w: number }

export const WeeksChart = sized(Weeks);

function Weeks({ title, weeks, w }: Props) {
    const height = 190;
    const most = Math.max(1, ...weeks.map((d) => d.mentions));
    const y = scaleLinear().domain([0, most]).nice(4).range([height - 26, 12]);
    const step = (w - 54) / weeks.length;
    const x = (i: number) => 40 + step * (i + 0.5);
    const bar = Math.min(34, Math.max(2, step - 2));
    const every = Math.ceil(weeks.length / Math.max(2, Math.floor(w / 110)));
    const sum = (of: (d: Week) => number) => weeks.reduce((a, d) => a + of(d), 0);
    const part = (i: number, from: number, n: number, look: string) => (n ? <rect class={`col ${look}`} x={x(i) - bar / 2} width={bar} y={y(from + n)} height={y(from) - y(from + n)} /> : null);
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={t("topic.weeks_text", { from: dayShort(weeks[0]!.week), to: dayShort(weeks.at(-1)!.week), n: count(sum((d) => d.mentions)), bad: count(sum((d) => d.negative)), good: count(sum((d) => d.positive)) })}
            height={height}
            note={t("topic.weeks_note")}
            points={weeks.map((d) => ({ say: t("topic.week_say", { week: dayShort(d.week), people: count(d.people), n: count(d.mentions), bad: count(d.negative), good: count(d.positive) }) }))}
            x={x}
            head={[t("topic.week"), t("topic.people"), t("topic.mentions"), t("mood.unhappy"), t("mood.happy")]}
            cells={weeks.map((d) => [dayShort(d.week), count(d.people), count(d.mentions), count(d.negative), count(d.positive)])}
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
                    {weeks.map((d, i) => (
                        <g key={d.week} class={i === weeks.length - 1 ? "so-far" : undefined}>
                            {part(i, 0, d.negative, "sad")}
                            {part(i, d.negative, d.mentions - d.negative - d.positive, "none")}
                            {part(i, d.mentions - d.positive, d.positive, "glad")}
                        </g>
                    ))}
                    {weeks.map((d, i) =>
                        i % every === 0 ? (
                            <text key={d.week} x={x(i)} y={height - 6} text-anchor="middle">
                                {dayShort(d.week)}
                            </text>
                        ) : null,
                    )}
                </>
            }
        />
    );
}
