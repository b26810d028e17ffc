// Shortcuts. Letters alone can be switched off (WCAG 2.1.4), rest while somebody types, and while a dialog is open.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Shortcut {
    keys: string; // "j", "g c", "Shift+x", "Ctrl+k"
    label: string;
    group: string;
    run(e: KeyboardEvent): void;
}
const known = new Set<Shortcut>();
export const lettersOn = signal(localStorage.getItem("heed.letters") !== "off");
export function setLetters(on: boolean): void {
    lettersOn.value = on;
    localStorage.setItem("heed.letters", on ? "on" : "off");
}
export const allShortcuts = () => [...known];
export function addShortcuts(list: Shortcut[]): () => void {
    list.forEach((s) => known.add(s));
    return () => list.forEach((s) => known.delete(s));
}
export function useShortcuts(list: Shortcut[], deps: unknown[] = []): void {
    useEffect(() => addShortcuts(list), deps);
}

const typing = (e: Element | null) => !!e?.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");
const nameOf = (e: KeyboardEvent) => {
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    const shift = e.shiftKey && /^[a-z]$|^.{2,}$/.test(key) ? "Shift+" : "";
    return (e.ctrlKey || e.metaKey ? "Ctrl+" : "") + shift + (key === " " ? "Space" : key);
};

export function startKeys(): void {
    let first = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    document.addEventListener("keydown", (e) => {
        if (e.defaultPrevented || e.altKey || e.isComposing) return;
        const name = nameOf(e);
        const chord = name.startsWith("Ctrl+");
        if (!chord && (typing(e.target as Element) || document.querySelector("dialog[open]"))) return;
        const single = name.length === 1 || name.startsWith("Shift+") || first;
        if (single && !lettersOn.value) return;
        const full = first ? `${first} ${name}` : name;
        const all = [...known].reverse(); // the newest, which is the page's own, wins
        const hit = all.find((s) => s.keys === full);
        clearTimeout(timer);
        first = "";
        if (hit) {
            e.preventDefault();
            hit.run(e);
        } else if (all.some((s) => s.keys.startsWith(`${full} `))) {
            first = full;
            timer = setTimeout(() => (first = ""), 1500);
        }
    });
}
