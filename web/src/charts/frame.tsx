// What every chart has: a name, a sentence for readers, the arrow keys that read it out point by point, the same as a
// table, and as a file. Drawings have a viewBox and no size in pixels, so that paper and phones get all of them.
import type { ComponentChildren, ComponentType, FunctionComponent } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t, zoneName } from "../lib/i18n";
import { downloadCsv } from "../lib/csv";

export interface Point { say: string } // what the readout says of it
interface Props {
    title: string;
    sentence: string; // what it shows, from where to where
    points: Point[];
    head: string[]; // of the table
    cells: (string | number)[][];
    height?: number;
    zone?: boolean;
    note?: ComponentChildren;
    x(i: number): number; // where the cursor of a point stands
    draw: ComponentChildren;
    sideways?: boolean; // points lie below one another
    // Of drawings whose points lie in rows and columns: where an arrow key leads, what is under the pointer, what marks a point.
    go?(at: number, across: number, down: number): number;
    hit?(x: number, y: number): number;
    cursor?(at: number): ComponentChildren;
    w: number;
}

// Drawings are made as wide as their place, so that letters keep their size; the viewBox lets paper stretch them.
export function sized<P extends { w: number }>(Chart: ComponentType<P>): FunctionComponent<Omit<P, "w">> {
    return (props) => {
        const box = useRef<HTMLDivElement>(null);
        const [w, setW] = useState(640);
        useLayoutEffect(() => {
            const look = () => setW(Math.round(Math.max(290, Math.min(860, box.current!.clientWidth)) / 10) * 10);
            look();
            const watch = new ResizeObserver(look);
            watch.observe(box.current!);
            return () => watch.disconnect();
        }, []);
        return (
            <div ref={box}>
                <Chart {...(props as unknown as P)} w={w} />
            </div>
        );
    };
}
// The room for names beside a drawing.
export const nameRoom = (w: number) => (w < 460 ? 112 : 180);
export const cut = (text: string, w: number) => {
    const most = w < 460 ? 14 : 24;
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

export function ChartFrame(p: Props) {
    const height = p.height ?? 240;
    const [at, setAt] = useState(-1);
    const [table, setTable] = useState(false);
    const id = useId();
    const step = (to: number) => setAt(Math.max(0, Math.min(p.points.length - 1, to)));
    return (
        <figure aria-labelledby={id}>
            <figcaption>
                <strong id={id}>{p.title}</strong>
                <span class="tools">
                    <button class="link" aria-expanded={table} onClick={() => setTable(!table)}>
                        {table ? t("chart.as_chart") : t("chart.as_table")}
                        <span class="hidden">: {p.title}</span>
                    </button>
                    <button class="link" onClick={() => downloadCsv(p.title, p.head, p.cells)}>
                        CSV
                        <span class="hidden">: {p.title}</span>
                    </button>
                </span>
            </figcaption>
            {table ? (
                <div class="scroll" tabIndex={0} role="region" aria-labelledby={id}>
                    <table>
                        <thead>
                            <tr>
                                {p.head.map((h, i) => (
                                    <th key={h} scope="col" class={i ? "number" : ""}>
                                        {h}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {p.cells.map((row, i) => (
                                <tr key={i}>
                                    {row.map((c, k) => (
                                        <td key={k} class={k ? "number" : ""}>
                                            {c}
                                        </td>
                                    ))}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            ) : (
                <>
                    <svg
                        class="chart"
                        viewBox={`0 0 ${p.w} ${height}`}
                        role="img"
                        aria-label={`${p.title}. ${p.sentence} ${t("chart.keys")}`}
                        tabIndex={0}
                        onKeyDown={(e) => {
                            const across = { ArrowRight: 1, ArrowLeft: -1 }[e.key] ?? 0;
                            const down = { ArrowDown: 1, ArrowUp: -1 }[e.key] ?? 0;
                            const by = across + down;
                            if (by) step(at < 0 ? (by > 0 ? 0 : p.points.length - 1) : p.go ? p.go(at, across, down) : at + by);
                            else if (e.key === "Home") step(0);
                            else if (e.key === "End") step(p.points.length - 1);
                            else if (e.key === "Escape") return setAt(-1);
                            else return;
                            e.preventDefault();
                        }}
                        onPointerMove={(e) => {
                            const box = e.currentTarget.getBoundingClientRect();
                            if (p.hit) return setAt(p.hit(((e.clientX - box.left) / box.width) * p.w, ((e.clientY - box.top) / box.height) * height));
                            const where = p.sideways ? ((e.clientY - box.top) / box.height) * height : ((e.clientX - box.left) / box.width) * p.w;
                            let best = -1;
                            for (let i = 0; i < p.points.length; i++) if (best < 0 || Math.abs(p.x(i) - where) < Math.abs(p.x(best) - where)) best = i;
                            setAt(best);
                        }}
                        onPointerLeave={() => setAt(-1)}
                        onBlur={() => setAt(-1)}
                    >
                        {at >= 0 && at < p.points.length && !p.cursor && (p.sideways ? <line class="cursor" x1={0} x2={p.w} y1={p.x(at)} y2={p.x(at)} /> : <line class="cursor" x1={p.x(at)} x2={p.x(at)} y1={0} y2={height - 24} />)}
                        {p.draw}
                        {at >= 0 && at < p.points.length && p.cursor?.(at)}
                    </svg>
                    <p class="readout muted" role="status">
                        {p.points[at]?.say}
                    </p>
                </>
            )}
            {(p.note || p.zone) && (
                <small>
                    {p.note} {p.zone && t("chart.zone", { zone: zoneName() })}
                </small>
            )}
        </figure>
    );
}
