import type { Figure, Unit } from "../lib/figure";

// A figure's range on its own small scale, beside one that came before: for cards.
export function RangeBar({ of, before, ends }: { of: Figure; before?: Figure | null; ends: [number, number] }) {
    if (of.value == null) return null;
    const x = (v: number) => 4 + (192 * (Math.max(ends[0], Math.min(ends[1], v)) - ends[0])) / (ends[1] - ends[0]);
    const [lo, hi] = [of.lo ?? ends[0], of.hi ?? ends[1]];
    return (
        <svg class="chart range" viewBox="0 0 200 14" preserveAspectRatio="none" aria-hidden="true">
            <line class="axis" x1={4} x2={196} y1={7} y2={7} />
            {before?.value != null && <line class="axis zero" x1={x(before.value)} x2={x(before.value)} y1={1} y2={13} />}
            <line class={of.state === "ok" ? "span" : "span dash"} x1={x(lo)} x2={x(hi)} y1={7} y2={7} />
            <line class="line" x1={x(of.value)} x2={x(of.value)} y1={2} y2={12} />
        </svg>
    );
}

// The ends of the scale of a card: what a unit can be, or room around both ranges.
export function ends(unit: Unit, figures: Figure[]): [number, number] {
    if (unit === "points") return [-100, 100];
    if (unit === "share") return [0, 1];
    if (unit === "mark") return [1, 5];
    return [0, 1.15 * Math.max(1e-9, ...figures.flatMap((f) => [f.hi ?? 0, f.value ?? 0]))];
}
