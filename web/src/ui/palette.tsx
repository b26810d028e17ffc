// Search and commands: a combobox whose list is told to page readers, the top hit first and the count after it.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, may, take } from "../lib/api";
import { compareWords, t } from "../lib/i18n";
import { allShortcuts } from "../lib/keys";
import { setTheme } from "../lib/prefs";
import { helpOpen, paletteOpen, recent } from "../lib/recent";
import { go } from "../lib/router";
import { linkOf, pages } from "../pages";
import { parts } from "../pages/settings/parts";
import { Combo } from "./combo";

interface Hit { id: string; text: string; about?: string; keys?: string; run(): void }

function commands(): Hit[] {
    const keysOf = (label: string) => allShortcuts().find((s) => s.label === label)?.keys;
    const nav: Hit[] = pages.filter((p) => p.nav && may(p.need)).map((p) => ({ id: p.path, text: t(p.title), about: t("palette.page"), keys: `g ${p.nav!.key}`, run: () => go(linkOf(p)) }));
    const settings: Hit[] = parts.filter((p) => may(p.need)).map((p) => ({ id: `s${p.name}`, text: t(p.title), about: t("nav.settings"), run: () => go(`/settings/${p.name}`) }));
    const more: Hit[] = [
        ...(may("customers_write") ? [{ id: "new-promise", text: t("promise.new"), about: t("palette.do"), keys: keysOf(t("promise.new")), run: () => go("/commitments?new=1") }] : []),
        ...(may("concede") ? [{ id: "signatures", text: t("line.signatures"), about: t("nav.promises"), run: () => go("/commitments?tab=signatures") }] : []),
        ...(may("settings_write") ? [{ id: "new-standard", text: t("std.new"), about: t("palette.do"), keys: keysOf(t("std.new")), run: () => go("/commitments?tab=standards&new=standard") }] : []),
        ...(may("segments_write") ? [{ id: "new-segment", text: t("segment.new"), about: t("palette.do"), run: () => go("/segments?new=1") }] : []),
        ...(may("sources_write") ? [{ id: "import", text: t("import.new"), about: t("palette.do"), run: () => go("/settings/imports?new=1") }] : []),
        { id: "light", text: t("theme.light"), about: t("palette.do"), run: () => setTheme("light") },
        { id: "dark", text: t("theme.dark"), about: t("palette.do"), run: () => setTheme("dark") },
        { id: "print", text: t("act.print"), about: t("palette.do"), run: () => print() },
        { id: "help", text: t("nav.help"), about: t("palette.do"), keys: "?", run: () => (helpOpen.value = true) },
    ];
    return [...nav, ...more, ...settings];
}
// Every word of the query begins a word of the text, or stands in it.
function score(text: string, words: string[]): number {
    const low = text.toLocaleLowerCase();
    let sum = 0;
    for (const w of words) {
        const at = low.indexOf(w);
        if (at < 0) return 0;
        sum += at === 0 ? 3 : /\W/.test(low[at - 1]!) ? 2 : 1;
    }
    return sum;
}

export default function Palette() {
    const dialog = useRef<HTMLDialogElement>(null);
    const [text, setText] = useState("");
    const [people, setPeople] = useState<{ of: string; hits: Hit[] }>({ of: "", hits: [] });
    const entered = useRef(false);
    const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const close = () => (paletteOpen.value = false);
    useEffect(() => dialog.current!.showModal(), []);
    const asked = may("customers_read") && text.trim().length > 1 ? text.trim() : "";
    const waiting = asked !== "" && people.of !== asked;
    useEffect(() => {
        if (!asked) return;
        const stop = new AbortController();
        const found = (hits: Hit[]) => stop.signal.aborted || setPeople({ of: asked, hits });
        const timer = setTimeout(() => {
            take(api.GET("/api/customers", { params: { query: { q: asked, limit: 8 } }, signal: stop.signal })).then(
                (d) => found(d.items.map((c) => ({ id: `c${c.id}`, text: c.name, about: c.known_by || t("nav.customers"), run: () => go(`/customers/${c.id}`) }))),
                () => found([]),
            );
        }, 150);
        return () => (clearTimeout(timer), stop.abort());
    }, [asked]);

    const fitting: Hit[] = words.length
        ? commands().map((h) => ({ h, s: score(`${h.text} ${h.about}`, words) })).filter((x) => x.s).sort((a, b) => b.s - a.s || compareWords(a.h.text, b.h.text)).map((x) => x.h)
        : [...recent().map((r) => ({ id: `r${r.to}`, text: r.text, about: t("palette.recent"), run: () => go(r.to) })), ...commands()];
    // Whatever it is, customers may have said it: the last of the list.
    const said: Hit[] = asked ? [{ id: "said", text: t("search.palette", { words: asked }), about: t("nav.answers"), run: () => go(`/answers?q=${encodeURIComponent(asked)}`) }] : [];
    const hits = [...fitting.slice(0, words.length ? 6 : 16), ...(asked && !waiting ? [...people.hits, ...said] : [])];
    const run = (h?: Hit) => (h ? (close(), h.run()) : (entered.current = waiting));
    // Who types a name and Enter at once means the customer, not whatever is listed until the customers are there.
    useEffect(() => {
        if (entered.current && !waiting) run(hits[0]);
    }, [waiting]);
    return (
        <dialog ref={dialog} class="palette" aria-label={t("nav.search")} onCancel={(e) => (e.preventDefault(), close())} onMouseDown={(e) => e.target === dialog.current && close()}>
            <div class="dialog-box">
                <Combo
                    id="palette"
                    label={t("palette.label")}
                    text={text}
                    hits={hits}
                    busy={waiting}
                    onText={(x) => ((entered.current = false), setText(x))}
                    onPick={run}
                    name={(h) => h.text}
                    row={(h) => (
                        <>
                            <span>{h.text}</span>
                            <span class="muted">{h.about}</span>
                            {h.keys && <kbd>{h.keys}</kbd>}
                        </>
                    )}
                />
            </div>
        </dialog>
    );
}
