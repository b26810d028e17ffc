// Groups beside one another: a dot with its range for each, to one scale. Those whose ranges overlap are bracketed:
// they cannot be told apart. What has an order of its own (stages) keeps it, and has no brackets.
import { scaleLinear } from "d3-scale";
import { type Figure, type Unit, sayFigure, tied, writeFigure, writeNumber } from "../lib/figure";
import { t } from "../lib/i18n";
import { ChartFrame, cut, nameRoom, sized } from "./frame";

interface Props { title: string; unit: Unit; rows: { name: string; of: Figure }[]; zero?: boolean; inOrder?: boolean; w: number }
const LINE = 30;

export const DotsChart = sized(Dots);

function Dots({ title, unit, rows, zero, inOrder, w }: Props) {
    // On narrow drawings the words stand above the line, which has the whole width.
    const narrow = w < 460;
    const room = narrow ? 8 : nameRoom(w);
    const high = narrow ? 46 : LINE;
    const shown = rows.filter((r) => r.of.value != null);
    const sure = shown.filter((r) => r.of.state === "ok");
    const scaleBy = shown.flatMap((r) => [r.of.lo ?? r.of.value!, r.of.hi ?? r.of.value!, r.of.value!]);
    if (zero || unit === "per 1,000") scaleBy.push(0);
    const x = scaleLinear().domain([Math.min(...scaleBy), Math.max(...scaleBy)]).nice(4).range([room, narrow ? w - 26 : w - 130]).clamp(true);
    const height = rows.length * high + 34;
    const mid = (i: number) => i * high + (narrow ? 34 : LINE / 2);
    const words = (i: number) => mid(i) + (narrow ? -15 : 4);
    const ranked = [...sure].sort((a, b) => b.of.value! - a.of.value!);
    const group = new Map(tied(ranked.map((r) => r.of)).map((g, i) => [ranked[i]!, g]));
    const order = inOrder ? rows : [...ranked, ...shown.filter((r) => r.of.state !== "ok"), ...rows.filter((r) => r.of.value == null)];
    const brackets = inOrder ? [] : [...new Set(group.values())].map((g) => order.map((r, i) => (group.get(r) === g ? i : -1)).filter((i) => i >= 0)).filter((b) => b.length > 1);
    const ticks = x.ticks(narrow ? 3 : 4);
    const stepHalf = ticks.length > 1 ? (ticks[1]! - ticks[0]!) / 2 : 0;
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={order.slice(0, 3).map((r) => `${r.name}: ${sayFigure(r.of, unit)}.`).join(" ")}
            height={height}
            sideways
            points={order.map((r) => ({ say: `${r.name}: ${sayFigure(r.of, unit)}` }))}
            x={mid}
            head={[t("chart.group"), t("chart.value"), t("chart.low"), t("chart.high"), "n"]}
            cells={order.map((r) => {
                const put = (v: number | null) => (v == null ? "" : writeNumber(v, unit, ((r.of.hi ?? 0) - (r.of.lo ?? 0)) / 2));
                return [r.name, put(r.of.value), put(r.of.lo), put(r.of.hi), r.of.n];
            })}
            note={brackets.length ? t("chart.bracket") : undefined}
            draw={
                <>
                    {ticks.map((v) => (
                        <g key={v}>
                            <line class="axis" x1={x(v)} x2={x(v)} y1={0} y2={height - 26} />
                            <text x={x(v)} y={height - 8} text-anchor="middle">
                                {writeNumber(v, unit, stepHalf)}
                            </text>
                        </g>
                    ))}
                    {order.map((r, i) => (
                        <g key={r.name}>
                            <text class={r.of.state === "ok" ? "strong" : ""} x={narrow ? 0 : room - 12} y={words(i)} text-anchor={narrow ? "start" : "end"}>
                                {narrow ? r.name.slice(0, 28) : cut(r.name, w)}
                            </text>
                            {r.of.value != null && (
                                <>
                                    <line class={r.of.state === "ok" ? "span" : "span dash"} x1={x(r.of.lo ?? r.of.value)} x2={x(r.of.hi ?? r.of.value)} y1={mid(i)} y2={mid(i)} />
                                    <circle class={r.of.state === "ok" ? "dot" : "hollow"} cx={x(r.of.value)} cy={mid(i)} r={5} />
                                </>
                            )}
                            <text x={narrow ? w - 14 : w - 108} y={words(i)} text-anchor={narrow ? "end" : "start"}>
                                {r.of.value == null ? "–" : `${writeFigure(r.of, unit).value} · ${writeFigure(r.of, unit).n}`}
                            </text>
                        </g>
                    ))}
                    {brackets.map((b) => (
                        <path key={b[0]} class="axis zero" fill="none" d={`M${narrow ? w - 8 : w - 122} ${mid(b[0]!) - 8}h5V${mid(b.at(-1)!) + 8}h-5`} />
                    ))}
                </>
            }
        />
    );
}
