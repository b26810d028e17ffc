// Cohorts below one another, by how long they have been with us: a triangle with the number in every cell. The darker, the
// more are left. Few customers are hatched and grey, fewer than may be shown are a dot, and the time that runs is framed.
import { useId } from "preact/hooks";
import { type Figure, type Unit, sayFigure, writeFigure, writeNumber } from "../lib/figure";
import { count, t, tn } from "../lib/i18n";
import { ChartFrame, sized } from "./frame";

export interface CohortCell { of: Figure; running?: boolean }
export interface CohortRow { name: string; n: number; cells: (CohortCell | null)[] } // a cell for each age, from 0 on
interface Props { title: string; unit: Unit; rows: CohortRow[]; note?: string; w: number }
const HIGH = 28;
const NARROWEST = 38;

export const CohortChart = sized(Cohorts);

// On narrow drawings not every age has room: every second, third, sixth or twelfth is shown.
export function agesShown(ages: number, room: number): number[] {
    const every = [1, 2, 3, 6, 12].find((k) => Math.ceil(ages / k) * NARROWEST <= room) ?? 12;
    return Array.from({ length: Math.ceil(ages / every) }, (_, i) => i * every);
}
// Arrow keys go through what is known, as eyes would: along a row, and down to the nearest age of the next row.
export function goCohort(places: [number, number][], at: number, across: number, down: number): number {
    if (across) return at + across;
    const [row, age] = places[at]!;
    const rows = [...new Set(places.map(([r]) => r))];
    const next = rows[rows.indexOf(row) + down];
    if (next === undefined) return at;
    let best = at;
    places.forEach(([r, a], i) => {
        if (r === next && (places[best]![0] !== next || Math.abs(a - age) < Math.abs(places[best]![1] - age))) best = i;
    });
    return best;
}

function Cohorts({ title, unit, rows, note, w }: Props) {
    const hatch = useId().replace(/\W/g, "");
    const left = w < 460 ? 92 : 130;
    const ages = agesShown(Math.max(1, ...rows.map((r) => r.cells.length)), w - left);
    const wide = Math.min(64, (w - left) / ages.length);
    const height = HIGH * (rows.length + 1) + 22;
    const x = (k: number) => left + k * wide;
    const y = (row: number) => HIGH * (row + 1);
    const places: [number, number][] = rows.flatMap((r, i) => ages.flatMap((age, k): [number, number][] => (r.cells[age] ? [[i, k]] : [])));
    const cell = ([row, k]: [number, number]) => rows[row]!.cells[ages[k]!]!;
    const top = Math.max(0, ...places.map((p) => cell(p).of.value ?? 0)) || 1;
    const bare = (f: Figure) => writeNumber(f.value!, unit, unit === "share" ? 0.01 : 1, true);
    const say = (p: [number, number]) => `${rows[p[0]]!.name}, ${tn("chart.months", ages[p[1]]!)}: ${sayFigure(cell(p).of, unit)}${cell(p).running ? ` · ${t("chart.runs")}` : ""}`;
    const last = places.at(-1);
    const all = rows.flatMap((r) => r.cells.map((c, age) => [r, c, age] as const)).filter(([, c]) => c);
    return (
        <ChartFrame
            w={w}
            title={title}
            sentence={last ? `${tn("chart.cohorts", rows.length)} ${say(places[0]!)}. ${say(last)}.` : t("state.nothing")}
            height={height}
            note={note ?? t("chart.cohort_note")}
            points={places.map((p) => ({ say: say(p) }))}
            x={(i) => x(places[i]![1]) + wide / 2}
            go={(at, across, down) => goCohort(places, at, across, down)}
            hit={(px, py) => places.findIndex(([r, k]) => px >= x(k) && px < x(k) + wide && py >= y(r) && py < y(r) + HIGH)}
            cursor={(i) => <rect class="cell-mark" x={x(places[i]![1])} y={y(places[i]![0])} width={wide} height={HIGH} />}
            head={[t("chart.cohort"), t("chart.customers"), t("chart.month_no"), t("chart.value"), t("chart.low"), t("chart.high"), "n"]}
            cells={all.map(([r, c, age]) => {
                const put = (v: number | null) => (v == null ? "" : writeNumber(v, unit, 0.01));
                return [r.name, r.n, age, put(c!.of.value), put(c!.of.lo), put(c!.of.hi), c!.of.n];
            })}
            draw={
                <>
                    <pattern id={hatch} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <line class="hatch" x1={0} x2={0} y1={0} y2={6} />
                    </pattern>
                    {ages.map((age, k) => (
                        <text key={age} x={x(k) + wide / 2} y={HIGH - 9} text-anchor="middle">
                            {age}
                        </text>
                    ))}
                    {rows.map((r, i) => (
                        <g key={r.name}>
                            <text class="strong" x={0} y={y(i) + 18}>
                                {r.name}
                            </text>
                            {w >= 460 && (
                                <text x={left - 10} y={y(i) + 18} text-anchor="end">
                                    {count(r.n)}
                                </text>
                            )}
                        </g>
                    ))}
                    {places.map((p) => {
                        const { of, running } = cell(p);
                        const [row, k] = p;
                        const sure = of.state === "ok";
                        return (
                            <g key={`${row} ${k}`}>
                                {sure && <rect class="cell" x={x(k) + 1} y={y(row) + 1} width={wide - 2} height={HIGH - 2} rx={3} style={{ fillOpacity: String(0.06 + (0.4 * (of.value ?? 0)) / top) }} />}
                                {!sure && <rect x={x(k) + 1} y={y(row) + 1} width={wide - 2} height={HIGH - 2} rx={3} fill={`url(#${hatch})`} />}
                                {running && <rect class="cell-runs" x={x(k) + 2} y={y(row) + 2} width={wide - 4} height={HIGH - 4} rx={3} />}
                                <text class={sure ? "strong" : ""} x={x(k) + wide / 2} y={y(row) + 18} text-anchor="middle">
                                    {writeFigure(of, unit).value ? bare(of) : "·"}
                                </text>
                            </g>
                        );
                    })}
                    <text x={(left + x(ages.length)) / 2} y={height - 6} text-anchor="middle">
                        {t("chart.month_no")}
                    </text>
                </>
            }
        />
    );
}
