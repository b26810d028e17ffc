// How much of the whole the best customers bring: the curve of concentration, with the range at each known point.
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type Figure, sayFigure, writeNumber } from "../lib/figure";
import { t } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

export const ConcentrationChart = sized(Concentration);

function Concentration({ title, points, w }: { title: string; points: { top: number; share: Figure }[]; w: number }) {
    const height = 260;
    const all = [{ top: 0, value: 0 }, ...points.map((p) => ({ top: p.top, value: p.share.value ?? 0 })), { top: 1, value: 1 }];
    const x = scaleLinear().domain([0, 1]).range([52, w - 20]);
    const y = scaleLinear().domain([0, 1]).range([height - 40, 12]);
    const path = line<(typeof all)[number]>().x((p) => x(p.top)).y((p) => y(p.value));
    const say = (p: (typeof points)[number]) => t("value.top", { top: writeNumber(p.top, "share", 0.1), share: sayFigure(p.share, "share") });
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={points.map(say).join(". ")}
            height={height}
            points={points.map((p) => ({ say: say(p) }))}
            x={(i) => x(points[i]!.top)}
            head={[t("value.best"), t("value.share"), t("chart.low"), t("chart.high")]}
            cells={points.map((p) => [writeNumber(p.top, "share", 0.1), ...[p.share.value, p.share.lo, p.share.hi].map((v) => (v == null ? "" : writeNumber(v, "share", 0.01)))])}
            draw={
                <>
                    {[0, 0.25, 0.5, 0.75, 1].map((v) => (
                        <g key={v}>
                            <line class={v ? "axis" : "axis zero"} x1={52} x2={w - 20} y1={y(v)} y2={y(v)} />
                            <text x={46} y={y(v) + 4} text-anchor="end">
                                {writeNumber(v, "share", 0.1)}
                            </text>
                            <text x={x(v)} y={height - 24} text-anchor="middle">
                                {writeNumber(v, "share", 0.1)}
                            </text>
                        </g>
                    ))}
                    <text x={(52 + w) / 2} y={height - 6} text-anchor="middle">
                        {t("value.best")}
                    </text>
                    <line class="axis zero dash" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
                    <path class="line" d={path(all) ?? ""} />
                    {points.map((p) => (
                        <g key={p.top}>
                            <line class="span" x1={x(p.top)} x2={x(p.top)} y1={y(p.share.lo ?? 0)} y2={y(p.share.hi ?? 1)} />
                            <circle class="dot" cx={x(p.top)} cy={y(p.share.value ?? 0)} r={4} />
                        </g>
                    ))}
                </>
            }
        />
    );
}
