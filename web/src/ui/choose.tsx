// Choosing by typing: a field, and beneath it what fits. Arrow keys and Enter; several can be chosen where `chosen` is
// given; words of one's own where `free` is.
import { useState } from "preact/hooks";
import { compareWords } from "../lib/i18n";
import { Combo } from "./combo";
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
    const words = text.trim().toLocaleLowerCase();
    const fitting = words ? options.filter((o) => o.text.toLocaleLowerCase().includes(words)) : options;
    const own = words && free && !fitting.some((o) => !compareWords(o.text, text.trim())) ? free(text.trim()) : null;
    const hits = [...fitting.slice(0, 40), ...(own ? [own] : [])];
    const pick = (o?: Option) => {
        if (!o) return;
        onPick(o);
        if (!chosen) onClose();
        else setText("");
    };
    return (
        <Dialog title={title} onClose={onClose}>
            <div class="palette-part">
                <Combo
                    id="choose"
                    label={label}
                    text={text}
                    hits={hits}
                    busy={busy}
                    list="choices"
                    several={!!chosen}
                    onText={setText}
                    onPick={pick}
                    name={(o) => o.text}
                    selected={chosen && ((o) => chosen.includes(o.id))}
                    row={(o) => (
                        <>
                            {chosen && <span aria-hidden="true">{chosen.includes(o.id) ? "✓" : ""}</span>}
                            <span>{o.text}</span>
                            {o.about && <span class="muted">{o.about}</span>}
                        </>
                    )}
                />
            </div>
        </Dialog>
    );
}
