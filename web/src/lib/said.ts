// Sentences of the server, which are English, in the reader's language: refusals, reasons, what a job says. The catalogue
// has them as "said.…" with {places}; scripts/words-lint holds those to the program's own words. What it lacks stays
// English, and is marked so.
import { signal } from "@preact/signals";
import { lang, saidPairs } from "./i18n";

const translator = signal<((text: string) => string | null) | null>(null);
let asked: Promise<void> | undefined;
const pairs = saidPairs[lang];

export function loadSaid(): Promise<void> {
    if (!pairs) return Promise.resolve();
    return (asked ??= Promise.all([pairs(), import("./said_rules")]).then(
        ([m, engine]) => {
            const rules = engine.rulesOf(m.default);
            translator.value = (text) => engine.translate(text, rules);
        },
        () => void (asked = undefined),
    ));
}
// In the reader's language, or null as long as (or if) it is not known there. Who reads English reads what was said.
export function said(text: string): string | null {
    if (!pairs) return text;
    void loadSaid();
    return translator.value && translator.value(text);
}
