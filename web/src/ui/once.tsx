// Something that is shown this once: a link, a key, a secret.
import { useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Dialog } from "./dialog";

export function Once({ title, text, secret, onClose }: { title: string; text: string; secret: string; onClose(): void }) {
    return (
        <Dialog title={title} onClose={onClose}>
            <p>{text}</p>
            <Copy text={secret} />
            <p class="row end">
                <button onClick={onClose}>{t("act.close")}</button>
            </p>
        </Dialog>
    );
}
export function Copy({ text, label }: { text: string; label?: string }) {
    const input = useRef<HTMLInputElement>(null);
    const [done, setDone] = useState(false);
    const copy = async () => {
        input.current!.select();
        try {
            await navigator.clipboard.writeText(text);
            setDone(true);
        } catch {
            /* it is selected: Ctrl C does it */
        }
    };
    return (
        <div class="row copy">
            <code class="print-only">{text}</code>
            <input ref={input} class="no-print" readOnly value={text} aria-label={label ?? t("act.copy")} style={{ flex: "1 1 220px" }} />
            <button class="primary" onClick={() => void copy()}>
                {done ? t("act.copied") : t("act.copy")}
            </button>
        </div>
    );
}
