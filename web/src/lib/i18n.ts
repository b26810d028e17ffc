// Words, numbers, days and money in the reader's language. The catalogue is web/i18n/LANG.json; English says which keys
// there are, so that a wrong key does not compile.
import type en from "../../i18n/en.json";

type Plural<K> = K extends `${infer B}_other` ? B : never;
export type Key = Exclude<keyof typeof en, `${"server" | "mail" | "widget" | "said"}.${string}`>;
export type CountKey = Plural<Key>;
type Words = Record<string, string>;

export const lang = document.documentElement.lang || "en";
// Pseudo-languages for tests: xx makes everything longer, xa also turns the page round.
const real = lang === "xx" || lang === "xa" ? "en" : lang;
let words: Words = {};

// Two files of each catalogue (web/words.mjs): what Home and most pages need, and the rest.
type Load = () => Promise<{ default: unknown }>;
const sources: Record<string, { first: Load; later: Load }> = {
    en: { first: () => import("../../i18n/en.json"), later: () => import("../../i18n/en.json?later") },
    de: { first: () => import("../../i18n/de.json"), later: () => import("../../i18n/de.json?later") },
    es: { first: () => import("../../i18n/es.json"), later: () => import("../../i18n/es.json?later") },
};
// What the server says in English, with what it means here (lib/said.ts).
export const saidPairs: Record<string, () => Promise<{ default: [string, string][] }>> = {
    de: () => import("../../i18n/de.json?said"),
    es: () => import("../../i18n/es.json?said"),
};
export const languages = { en: "English", de: "Deutsch", es: "Español" };

export async function loadWords(which: "first" | "later" = "first"): Promise<void> {
    let more = (await (sources[real] ?? sources.en!)[which]()).default as Words;
    if (real !== lang) more = (await import("./pseudo")).pseudo(more);
    words = { ...words, ...more };
}

type Places = Record<string, string | number>;
const fill = (text: string, places?: Places) => (places ? text.replace(/\{(\w+)\}/g, (all, name: string) => (name in places ? String(places[name]) : all)) : text);

export function t(key: Key, places?: Places): string {
    return fill(words[key] ?? key, places);
}
// What a server may name that this app does not know yet keeps the server's own word.
export function tr(key: string, otherwise: string, places?: Places): string {
    return fill(words[key] ?? otherwise, places);
}
const rules = new Intl.PluralRules(real);
export function tn(key: CountKey, n: number, places?: Places): string {
    const text = words[`${key}_${rules.select(n)}`] ?? words[`${key}_other`] ?? key;
    return fill(text, { n: count(n), ...places });
}

// ---- numbers that are counted, not estimated ----

const plain = new Intl.NumberFormat(real, { maximumFractionDigits: 0 });
export const minus = (text: string) => text.replace(/-/g, "−");
export function count(n: number): string {
    return minus(plain.format(n));
}
export function decimal(n: number, digits: number): string {
    return minus(new Intl.NumberFormat(real, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n));
}
export function percent(share: number, digits = 0): string {
    return minus(new Intl.NumberFormat(real, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share));
}
export interface Amount { value: number; currency: string }
function minorUnits(currency: string): number {
    try {
        return new Intl.NumberFormat(real, { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
    } catch {
        return 2;
    }
}
export function money(m: Amount, digits?: number): string {
    const d = minorUnits(m.currency);
    const opts = { minimumFractionDigits: digits ?? d, maximumFractionDigits: digits ?? d };
    const value = m.value / 10 ** d;
    try {
        return minus(new Intl.NumberFormat(real, { style: "currency", currency: m.currency, ...opts }).format(value));
    } catch {
        return `${decimal(value, digits ?? d)} ${m.currency}`;
    }
}
export const majorOf = (m: Amount) => m.value / 10 ** minorUnits(m.currency);
export function bytes(n: number): string {
    for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const) if (n >= size) return `${decimal(n / size, n >= size * 10 ? 0 : 1)} ${unit}`;
    return `${count(n)} B`;
}
// Parts of a whole in percent that sum to 100: what rounding down leaves goes to the largest remainders.
export function percentParts(parts: number[]): number[] {
    const sum = parts.reduce((a, b) => a + b, 0);
    if (sum <= 0) return parts.map(() => 0);
    const exact = parts.map((p) => (100 * p) / sum);
    const floors = exact.map(Math.floor);
    let left = 100 - floors.reduce((a, b) => a + b, 0);
    const order = exact.map((x, i) => [x - floors[i]!, i] as const).sort((a, b) => b[0] - a[0]);
    for (const [, i] of order) if (left-- > 0) floors[i]!++;
    return floors;
}

// ---- times: in the zone of the business, which the server tells ----

let zone: string | undefined;
export function setZone(z: string): void {
    try {
        new Intl.DateTimeFormat(real, { timeZone: z });
        zone = z;
    } catch {
        zone = undefined;
    }
}
export const zoneName = () => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
const dateFormats = new Map<string, Intl.DateTimeFormat>();
function format(at: string | number | Date, opts: Intl.DateTimeFormatOptions): string {
    const key = JSON.stringify(opts) + zone;
    let f = dateFormats.get(key);
    if (!f) dateFormats.set(key, (f = new Intl.DateTimeFormat(real, { timeZone: zone, ...opts })));
    return f.format(new Date(at));
}
export const day = (at: string | number | Date) => format(at, { year: "numeric", month: "short", day: "numeric" });
export const dayShort = (at: string | number | Date) => format(at, { month: "short", day: "numeric" });
export const month = (at: string | number | Date) => format(at, { year: "numeric", month: "short" });
export const monthShort = (at: string | number | Date) => format(at, { month: "short" });
export const time = (at: string | number | Date) => format(at, { hour: "2-digit", minute: "2-digit" });
export const dayTime = (at: string | number | Date) => format(at, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

const relative = new Intl.RelativeTimeFormat(real, { numeric: "auto", style: "long" });
const spans: [Intl.RelativeTimeFormatUnit, number][] = [["year", 365 * 864e5], ["month", 30.44 * 864e5], ["week", 7 * 864e5], ["day", 864e5], ["hour", 36e5], ["minute", 6e4]];
// "2 days ago", "in 3 hours": the largest unit of which there are at least two, so that nothing jumps by half.
export function ago(at: string | number | Date, now = Date.now()): string {
    const gone = new Date(at).getTime() - now;
    for (const [unit, ms] of spans) if (Math.abs(gone) >= (unit === "minute" ? ms : 2 * ms)) return relative.format(Math.trunc(gone / ms), unit);
    return t("time.now");
}
// Monday is 0.
export const weekday = (i: number, style: "long" | "short" = "short") => new Intl.DateTimeFormat(real, { weekday: style, timeZone: "UTC" }).format(Date.UTC(2026, 0, 5 + i));
// A day that has no time, such as 2026-12-25: the same everywhere.
export const civilDay = (date: string) => new Intl.DateTimeFormat(real, { timeZone: "UTC", weekday: "short", year: "numeric", month: "short", day: "numeric" }).format(new Date(`${date}T00:00:00Z`));
// How long something has lasted: "7 weeks".
export function lasted(at: string | number | Date, now = Date.now()): string {
    const gone = now - new Date(at).getTime();
    const [unit, ms] = spans.find(([, size]) => gone >= 2 * size) ?? spans.at(-1)!;
    return new Intl.NumberFormat(real, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.max(1, Math.trunc(gone / ms)));
}
const lengths: [string, number, number][] = [["day", 864e5, 2], ["hour", 36e5, 1.5], ["minute", 6e4, 1.5], ["second", 1e3, 0]];
// A length of time in one unit; digits of the unit as the range allows.
export function span(ms: number, digitsOf?: (unitMs: number) => number, unitOf = ms): string {
    const [unit, size] = lengths.find(([, s, from]) => Math.abs(unitOf) >= s * from) ?? lengths[3]!;
    const digits = digitsOf ? digitsOf(size) : 0;
    return minus(new Intl.NumberFormat(real, { style: "unit", unit, unitDisplay: "short", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ms / size));
}
export const zones = () => (typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : []);
export const list = (items: string[]) => new Intl.ListFormat(real, { type: "conjunction" }).format(items);
export const compareWords = new Intl.Collator(real, { numeric: true, sensitivity: "base" }).compare;
export const languageName = (code: string) => {
    try {
        return new Intl.DisplayNames(real, { type: "language" }).of(code) ?? code;
    } catch {
        return code;
    }
};
export const countryName = (code: string) => {
    try {
        return new Intl.DisplayNames(real, { type: "region" }).of(code) ?? code;
    } catch {
        return code;
    }
};
