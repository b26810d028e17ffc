// Beside words of a customer: how they sound and in which language, where the source said none, and why; the dialog is
// fetched when it is opened, and shows each part of the text with the words that say so, and lets a person correct it.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { Shapes } from "../lib/api";
import { lang as mine, languageName, t } from "../lib/i18n";
import { Mood } from "./bits";

type Props = { feedback: number; name?: string; onClose(): void };
const dialog = signal<ComponentType<Props> | null>(null);

export function WordsWhy({ feedback, name }: { feedback: number; name?: string }) {
    const [open, setOpen] = useState(false);
    const View = dialog.value;
    const show = () => {
        void import("./words_dialog").then((m) => (dialog.value = m.default));
        setOpen(true);
    };
    return (
        <>
            <button class="link no-print" aria-haspopup="dialog" onClick={show}>
                {t("meaning.why")}
                {name && <span class="hidden"> {name}</span>}
            </button>
            {open && View && <View feedback={feedback} name={name} onClose={() => setOpen(false)} />}
        </>
    );
}
// As heed read them: what the source said itself is not said again.
export function Heard({ of, lang, scored, name }: { of: Shapes["heard"] | null | undefined; lang?: string | null; scored?: boolean; name?: string }) {
    if (!of) return null;
    return (
        <span class="row heard">
            {!scored && of.felt && (
                <span title={t("meaning.by_heed")}>
                    <Mood of={of.felt} />
                </span>
            )}
            {!lang && of.language && of.language !== mine && (
                <small class="muted" title={t("meaning.by_heed")}>
                    {languageName(of.language)}
                </small>
            )}
            <WordsWhy feedback={of.feedback} name={name} />
        </span>
    );
}
