// Short words at the edge of the page; what can be undone offers it for ten seconds, and Ctrl Z does it too.
import { signal } from "@preact/signals";
import { Problem, problemOf } from "./api";
import { t } from "./i18n";

export interface Toast { id: number; text: string; bad?: boolean; undo?: () => void | Promise<void> }
export const toasts = signal<Toast[]>([]);
let ids = 0;
export function toast(text: string, more: Omit<Toast, "id" | "text"> = {}): void {
    const id = ++ids;
    toasts.value = [...toasts.value.slice(-3), { id, text, ...more }];
    setTimeout(() => dropToast(id), more.undo || more.bad ? 10_000 : 5_000);
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
export const sayProblem = (p: Problem) => (p.offline ? t("problem.offline") : p.status === 403 ? t("problem.denied") : sentence(p.message));
const sentence = (s: string) => (s ? s[0]!.toUpperCase() + s.slice(1) + (/[.!?]$/.test(s) ? "" : ".") : t("problem.other"));
export function toastProblem(x: unknown): void {
    toast(sayProblem(problemOf(x)), { bad: true });
}
