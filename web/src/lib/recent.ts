// What lies above the page: whether search and the list of shortcuts are open, and what was looked at lately.
import { signal } from "@preact/signals";
import { remember, remembered } from "./prefs";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);

export const recent = () => (JSON.parse(remembered("recent") ?? "[]") as { to: string; text: string }[]).slice(0, 5);
export function visited(to: string, text: string): void {
    remember("recent", JSON.stringify([{ to, text }, ...recent().filter((x) => x.to !== to)].slice(0, 5)));
}
