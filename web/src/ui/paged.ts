// A list that is read a page at a time, as far as somebody scrolls.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Page, type Problem, problemOf } from "../lib/api";
import { type Topic } from "../lib/live";
import { type UseLoad, useLoad } from "../lib/load";

export interface Paged<T> {
    rows: T[];
    more: boolean;
    busy: boolean;
    problem?: Problem;
    first: UseLoad<{ rows: T[]; next: string | null }>;
    onMore(): void;
    again(): void; // after it failed
}
export function usePaged<T>(key: string, load: (after: string | undefined, by: AbortSignal) => Promise<Page<T>>, topics: Topic[] = []): Paged<T> {
    const first = useLoad<{ rows: T[]; next: string | null }>(key, async (by) => {
        const p = await load(undefined, by);
        return { rows: p.items, next: p.next };
    }, topics, true);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<Problem>();
    const stop = useRef<AbortController | undefined>(undefined);
    useEffect(() => () => stop.current?.abort(), [key]);
    const ask = () => {
        const at = first.data;
        if (!at?.next || busy) return;
        setBusy(true);
        setProblem(undefined);
        const by = (stop.current = new AbortController()).signal;
        load(at.next, by)
            .then((p) => first.set({ rows: [...at.rows, ...p.items], next: p.next }))
            .catch((x) => by.aborted || setProblem(problemOf(x)))
            .finally(() => setBusy(false));
    };
    // A table asks by itself as it is scrolled, and not again for what failed.
    const onMore = useCallback(() => void (problem || ask()), [key, first.data, busy, problem]);
    return { rows: first.data?.rows ?? [], more: !!first.data?.next, busy, problem, first, onMore, again: ask };
}
