// A measure by month; the drawing is fetched when it is wanted.
import { signal } from "@preact/signals";
import { api, take } from "../lib/api";
import type { Unit } from "../lib/figure";
import { useLoad } from "../lib/load";
import { Show, Skeleton } from "./states";

type Charts = typeof import("../charts/all");
const charts = signal<Charts | null>(null);
let asked = false;
export function useCharts(): Charts | null {
    if (!asked) {
        asked = true;
        void import("../charts/all").then((m) => (charts.value = m));
    }
    return charts.value;
}
export function Trend({ name, title, unit, since = "12m", segment }: { name: string; title: string; unit: Unit; since?: string; segment?: number }) {
    const all = useCharts();
    const rows = useLoad(`measure ${name} month ${since} ${segment ?? ""}`, (by) => take(api.GET("/api/measures/{name}", { params: { path: { name }, query: { by: "month", since, segment } }, signal: by })), ["fresh"]);
    const Line = all?.LineChart;
    return (
        <Show of={rows} lines={7}>
            {(d) => (Line ? <Line title={title} unit={unit} steps={d.rows as never} now={d.now} control={name === "complaints"} /> : <Skeleton lines={7} />)}
        </Show>
    );
}
