// Who is still there: a curve that falls in steps or smoothly, in its band, and how many it rests on.
import { scaleLinear } from "d3-scale";
import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import { type Figure, sayFigure, writeNumber } from "../lib/figure";
import { count, t, tn } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

interface Props { title: string; points: { months: number; share: Figure }[]; steps?: boolean; w: number }

export const SurvivalChart = sized(Survival);

function Survival({ title, points, steps, w }: Props) {
    const height = 240;
    const most = Math.max(1, ...points.map((p) => p.months));
    const x = scaleLinear().domain([0, most]).range([48, w - 14]);
    const y = scaleLinear().domain([0, 1]).range([height - 40, 10]);
    type P = Props["points"][number];
    const curve = steps ? curveStepAfter : curveLinear;
    const path = line<P>().x((p) => x(p.months)).y((p) => y(p.share.value ?? 0)).curve(curve);
    const band = area<P>().x((p) => x(p.months)).y0((p) => y(p.share.lo ?? 0)).y1((p) => y(p.share.hi ?? 1)).curve(curve);
    const say = (p: P) => `${tn("chart.months", p.months)}: ${sayFigure(p.share, "share")}`;
    const last = points.at(-1);
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={last ? t("chart.survival", { months: count(last.months), share: sayFigure(last.share, "share") }) : ""}
            points={points.map((p) => ({ say: say(p) }))}
            x={(i) => x(points[i]!.months)}
            head={[t("chart.month_no"), t("chart.value"), t("chart.low"), t("chart.high"), "n"]}
            cells={points.map((p) => [p.months, ...[p.share.value, p.share.lo, p.share.hi].map((v) => (v == null ? "" : writeNumber(v, "share", 0.01))), p.share.n])}
            draw={
                <>
                    {[0, 0.25, 0.5, 0.75, 1].map((v) => (
                        <g key={v}>
                            <line class={v ? "axis" : "axis zero"} x1={48} x2={w - 14} y1={y(v)} y2={y(v)} />
                            <text x={42} y={y(v) + 4} text-anchor="end">
                                {writeNumber(v, "share", 0.1)}
                            </text>
                        </g>
                    ))}
                    {x.ticks(8).filter(Number.isInteger).map((v) => (
                        <text key={v} x={x(v)} y={height - 24} text-anchor="middle">
                            {v}
                        </text>
                    ))}
                    <text x={(48 + w) / 2} y={height - 6} text-anchor="middle">
                        {t("chart.month_no")}
                    </text>
                    <path class="band" d={band(points) ?? ""} />
                    <path class="line" d={path(points) ?? ""} />
                </>
            }
        />
    );
}
