// Choosing by typing: a field, and beneath it what fits. Arrow keys and Enter; several can be chosen where `chosen` is
// given; words of one's own where `free` is.
import { useState } from "preact/hooks";
import { compareWords, t, tn } from "../lib/i18n";
import { Dialog } from "./dialog";

export interface Option { id: string; text: string; about?: string }
interface Props {
    title: string;
    label: string;
    options: Option[];
    busy?: boolean;
    chosen?: string[]; // those that hold now: choosing one of them takes it away, and the dialog stays
    free?(text: string): Option | null; // what else the words may mean
    onPick(o: Option): void;
    onClose(): void;
}
export function Choose({ title, label, options, busy, chosen, free, onPick, onClose }: Props) {
    const [text, setText] = useState("");
    const [at, setAt] = useState(0);
    const words = text.trim().toLocaleLowerCase();
    const fitting = words ? options.filter((o) => o.text.toLocaleLowerCase().includes(words)) : options;
    const own = words && free && !fitting.some((o) => !compareWords(o.text, text.trim())) ? free(text.trim()) : null;
    const hits = [...fitting.slice(0, 40), ...(own ? [own] : [])];
    const now = Math.min(at, Math.max(0, hits.length - 1));
    const pick = (o?: Option) => {
        if (!o) return;
        onPick(o);
        if (!chosen) onClose();
        else setText("");
    };
    return (
        <Dialog title={title} onClose={onClose}>
            <div class="palette-part">
                <input
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="choose-list"
                    aria-autocomplete="list"
                    aria-activedescendant={hits[now] ? `choose-${now}` : undefined}
                    aria-label={label}
                    placeholder={label}
                    autocomplete="off"
                    value={text}
                    onInput={(e) => (setText(e.currentTarget.value), setAt(0))}
                    onKeyDown={(e) => {
                        const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
                        if (by) setAt((now + by + hits.length) % Math.max(1, hits.length)), e.preventDefault();
                        if (e.key === "Enter") pick(hits[now]), e.preventDefault();
                    }}
                />
                <p class="hidden" role="status">
                    {busy ? t("state.loading") : hits[now] ? `${hits[now]!.text}. ${tn("palette.hits", hits.length)}` : t("palette.none")}
                </p>
                <ul id="choose-list" class="choices" role="listbox" aria-label={label} aria-multiselectable={chosen ? true : undefined}>
                    {hits.map((o, i) => (
                        <li key={o.id} id={`choose-${i}`} role="option" class={i === now ? "now" : ""} aria-selected={chosen ? chosen.includes(o.id) : i === now} onMouseMove={() => setAt(i)} onClick={() => pick(o)}>
                            {chosen && <span aria-hidden="true">{chosen.includes(o.id) ? "✓" : ""}</span>}
                            <span>{o.text}</span>
                            {o.about && <span class="muted">{o.about}</span>}
                        </li>
                    ))}
                </ul>
                {!hits.length && !busy && <p class="muted pad">{t("palette.none")}</p>}
            </div>
        </Dialog>
    );
}
