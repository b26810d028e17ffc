// How a figure is written: digits follow the range, minus is a minus, a range never looks like a subtraction. Pure, so
// that tests hold it to the rules; only ui/estimate.tsx and charts may use it (web/lint.mjs sees to that).
import { type Key, count, decimal, minus, money, percent, span, t } from "./i18n";

export interface Figure {
    value: number | null;
    lo: number | null;
    hi: number | null;
    n: number;
    method: string;
    state: "ok" | "thin" | "none" | "refused";
    why?: string | null;
}
export interface Change { diff?: number | null; lo?: number | null; hi?: number | null; p?: number | null; method: string }
export type Verdict = "better" | "worse" | "no_change" | "too_few" | "none";
// points, share, per 1,000, mark, seconds as the API names them; and what other rooms need.
export type Unit = "points" | "share" | "per 1,000" | "mark" | "seconds" | "days" | "months" | "number" | { currency: string };

// So many digits that the last one means something: half the range is written with one or two digits, and no more.
export function digitsFor(half: number): number {
    if (!Number.isFinite(half) || half <= 0) return 0;
    return half >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(half)));
}
// Money: to two digits of half the range.
export function roundMoney(value: number, half: number): number {
    if (!Number.isFinite(half) || half <= 0) return Math.round(value);
    const step = 10 ** Math.max(0, Math.floor(Math.log10(half)) - 1);
    return Math.round(value / step) * step;
}

// A range of a model as a figure: what it rests on is said elsewhere.
interface Range { value?: number | null; lo?: number | null; hi?: number | null }
export const figureOf = (r: Range | null | undefined, method = ""): Figure => ({ value: r?.value ?? null, lo: r?.lo ?? null, hi: r?.hi ?? null, n: 0, method, state: r?.value != null ? "ok" : "none" });

const half = (f: Pick<Figure, "lo" | "hi" | "value">) => {
    if (f.lo != null && f.hi != null) return (f.hi - f.lo) / 2;
    if (f.value != null && f.hi == null && f.lo != null) return f.value - f.lo;
    return 0;
};
const whole = new Set<Unit>(["points"]);

// A number in a unit, with the digits of a range so wide. bare: without the unit.
export function writeNumber(x: number, unit: Unit, halfWidth: number, bare = false, unitOf = x): string {
    if (typeof unit === "object") {
        const m = { value: roundMoney(x, halfWidth), currency: unit.currency };
        return bare ? count(m.value / 100) : money(m, halfWidth >= 100 || halfWidth === 0 ? 0 : undefined);
    }
    if (unit === "share") {
        const d = Math.min(1, digitsFor(halfWidth * 100));
        return bare ? decimal(x * 100, d) : percent(x, d);
    }
    if (unit === "seconds") {
        const d = (unitMs: number) => Math.min(1, digitsFor((halfWidth * 1000) / unitMs));
        return span(x * 1000, d, unitOf * 1000);
    }
    if (unit === "days") return span(x * 864e5, () => Math.min(1, digitsFor(halfWidth)), 864e6);
    const d = whole.has(unit) ? 0 : Math.min(2, digitsFor(halfWidth));
    const text = minus(decimal(Object.is(Math.round(x * 10 ** d), -0) ? 0 : x, d));
    return text;
}

export interface Written { value: string; range: string; n: string; all: boolean }

// Everything was counted: nothing was estimated, and there is no range.
export const isCensus = (f: Figure) => f.lo != null && f.lo === f.hi && f.value === f.lo;

export function writeFigure(f: Figure, unit: Unit): Written {
    if (f.value == null) return { value: "", range: "", n: nText(f), all: false };
    const h = half(f);
    const value = writeNumber(f.value, unit, h);
    if (isCensus(f)) return { value, range: "", n: t("est.all", { n: count(f.n) }), all: true };
    return { value, range: writeRange(f, unit), n: nText(f), all: false };
}
const nText = (f: Figure) => t("est.n", { n: count(f.n) });

export function writeRange(f: Pick<Figure, "lo" | "hi" | "value">, unit: Unit): string {
    const h = half(f);
    const of = f.value ?? f.hi ?? f.lo ?? 0;
    const put = (x: number, bare: boolean) => writeNumber(x, unit, h, bare, of);
    if (f.lo == null && f.hi == null) return "";
    if (f.hi == null) return t("est.least", { lo: put(f.lo!, false) });
    if (f.lo == null) return t("est.most", { hi: put(f.hi, false) });
    const bare = unit !== "seconds" && unit !== "days";
    return t("est.range", { lo: put(f.lo, bare), hi: put(f.hi, false) });
}

export const verdictGlyph: Record<Verdict, string> = { better: "▲", worse: "▼", no_change: "●", too_few: "?", none: "" };
export const verdictKey: Record<Verdict, Key> = { better: "verdict.better", worse: "verdict.worse", no_change: "verdict.no_change", too_few: "verdict.too_few", none: "verdict.none" };

// The whole figure in one sentence: for readers, titles and tests.
export function sayFigure(f: Figure, unit: Unit): string {
    const w = writeFigure(f, unit);
    if (!w.value) return t("est.cannot");
    return [w.value, w.range, w.n].filter(Boolean).join(" · ");
}
export function sayChange(c: Change, unit: Unit): string {
    if (c.diff == null || c.lo == null || c.hi == null) return "";
    const h = (c.hi - c.lo) / 2;
    const sign = (x: number, bare: boolean) => (x > 0 ? "+" : "") + writeNumber(x, unit, h, bare, c.diff!);
    const bare = unit !== "seconds" && unit !== "days";
    return t("est.change", { diff: sign(c.diff, false), lo: sign(c.lo, bare), hi: sign(c.hi, false) });
}
// A place in an order, and the places that chance leaves possible; empty where there is one only.
export function sayPlaces(p: { lo: number; hi: number }): string {
    const [lo, hi] = [Math.round(p.lo), Math.round(p.hi)];
    return lo === hi ? "" : t("est.range", { lo: count(lo), hi: count(hi) });
}
// Customers, rows, orders whose ranges overlap cannot be told apart: groups of neighbours, in the order given.
export function tied(rows: Pick<Figure, "lo" | "hi">[]): number[] {
    let group = 0;
    let [lo, hi] = [-Infinity, Infinity];
    return rows.map((r) => {
        const [a, b] = [r.lo ?? -Infinity, r.hi ?? Infinity];
        if (a > hi || b < lo) {
            group++;
            [lo, hi] = [a, b];
        } else [lo, hi] = [Math.max(lo, a), Math.min(hi, b)];
        return group;
    });
}
