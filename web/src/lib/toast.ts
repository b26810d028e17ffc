// Short words at the edge of the page; what can be undone offers it for ten seconds, and Ctrl Z does it too.
import { signal } from "@preact/signals";
import { Problem, problemOf } from "./api";
import { lang, t, tr } from "./i18n";
import { loadSaid, said } from "./said";

export interface Toast { id: number; text: string; bad?: boolean; detail?: string; undo?: () => void | Promise<void> }
export const toasts = signal<Toast[]>([]);
let ids = 0;
export function toast(text: string, more: Omit<Toast, "id" | "text"> = {}): void {
    const id = ++ids;
    toasts.value = [...toasts.value.slice(-3), { id, text, ...more }];
    setTimeout(() => dropToast(id), more.undo || more.bad ? (more.detail ? 20_000 : 10_000) : 5_000);
}
export function dropToast(id: number): void {
    toasts.value = toasts.value.filter((x) => x.id !== id);
}
export function undoLast(): boolean {
    const last = [...toasts.value].reverse().find((x) => x.undo);
    if (!last) return false;
    dropToast(last.id);
    void last.undo!();
    return true;
}
// What went wrong, in the reader's language. The server tells it in English, with the place and the remedy: who reads
// English reads that, everybody else its translation, or, where there is none, what such a code means.
const plain = lang === "en";
const told = (p: Problem) => p.status > 0 && p.status < 500 && p.status !== 403;
const sentence = (s: string) => s && s[0]!.toUpperCase() + s.slice(1) + (/[.!?]$/.test(s) ? "" : ".");
const meant = (p: Problem) => tr(`problem.code.${p.code}`, t("problem.other"));
export const sayProblem = (p: Problem) => (p.offline ? t("problem.offline") : p.status === 403 ? t("problem.denied") : told(p) ? sentence(said(p.message) ?? "") || meant(p) : meant(p));
// The server's own words, where something else stands for them.
export const detailOf = (p: Problem) => (p.offline || (told(p) && (plain || said(p.message))) ? undefined : [p.field, p.message].filter(Boolean).join(": ") || undefined);
export function toastProblem(x: unknown): void {
    const p = problemOf(x);
    void loadSaid().then(() => toast(sayProblem(p), { bad: true, detail: detailOf(p) }));
}
