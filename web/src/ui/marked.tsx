// Words of customers with those marked that made heed say something of them.
import { t } from "../lib/i18n";

export interface Cause { words: string; from: number; adds: number }
interface Piece { text: string; hit: boolean }

// Places are counted in bytes; pieces that touch one another are one.
export function piecesOf(words: string, causes: Cause[]): Piece[] {
    const bytes = new TextEncoder().encode(words);
    const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
    const out: Piece[] = [];
    let at = 0;
    for (const c of [...causes].sort((a, b) => a.from - b.from)) {
        const to = c.from + new TextEncoder().encode(c.words).length;
        if (c.from < at || text(c.from, to) !== c.words) continue;
        if (c.from > at) out.push({ text: text(at, c.from), hit: false });
        out.push({ text: c.words, hit: true });
        at = to;
    }
    if (at < bytes.length) out.push({ text: text(at, bytes.length), hit: false });
    return out;
}
export function Pieces({ of }: { of: Piece[] }) {
    return <>{of.map((p, i) => (p.hit ? <mark key={i}>{p.text}</mark> : p.text))}</>;
}
export function Marked({ words, causes, lang }: { words: string; causes: Cause[]; lang?: string | null }) {
    return (
        <p class="said full" lang={lang ?? ""}>
            {words ? <Pieces of={piecesOf(words, causes)} /> : t("answers.no_words")}
        </p>
    );
}
