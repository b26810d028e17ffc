// The address is the state: filters, tabs and periods stand in it, so that every view can be linked and the back button
// works. Links are plain <a href>; those to pages of the app do not load anew.
import { computed, signal } from "@preact/signals";

export interface Place { path: string; query: URLSearchParams; key: number }
let steps = 0;
const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search), key: ++steps });
export const place = signal<Place>(read());
export const path = computed(() => place.value.path);

// Asked before a page is left; false keeps it (something is not saved).
const guards = new Set<() => boolean>();
export function guard(ask: () => boolean): () => void {
    guards.add(ask);
    return () => guards.delete(ask);
}
const free = () => [...guards].every((ask) => ask());

const keepScroll = () => history.replaceState({ ...(history.state as object), y: scrollY }, "");

export function go(to: string, how: { replace?: boolean; stay?: boolean } = {}): void {
    const from = place.value.path;
    const url = new URL(to, location.href);
    if (url.pathname !== from && !free()) return;
    keepScroll();
    if (how.replace) history.replaceState(history.state, "", url);
    else history.pushState({ y: 0 }, "", url);
    place.value = read();
    if (url.pathname !== from && !how.stay) {
        scrollTo(0, 0);
        toHeading();
    }
}
// Changes words of the query, and leaves the others; null takes one away.
export function setQuery(change: Record<string, string | null | undefined>, replace = false): void {
    const q = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(change)) value ? q.set(name, value) : q.delete(name);
    const text = q.toString();
    go(location.pathname + (text ? `?${text}` : ""), { replace, stay: true });
}
export const query = (name: string) => place.value.query.get(name) ?? "";

// A page reader hears where they are: the heading of the new page takes the focus.
export function toHeading(): void {
    let tries = 0;
    const look = () => {
        const h = document.querySelector<HTMLElement>("main h1");
        if (h) h.focus({ preventScroll: true });
        else if (tries++ < 40) setTimeout(look, 25);
    };
    setTimeout(look, 0);
}

export function match(pattern: string, at: string): Record<string, string> | null {
    const want = pattern.split("/");
    const have = at.split("/");
    const params: Record<string, string> = {};
    for (let i = 0; i < Math.max(want.length, have.length); i++) {
        const w = want[i];
        if (w?.startsWith(":")) {
            const optional = w.endsWith("?");
            if (!have[i] && !optional) return null;
            if (have[i]) params[w.slice(1).replace("?", "")] = decodeURIComponent(have[i]!);
        } else if (w !== have[i]) return null;
    }
    return params;
}

export function startRouter(isPage: (path: string) => boolean): void {
    history.scrollRestoration = "manual";
    addEventListener("popstate", (e) => {
        if (location.pathname !== place.value.path && !free()) {
            history.pushState(null, "", place.value.path);
            return;
        }
        place.value = read();
        const y = (e.state as { y?: number } | null)?.y ?? 0;
        // What was seen is kept, so the page has its height again after a moment.
        requestAnimationFrame(() => requestAnimationFrame(() => scrollTo(0, y)));
    });
    addEventListener("pagehide", keepScroll);
    document.addEventListener("click", (e) => {
        if (e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
        const a = (e.target as Element).closest?.("a");
        if (!a || a.target || a.hasAttribute("download") || a.origin !== location.origin || !isPage(a.pathname)) return;
        if (a.hash && a.pathname === location.pathname) return;
        e.preventDefault();
        if (a.href !== location.href) go(a.href);
        else toHeading();
    });
}
