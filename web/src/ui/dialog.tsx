// Dialogs and menus on the elements that browsers have for them: they keep the focus, close by Esc, and give it back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { Icon } from "./icon";

interface Props {
    title: string;
    onClose(): void;
    wide?: boolean;
    side?: boolean; // at the edge of the page, full height
    children: ComponentChildren;
}
export function Dialog({ title, onClose, wide, side, children }: Props) {
    const ref = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const d = ref.current!;
        const from = document.activeElement as HTMLElement | null;
        d.showModal();
        // Whoever is asked something can answer at once.
        d.querySelector<HTMLElement>("form :is(input, textarea, select), input[type=search], [role=combobox]")?.focus();
        return () => {
            d.close();
            if (from?.isConnected) from.focus({ preventScroll: true });
        };
    }, []);
    return (
        <dialog
            ref={ref}
            class={[wide && "wide-dialog", side && "side-dialog"].filter(Boolean).join(" ")}
            aria-labelledby={id}
            onCancel={(e) => (e.preventDefault(), onClose())}
            onMouseDown={(e) => e.target === ref.current && onClose()}
        >
            <div class="dialog-box">
                <header>
                    <h2 id={id}>{title}</h2>
                    <button class="quiet icon-button" aria-label={t("act.close")} onClick={onClose}>
                        <Icon name="close" />
                    </button>
                </header>
                {children}
            </div>
        </dialog>
    );
}

// A button and what it opens beneath it.
export function Menu({ label, title, children, class: name }: { label: ComponentChildren; title?: string; children: (close: () => void) => ComponentChildren; class?: string }) {
    const id = useId().replace(/\W/g, "");
    const button = useRef<HTMLButtonElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const [open, setOpen] = useState(false);
    const place = () => {
        const b = button.current!.getBoundingClientRect();
        const m = box.current!;
        const { offsetWidth: w, offsetHeight: h } = m;
        m.style.left = `${Math.max(8, Math.min(innerWidth - w - 8, document.dir === "rtl" ? b.right - w : b.left))}px`;
        m.style.top = `${b.bottom + h + 8 > innerHeight && b.top > h ? b.top - h - 4 : b.bottom + 4}px`;
    };
    return (
        <>
            <button ref={button} class={name} title={title} aria-label={title} popovertarget={id} aria-expanded={open} aria-haspopup="true">
                {label}
            </button>
            <div
                ref={box}
                id={id}
                popover="auto"
                class="menu"
                onToggle={(e) => {
                    const now = (e as unknown as ToggleEvent).newState === "open";
                    setOpen(now);
                    if (now) place(), requestAnimationFrame(() => box.current?.querySelector<HTMLElement>("a,button,input,select")?.focus());
                }}
                onKeyDown={(e) => {
                    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
                    const all = [...box.current!.querySelectorAll<HTMLElement>("a,button")];
                    const at = all.indexOf(document.activeElement as HTMLElement);
                    all[(at + (e.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]?.focus();
                    e.preventDefault();
                }}
            >
                {open && children(() => box.current?.hidePopover())}
            </div>
        </>
    );
}

// Asking before what cannot be taken back: says what happens, and the verb stands on the button.
export function Confirm({ title, text, verb, danger = true, onYes, onClose, children }: { title: string; text: string; verb: string; danger?: boolean; onYes(): void | Promise<void>; onClose(): void; children?: ComponentChildren }) {
    const [busy, setBusy] = useState(false);
    return (
        <Dialog title={title} onClose={onClose}>
            <p>{text}</p>
            {children}
            <p class="row end">
                <button class="quiet" onClick={onClose}>
                    {t("act.cancel")}
                </button>
                <button
                    class={danger ? "danger" : "primary"}
                    disabled={busy}
                    onClick={async () => {
                        setBusy(true);
                        try {
                            await onYes();
                        } finally {
                            setBusy(false);
                        }
                    }}
                >
                    {verb}
                </button>
            </p>
        </Dialog>
    );
}
