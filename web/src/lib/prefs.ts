// What belongs to this browser: theme and language stand in cookies, so that the server writes them into the page and
// nothing flashes; the rest stays here.
import { signal } from "@preact/signals";

const YEAR = 31_536_000;
const cookie = (name: string, value: string) => {
    document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
};
export type Theme = "auto" | "light" | "dark";
const root = document.documentElement;
export const theme = signal<Theme>((root.dataset.theme as Theme) || "auto");
export function setTheme(to: Theme): void {
    theme.value = to;
    root.dataset.theme = to;
    cookie("heed_theme", to);
}
export function setLanguage(to: string): void {
    cookie("heed_lang", to);
    location.reload();
}
export const compact = signal(localStorage.getItem("heed.compact") === "on");
export function setCompact(on: boolean): void {
    compact.value = on;
    localStorage.setItem("heed.compact", on ? "on" : "off");
    root.classList.toggle("compact", on);
}
root.classList.toggle("compact", compact.peek());
export const remembered = (key: string) => localStorage.getItem(`heed.${key}`);
export const remember = (key: string, value: string) => localStorage.setItem(`heed.${key}`, value);
