// What the widget keeps in this browser, and how it sends: a number for the browser, peace after "not now", and what
// could not be sent yet. No cookies; where the browser keeps nothing, the page's memory must do.
export interface Said {
    id: string;
    [field: string]: unknown;
}
interface Kept {
    v?: string; // number of this browser
    u?: string; // the user of the last time
    n?: number; // do not ask the server before then
    s?: { name: string; button: boolean; privacy: string | null }; // what the server said of the site
    q?: Said[]; // not sent yet
}
const NAME = "heed.widget";
const MOST = 20;
let memory: Kept = {};

export function kept(): Kept {
    try {
        return JSON.parse(localStorage.getItem(NAME) ?? "{}") as Kept;
    } catch {
        return memory;
    }
}
export function keep(change: Kept): void {
    memory = { ...kept(), ...change };
    try {
        localStorage.setItem(NAME, JSON.stringify(memory));
    } catch {
        // The page's memory has it.
    }
}
export const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (x) => x.toString(16).padStart(2, "0")).join("");

// text/plain, so that no browser asks for permission first. undefined: nobody answered; null: nothing was said, or no.
export async function post<T>(url: string, body: unknown): Promise<T | null | undefined> {
    try {
        const r = await fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "text/plain" }, credentials: "omit", keepalive: true, referrerPolicy: "origin" });
        if (r.status === 429 || r.status >= 500) return undefined;
        return r.ok && r.status !== 204 ? ((await r.json()) as T) : null;
    } catch {
        return undefined;
    }
}

// Sends what waits, the oldest first. What is refused would be refused again; the server knows each by its id, so that
// two pages that send the same do no harm.
let busy = false;
export async function flush(url: string): Promise<void> {
    if (busy) return;
    busy = true;
    for (let next = kept().q?.[0]; next; next = kept().q?.[0]) {
        if ((await post(url, next)) === undefined) break;
        const { id } = next;
        keep({ q: kept().q?.filter((x) => x.id !== id) });
    }
    busy = false;
}
export const later = (said: Said) => keep({ q: [...(kept().q ?? []), said].slice(-MOST) });
