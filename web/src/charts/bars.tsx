// Counts as bars from zero, each against its red line where there is one.
import { scaleLinear } from "d3-scale";
import { count, percentParts, t } from "../lib/i18n";
import { ChartFrame, cut, nameRoom, sized } from "./frame";

interface Props { title: string; rows: { name: string; n: number; line?: number; soft?: number }[]; parts?: boolean; softLabel?: string; label?: string; w: number }
const LINE = 28;

export const BarsChart = sized(Bars);

function Bars({ title, rows, parts, softLabel, label, w }: Props) {
    const room = nameRoom(w);
    const most = Math.max(1, ...rows.flatMap((r) => [r.n, r.line ?? 0, r.soft ?? 0]));
    const x = scaleLinear().domain([0, most]).range([room, w - 70]);
    const shares = parts ? percentParts(rows.map((r) => r.n)) : [];
    const mid = (i: number) => i * LINE + LINE / 2;
    const over = (r: Props["rows"][number]) => r.line != null && r.n > r.line;
    const say = (r: Props["rows"][number], i: number) =>
        `${r.name}: ${count(r.n)}${parts ? ` (${shares[i]} %)` : ""}${r.soft != null ? ` · ${softLabel} ${count(Math.round(r.soft))}` : ""}${r.line != null ? ` · ${t("chart.red_line", { n: count(r.line) })}` : ""}`;
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={rows.slice(0, 3).map((r, i) => `${say(r, i)}.`).join(" ")}
            height={rows.length * LINE + 6}
            sideways
            points={rows.map((r, i) => ({ say: say(r, i) }))}
            x={mid}
            head={[t("chart.group"), label ?? t("chart.number"), ...(softLabel ? [softLabel] : []), ...(parts ? ["%"] : [])]}
            cells={rows.map((r, i) => [r.name, count(r.n), ...(softLabel ? [count(Math.round(r.soft ?? 0))] : []), ...(parts ? [shares[i]!] : [])])}
            draw={rows.map((r, i) => (
                <g key={r.name}>
                    <text class="strong" x={room - 12} y={mid(i) + 4} text-anchor="end">
                        {cut(r.name, w)}
                    </text>
                    <rect class="col" x={room} width={Math.max(1, x(r.n) - room)} y={mid(i) - (r.soft != null ? 9 : 7)} height={r.soft != null ? 8 : 14} rx={2} />
                    {r.soft != null && <rect class="col soft" x={room} width={Math.max(1, x(r.soft) - room)} y={mid(i) + 1} height={8} rx={2} />}
                    {r.line != null && <line class="red" x1={x(r.line)} x2={x(r.line)} y1={mid(i) - 11} y2={mid(i) + 11} />}
                    <text x={Math.max(x(r.n), r.line != null ? x(r.line) : 0, r.soft != null ? x(r.soft) : 0) + 6} y={mid(i) + 4}>
                        {over(r) ? "⚠ " : ""}
                        {count(r.n)}
                        {parts ? ` · ${shares[i]} %` : ""}
                    </text>
                </g>
            ))}
        />
    );
}
