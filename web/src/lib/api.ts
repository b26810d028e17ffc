// Asking the server. Reading is tried again when the line is bad; a change carries the session's token, and the version
// it was made from (If-Match), so that two people never overwrite each other unseen. A refusal is a Problem.
import { signal } from "@preact/signals";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d";

export type Shapes = components["schemas"];
export type Page<T> = { items: T[]; next: string | null };

export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        readonly field?: string,
    ) {
        super(message);
    }
    get offline() {
        return this.status === 0;
    }
    get changed() {
        return this.status === 412;
    }
}

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? "";
export const csrf = meta("csrf");
export const me = JSON.parse(meta("me") || "{}") as { id: number; name: string; role: string; needs: string[] };
export const may = (need: string | undefined) => !need || need === "nothing" || me.needs.includes(need);

// Whether the server was out of reach when it was asked last.
export const offline = signal(false);

const wait = (ms: number, by?: AbortSignal | null) =>
    new Promise<void>((done, stop) => {
        const timer = setTimeout(done, ms);
        by?.addEventListener("abort", () => (clearTimeout(timer), stop(by.reason)), { once: true });
    });
const passing = new Set([429, 502, 503, 504]);

async function ask(request: Request): Promise<Response> {
    const reads = request.method === "GET";
    if (!reads) request.headers.set("X-CSRF-Token", csrf);
    for (let attempt = 0; ; attempt++) {
        try {
            // ETags of the API name the version of what can be edited, not all that an answer says: nothing is kept.
            const r = await fetch(reads ? request.clone() : request, { cache: "no-store" });
            offline.value = false;
            if (r.status === 401) {
                location.assign(`/signin?next=${encodeURIComponent(location.pathname + location.search)}`);
                await new Promise(() => {}); // the page is left
            }
            if (!reads || !passing.has(r.status) || attempt >= 3) return r;
            await wait(Math.min(8000, 1000 * Number(r.headers.get("retry-after") ?? 2 ** attempt)), request.signal);
        } catch (x) {
            if (request.signal.aborted) throw x;
            if (!reads || attempt >= 2) {
                offline.value = true;
                throw new Problem(0, "offline", "offline");
            }
            await wait(300 * 3 ** attempt, request.signal);
        }
    }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: ask });

// Answers that take long to make are given as they were made last: how many seconds ago that was, where it was not now.
const ages = new WeakMap<object, number>();
export function ageOf(data: unknown): number {
    if (typeof data !== "object" || !data) return 0;
    return Math.max(ages.get(data) ?? 0, ...Object.values(data).map((x) => (typeof x === "object" && x ? (ages.get(x) ?? 0) : 0)));
}

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;
export async function take<T>(answer: Answer<T>): Promise<T> {
    const { data, error, response } = await answer;
    if (response.ok) {
        const age = Number(response.headers.get("age"));
        if (age && data) ages.set(data, age);
        return data as T;
    }
    const p = (typeof error === "object" && error ? error : {}) as { code?: string; detail?: string; field?: string };
    throw new Problem(response.status, p.code ?? "error", p.detail ?? response.statusText, p.field);
}
export const ifMatch = (version: number) => ({ "If-Match": `"${version}"` });
export const problemOf = (x: unknown) => (x instanceof Problem ? x : new Problem(-1, "error", x instanceof Error ? x.message : String(x)));
