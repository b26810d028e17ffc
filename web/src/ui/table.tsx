// A table of any length: only the rows in sight are there. It scrolls with the page; on phones a row is a card of two
// lines. j and k go from row to row, Enter opens; x chooses where rows can be chosen.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { compact } from "../lib/prefs";

export interface Column<T> {
    key: string;
    label: string;
    show(row: T): ComponentChildren;
    number?: boolean;
    sort?: string; // the field to sort by; the head becomes a button
    phone?: "title" | "side" | "under" | "hide";
    width?: string;
}
interface Props<T> {
    label: string; // says what it lists
    rows: T[];
    columns: Column<T>[];
    id(row: T): string | number;
    href?(row: T): string; // the first column becomes its link
    onOpen?(row: T): void;
    sort?: string; // "name" or "-name"
    onSort?(sort: string): void;
    more?: boolean; // there are rows after these
    onMore?(): void;
    busy?: boolean;
}
const phone = matchMedia("(max-width: 760px)");
const OVERSCAN = 12;

export function Table<T>(p: Props<T>) {
    const body = useRef<HTMLTableSectionElement>(null);
    const [seen, setSeen] = useState<[number, number]>([0, 60]);
    const [narrow, setNarrow] = useState(phone.matches);
    const [printing, setPrinting] = useState(false);
    const height = narrow ? 68 : compact.value ? 36 : 46;

    const look = () => {
        const top = body.current?.getBoundingClientRect().top ?? 0;
        const from = Math.max(0, Math.floor(-top / height) - OVERSCAN);
        const to = Math.min(p.rows.length, Math.ceil((innerHeight - top) / height) + OVERSCAN);
        setSeen(([a, b]) => (a === from && b === to ? [a, b] : [from, to]));
        if (p.more && !p.busy && to >= p.rows.length - 1) p.onMore?.();
    };
    useLayoutEffect(look, [p.rows, height, p.more, p.busy]);
    useEffect(() => {
        let due = 0;
        const soon = () => (due ||= requestAnimationFrame(() => ((due = 0), look())));
        const turned = () => setNarrow(phone.matches);
        const before = () => setPrinting(true);
        const after = () => setPrinting(false);
        addEventListener("scroll", soon, { passive: true });
        addEventListener("resize", soon);
        phone.addEventListener("change", turned);
        addEventListener("beforeprint", before);
        addEventListener("afterprint", after);
        return () => {
            cancelAnimationFrame(due);
            removeEventListener("scroll", soon);
            removeEventListener("resize", soon);
            phone.removeEventListener("change", turned);
            removeEventListener("beforeprint", before);
            removeEventListener("afterprint", after);
        };
    });

    // The focus is the row that j and k are at.
    const move = (by: number) => {
        const at = (document.activeElement?.closest("tr[data-row]") as HTMLElement | null)?.dataset.row;
        const first = Math.max(seen[0], Math.ceil(-(body.current?.getBoundingClientRect().top ?? 0) / height));
        const next = Math.max(0, Math.min(p.rows.length - 1, at === undefined ? first : Number(at) + by));
        const link = body.current?.querySelector<HTMLElement>(`tr[data-row="${next}"] .row-link`);
        link?.focus({ preventScroll: true });
        link?.closest("tr")?.scrollIntoView({ block: "nearest" });
    };
    useShortcuts([
        { keys: "j", label: t("keys.next"), group: t("keys.lists"), run: () => move(1) },
        { keys: "k", label: t("keys.previous"), group: t("keys.lists"), run: () => move(-1) },
    ], [p.rows, seen, height]);

    const [from, to] = printing ? [0, p.rows.length] : [Math.min(seen[0], p.rows.length), Math.min(seen[1], p.rows.length)];
    const sorted = (c: Column<T>) => (p.sort === c.sort ? "ascending" : p.sort === `-${c.sort}` ? "descending" : "none");
    return (
        <div class="table-box">
            <table class="virtual" aria-label={p.label} aria-rowcount={p.more ? -1 : p.rows.length + 1} aria-busy={p.busy}>
                <thead>
                    <tr>
                        {p.columns.map((c) => (
                            <th key={c.key} scope="col" class={c.number ? "number" : ""} style={c.width ? { width: c.width } : undefined} aria-sort={c.sort ? sorted(c) : undefined}>
                                {c.sort && p.onSort ? (
                                    <button class="sort" onClick={() => p.onSort!(p.sort === `-${c.sort}` || (p.sort !== c.sort && !c.number) ? c.sort! : `-${c.sort}`)}>
                                        {c.label}
                                        {sorted(c) !== "none" && <i aria-hidden="true">{sorted(c) === "ascending" ? "↑" : "↓"}</i>}
                                    </button>
                                ) : (
                                    c.label
                                )}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody ref={body}>
                    {from > 0 && <tr class="spacer" aria-hidden="true"><td colSpan={p.columns.length} style={{ height: `${from * height}px` }} /></tr>}
                    {p.rows.slice(from, to).map((row, i) => (
                        <tr key={p.id(row)} data-row={from + i} aria-rowindex={from + i + 2}>
                            {p.columns.map((c, k) => (
                                <td key={c.key} role={k ? undefined : "rowheader"} class={`${c.number ? "number " : ""}on-phone-${c.phone ?? "under"}`} data-label={c.label}>
                                    {k ? c.show(row) : p.href ? <a class="row-link" href={p.href(row)}>{c.show(row)}</a> : p.onOpen ? <button class="row-link link" onClick={() => p.onOpen!(row)}>{c.show(row)}</button> : c.show(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                    {to < p.rows.length && <tr class="spacer" aria-hidden="true"><td colSpan={p.columns.length} style={{ height: `${(p.rows.length - to) * height}px` }} /></tr>}
                </tbody>
            </table>
            {p.busy && p.more && <p class="muted" role="status">{t("state.loading")}</p>}
        </div>
    );
}
