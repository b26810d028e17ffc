// Lists that are read a page at a time: the four states, the rows, and below them the button that reads more.
import type { ComponentChildren } from "preact";
import { t } from "../lib/i18n";
import type { Paged } from "./paged";
import { Failed, Show } from "./states";

export function More({ of, older }: { of: Pick<Paged<unknown>, "more" | "busy" | "problem" | "onMore" | "again">; older?: boolean }) {
    return (
        <>
            {of.more && !of.problem && (
                <button class="no-print" disabled={of.busy} onClick={of.onMore}>
                    {t(older ? "act.older" : "act.more")}
                </button>
            )}
            {of.problem && <Failed problem={of.problem} again={of.again} />}
        </>
    );
}
interface Props<T> {
    of: Paged<T>;
    empty: ComponentChildren;
    lines?: number;
    older?: boolean; // what comes after is older
    children(rows: T[]): ComponentChildren;
}
export function Listed<T>({ of, empty, lines, older, children }: Props<T>) {
    return (
        <Show of={of.first} lines={lines} empty={(d) => (d.rows.length ? null : empty)}>
            {(d) => (
                <>
                    {children(d.rows)}
                    <More of={of} older={older} />
                </>
            )}
        </Show>
    );
}
