// What a page shows, kept by a key: unknown, known, or failed. What was seen before is shown at once and read anew.
import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ageOf, Problem, problemOf } from "./api";
import { type Topic, hear } from "./live";

export interface Loaded<T> {
    data?: T; // undefined: not known yet
    problem?: Problem;
    busy: boolean;
    at: number; // when it was read
    asOf?: number; // when what it says was so, where that was before
    news: number; // how often something happened since, that is not shown yet
}
interface Entry {
    state: Signal<Loaded<unknown>>;
    stop?: AbortController;
    again?(): void; // of whoever shows it
    users: number;
}
const entries = new Map<string, Entry>();
const MOST = 200;

function entryOf(key: string): Entry {
    let e = entries.get(key);
    if (!e) {
        entries.set(key, (e = { state: signal<Loaded<unknown>>({ busy: true, at: 0, news: 0 }), users: 0 }));
        for (const [k, old] of entries) if (entries.size > MOST && !old.users && k !== key) entries.delete(k);
    }
    return e;
}

async function read<T>(e: Entry, load: (by: AbortSignal) => Promise<T>): Promise<void> {
    e.stop?.abort();
    const stop = (e.stop = new AbortController());
    e.state.value = { ...e.state.value, busy: true };
    try {
        const data = await load(stop.signal);
        const age = ageOf(data);
        if (!stop.signal.aborted) e.state.value = { data, busy: false, at: Date.now(), news: 0, asOf: age ? Date.now() - 1000 * age : undefined };
    } catch (x) {
        if (!stop.signal.aborted) e.state.value = { ...e.state.value, problem: problemOf(x), busy: false };
    }
}

export interface UseLoad<T> extends Loaded<T> {
    again(): void;
    set(data: T): void;
}
// topics: read anew when they are told of; with `pill`, only counted, so that a list never jumps under the reader.
export function useLoad<T>(key: string, load: (by: AbortSignal) => Promise<T>, topics: Topic[] = [], pill = false): UseLoad<T> {
    const e = entryOf(key);
    useEffect(() => {
        e.users++;
        e.again = () => void read(e, load);
        void read(e, load);
        let later: ReturnType<typeof setTimeout> | undefined;
        const off = hear((topic) => {
            // What was older than what is true is read anew when it was made anew.
            const anew = topic === "figures" && e.state.peek().asOf !== undefined;
            if (!anew && !topics.includes(topic)) return;
            if (pill && !anew) e.state.value = { ...e.state.value, news: e.state.value.news + 1 };
            // A storm of events is one read every few seconds.
            else later ??= setTimeout(() => ((later = undefined), void read(e, load)), Math.max(400, e.state.peek().at + 3000 - Date.now()));
        });
        return () => {
            off();
            clearTimeout(later);
            if (!--e.users && e.state.peek().busy) {
                e.stop?.abort();
                if (e.state.peek().data === undefined) entries.delete(key);
            }
        };
    }, [key]);
    const state = e.state.value as Loaded<T>;
    return { ...state, again: () => void read(e, load), set: (data) => (e.state.value = { ...e.state.value, data, problem: undefined }) };
}
// What was changed here is read anew by whoever shows it.
export function forget(prefix: string): void {
    for (const [k, e] of entries) {
        if (!k.startsWith(prefix)) continue;
        if (e.users) e.again?.();
        else entries.delete(k);
    }
}
