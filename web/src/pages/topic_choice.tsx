// Words, and which topics they are about: digits choose, n says none, Enter answers, arrow keys go on and back.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { may } from "../lib/api";
import { t } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";

interface Props {
    group: string; // of the shortcuts
    words: string;
    head: ComponentChildren;
    title: string;
    options: { topic: number; text: string; more?: string }[];
    chosen: Set<number>;
    onChosen(x: Set<number>): void;
    at: number;
    of: number;
    busy: boolean;
    verb: string;
    other: string;
    onSay(topics: number[]): void;
    onOther(): void;
    onGo(to: number): void;
    foot?: ComponentChildren;
}
export const toggled = (x: Set<number>, id: number) => (x.has(id) ? new Set([...x].filter((y) => y !== id)) : new Set([...x, id]));

export function TopicChoice(p: Props) {
    const write = may("topics_write");
    const still = !write || p.busy;
    // Who types fast says the digit and Enter before the page is drawn anew.
    const chosen = useRef(p.chosen);
    chosen.current = p.chosen;
    const toggle = (id: number) => p.onChosen((chosen.current = toggled(chosen.current, id)));
    const say = () => chosen.current.size && !still && p.onSay([...chosen.current]);
    const none = () => still || p.onSay([]);
    const key = (keys: string, label: string, run: () => void) => ({ keys, label, group: p.group, run });
    useShortcuts(
        [
            ...(write ? [...p.options.slice(0, 9).map((o, i) => key(String(i + 1), o.text, () => toggle(o.topic))), key("n", t("topic.none_of"), none), key("o", p.other, p.onOther), key("Enter", p.verb, say)] : []),
            key("ArrowRight", t("topic.skip"), () => p.onGo(p.at + 1)),
            key("ArrowLeft", t("topic.before"), () => p.onGo(p.at - 1)),
        ],
        [p.options.length, p.at, p.chosen, p.busy],
    );
    const where = t("topic.question", { n: p.at + 1, of: p.of });
    return (
        <section class="panel asked" aria-label={where}>
            <p class="muted">{p.head}</p>
            <blockquote class="said full big" lang="">
                {p.words}
            </blockquote>
            <h2 id="asked">{p.title}</h2>
            <div class="row options" role="group" aria-labelledby="asked">
                {p.options.map((o, i) => (
                    <button key={o.topic} aria-pressed={p.chosen.has(o.topic)} disabled={!write} onClick={() => toggle(o.topic)}>
                        {i < 9 && <kbd aria-hidden="true">{i + 1}</kbd>} {o.text} {o.more && <small>{o.more}</small>}
                    </button>
                ))}
                <button class="quiet" disabled={!write} onClick={p.onOther}>
                    <kbd aria-hidden="true">o</kbd> {p.other}
                </button>
            </div>
            <p class="row no-print">
                <button class="primary" disabled={still || !p.chosen.size} title="Enter" onClick={say}>
                    {p.verb}
                </button>
                <button disabled={still} title="n" onClick={none}>
                    {t("topic.none_of")}
                </button>
                <button class="quiet" title="→" onClick={() => p.onGo(p.at + 1)}>
                    {t("topic.skip")}
                </button>
                {p.at > 0 && (
                    <button class="quiet" title="←" onClick={() => p.onGo(p.at - 1)}>
                        {t("topic.before")}
                    </button>
                )}
            </p>
            {p.foot}
            {!write && <p class="muted">{t("problem.denied")}</p>}
        </section>
    );
}
