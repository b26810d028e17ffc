// How a sentence of the server is known again, and told in other words (lib/said.ts).
import { day, money } from "./i18n";

type Pair = readonly [string, string];
interface Rule { english: RegExp; names: string[]; text: string }

// n, m, k, h, d are numbers, money is an amount: so that what people wrote is not taken for what the server says.
const holds = (name: string) => (/^[a-z]$/.test(name) && "nmkhd".includes(name) ? "[-−]?[\\d.,]+" : name.startsWith("money") ? "-?[\\d.,]+ [A-Z]{3}" : ".+?");
export function rulesOf(pairs: readonly Pair[]): Rule[] {
    // What says most of its own comes first: "{what} of {limit}" would take anything.
    const own = (english: string) => english.replace(/\{\w+\}/g, "").length;
    return [...pairs].sort((a, b) => own(b[0]) - own(a[0])).map(([english, text]) => {
        const names: string[] = [];
        const pattern = english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, (_, name: string) => (names.push(name), `(${holds(name)})`));
        return { english: new RegExp(`^${pattern}$`, "is"), names, text };
    });
}
const local = (x: string): string => {
    const amount = /^(-?\d+)\.(\d\d) ([A-Z]{3})$/.exec(x);
    if (amount) return money({ value: Number(amount[1]! + amount[2]!), currency: amount[3]! });
    return /^\d{4}-\d\d-\d\d$/.test(x) ? day(`${x}T12:00:00Z`) : x;
};
// null: it is not known.
export function translate(text: string, by: Rule[], deep = 0): string | null {
    const said = text.replace(/\.$/, "");
    for (const r of by) {
        const found = r.english.exec(said);
        if (!found) continue;
        const told = r.text.replace(/\{(\w+)\}/g, (_, name: string) => {
            const of = found[r.names.indexOf(name) + 1] ?? "";
            return (deep < 3 && translate(of, by, deep + 1)) || local(of);
        });
        return /^[A-Z]/.test(said) ? told[0]!.toUpperCase() + told.slice(1) : told;
    }
    return null;
}
