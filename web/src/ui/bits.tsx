// Small things that every page needs in the same way.
import type { ComponentChildren } from "preact";
import { type Amount, ago, count, day, dayTime, decimal, money, t, tr } from "../lib/i18n";
import { query, place } from "../lib/router";

export function PageHead({ title, text, children }: { title: ComponentChildren; text?: ComponentChildren; children?: ComponentChildren }) {
    return (
        <div class="page-head">
            <div>
                <h1 tabIndex={-1}>{title}</h1>
                {text && <p>{text}</p>}
            </div>
            {children && <div class="row no-print">{children}</div>}
        </div>
    );
}
export function Tabs({ name = "tab", tabs, label }: { name?: string; tabs: [string, string][]; label: string }) {
    const now = query(name) || tabs[0]![0];
    const to = (tab: string) => {
        const q = new URLSearchParams(place.value.query);
        tab === tabs[0]![0] ? q.delete(name) : q.set(name, tab);
        const text = q.toString();
        return place.value.path + (text ? `?${text}` : "");
    };
    return (
        <nav class="tabs" aria-label={label}>
            {tabs.map(([tab, text]) => (
                <a key={tab} href={to(tab)} aria-current={tab === now ? "page" : undefined}>
                    {text}
                </a>
            ))}
        </nav>
    );
}
export function When({ at, full }: { at: string | null | undefined; full?: boolean }) {
    if (!at) return <span class="muted">–</span>;
    return (
        <time dateTime={at} title={dayTime(at)}>
            {full ? dayTime(at) : ago(at)}
        </time>
    );
}
export const Day = ({ at }: { at: string | null | undefined }) =>
    at ? (
        <time dateTime={at} title={dayTime(at)}>
            {day(at)}
        </time>
    ) : (
        <span class="muted">–</span>
    );
export const Money = ({ of, none = "–" }: { of: Amount | null | undefined; none?: string }) => (of && of.value ? <>{money(of)}</> : <span class="muted">{none}</span>);
export const N = ({ of }: { of: number }) => <>{count(of)}</>;

const most: Record<string, number> = { nps: 10, csat5: 5, ces7: 7, stars5: 5, csat3: 3, csat7: 7, ces5: 5, scale100: 100, likert5: 5, csat4: 4 };
export function scoreText(score: number, instrument?: string | null): string {
    if (instrument === "thumbs") return score ? t("score.good") : t("score.bad");
    const top = instrument ? most[instrument] : undefined;
    const n = Number.isInteger(score) ? count(score) : decimal(score, 1);
    return top ? t("score.of", { n, most: top }) : n;
}
export const instrumentName = (i?: string | null) => (i ? tr(`instrument.${i}`, i) : "");
export const channelName = (c: string) => tr(`channel.${c}`, c);
export const kindName = (k: string) => tr(`kind.${k}`, k.replace(/_/g, " "));
export function Score({ score, instrument }: { score: number | null | undefined; instrument?: string | null }) {
    if (score == null) return <span class="muted">–</span>;
    return (
        <span title={instrumentName(instrument)}>
            <span class="score">{scoreText(score, instrument)}</span> <small>{instrumentName(instrument)}</small>
        </span>
    );
}
const moodGlyph: Record<string, string> = { unhappy: "☹", neither: "○", happy: "☺" };
export const Mood = ({ of }: { of?: string | null }) =>
    of ? (
        <span class={`tag ${{ unhappy: "bad", happy: "good" }[of] ?? ""}`}>
            <span aria-hidden="true">{moodGlyph[of]}</span> {tr(`mood.${of}`, of)}
        </span>
    ) : null;

// The head of a table; columns of numbers are named.
export function Heads({ of, numbers = [] }: { of: ComponentChildren[]; numbers?: number[] }) {
    return (
        <thead>
            <tr>
                {of.map((text, i) => (
                    <th key={i} scope="col" class={numbers.includes(i) ? "number" : undefined}>
                        {text}
                    </th>
                ))}
            </tr>
        </thead>
    );
}
// A table of some rows; on phones each is a card.
export function Stack({ name, heads, numbers, children }: { name: string; heads: ComponentChildren[]; numbers?: number[]; children: ComponentChildren }) {
    return (
        <table class="stack" aria-label={name}>
            <Heads of={heads} numbers={numbers} />
            <tbody>{children}</tbody>
        </table>
    );
}
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
    return (
        <dl class="facts">
            {rows
                .filter(([, v]) => v != null && v !== "" && v !== false)
                .map(([k, v]) => (
                    <div key={k}>
                        <dt>{k}</dt>
                        <dd>{v}</dd>
                    </div>
                ))}
        </dl>
    );
}
