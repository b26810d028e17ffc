// A field, and beneath it what fits: typing narrows it, arrow keys walk, Enter takes. What is at hand is announced.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t, tn } from "../lib/i18n";

interface Props<T> {
    id: string;
    label: string;
    text: string;
    hits: T[];
    busy?: boolean;
    list?: string; // class of the list
    several?: boolean;
    onText(text: string): void;
    onPick(hit?: T): void;
    name(hit: T): string;
    selected?(hit: T): boolean; // unless it is the one at hand
    row(hit: T): ComponentChildren;
}
export function Combo<T extends { id: string }>({ id, label, text, hits, busy, list, several, onText, onPick, name, selected, row }: Props<T>) {
    const [at, setAt] = useState(0);
    const now = Math.min(at, Math.max(0, hits.length - 1));
    const hit = hits[now];
    return (
        <>
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls={`${id}-list`}
                aria-autocomplete="list"
                aria-activedescendant={hit ? `${id}-${now}` : undefined}
                aria-label={label}
                placeholder={label}
                autocomplete="off"
                value={text}
                onInput={(e) => (onText(e.currentTarget.value), setAt(0))}
                onKeyDown={(e) => {
                    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
                    if (by) setAt((now + by + hits.length) % Math.max(1, hits.length)), e.preventDefault();
                    if (e.key === "Enter") onPick(hit), e.preventDefault();
                }}
            />
            <p class="hidden" role="status">
                {busy ? t("state.loading") : hit ? `${name(hit)}. ${tn("palette.hits", hits.length)}` : t("palette.none")}
            </p>
            <ul id={`${id}-list`} class={list} role="listbox" aria-label={label} aria-multiselectable={several || undefined}>
                {hits.map((h, i) => (
                    <li key={h.id} id={`${id}-${i}`} role="option" class={i === now ? "now" : undefined} aria-selected={selected ? selected(h) : i === now} onMouseMove={() => setAt(i)} onClick={() => onPick(h)}>
                        {row(h)}
                    </li>
                ))}
            </ul>
            {!hits.length && !busy && <p class="muted pad">{t("palette.none")}</p>}
        </>
    );
}
