// What is done with what stands in the inbox. Each is shown at once, can be taken back for ten seconds, and when somebody
// else was quicker, the newest is shown and said.
import { api, problemOf, type Shapes, take } from "../lib/api";
import { t, tn } from "../lib/i18n";
import { forget } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";

export type Item = Shapes["inbox_item"];
export type Whole = Shapes["inbox_page"];
export type Tab = Item["tab"];
type Done = Shapes["inbox_done_with"];
export const tabs = ["open", "waiting", "done"] as const;

const of = (id: number) => ({ path: { id } });
export const readItem = (id: number, signal?: AbortSignal): Promise<Whole> => take(api.GET("/api/inbox/{id}", { params: of(id), signal }));

// Who shows items is told how they stand now. ours: it was done here, so that what has left a list may leave it; what
// others did stays where it is until the list is read anew.
type Hear = (item: Item, ours: boolean) => void;
const hearers = new Set<Hear>();
export function hearItems(h: Hear): () => void {
    hearers.add(h);
    return () => hearers.delete(h);
}
export const tellItem = (item: Item, ours: boolean) => hearers.forEach((h) => h(item, ours));
const settle = (item: Item) => {
    tellItem(item, true);
    forget("inbox counts");
    forget(`inbox item ${item.id}`);
};

async function undo(id: number, step: string): Promise<void> {
    try {
        settle((await take(api.POST("/api/inbox/{id}/undo", { params: of(id), body: { step } }))).item);
    } catch (x) {
        toastProblem(x);
    }
}
// Says what happened; takes it back when asked.
function said(done: Done, text: string): void {
    settle(done.item);
    const { id } = done.item;
    toast(text, done.undo ? { undo: () => undo(id, done.undo!) } : {});
}
// Somebody else was quicker: what they did is read, and shown.
async function late(x: unknown, id: number): Promise<void> {
    if (problemOf(x).status !== 409) return toastProblem(x);
    toast(t("inbox.changed"), { bad: true });
    await readItem(id).then((w) => settle(w.item), toastProblem);
}
const change = (x: Item, ask: () => Promise<Done>, text: string) => ask().then((done) => said(done, text), (e) => late(e, x.id));

export const finish = (x: Item) => change(x, () => take(api.POST("/api/inbox/{id}/done", { params: of(x.id) })), t("inbox.did_done", { name: nameOf(x) }));
export const reopen = (x: Item) => change(x, () => take(api.POST("/api/inbox/{id}/reopen", { params: of(x.id) })), t("inbox.did_reopen", { name: nameOf(x) }));
const give = (x: Item, to: string | null) => take(api.POST("/api/inbox/{id}/assign", { params: of(x.id), body: { to: to ?? undefined } }));
export const assign = (x: Item, to: string | null, who: string) => change(x, () => give(x, to), to ? t("inbox.did_assign", { who }) : t("inbox.did_unassign"));
export const putAside = (x: Item, until: string | null, when: string) =>
    change(x, () => take(api.POST("/api/inbox/{id}/later", { params: of(x.id), body: { until: until ?? undefined } })), until ? t("inbox.did_later", { when }) : t("inbox.did_now"));
export async function relabel(x: Item, add: string[], drop: string[], again = true): Promise<void> {
    try {
        settle((await take(api.POST("/api/inbox/{id}/label", { params: of(x.id), body: { add, drop } }))).item);
        if (again) toast(t("inbox.did_label"), { undo: () => relabel(x, drop, add, false) });
    } catch (e) {
        toastProblem(e);
    }
}
export const note = (x: Item, words: string) => change(x, () => take(api.POST("/api/inbox/{id}/note", { params: of(x.id), body: { words } })), t("inbox.did_note"));

export async function finishSome(ids: number[]): Promise<void> {
    try {
        const done = await take(api.POST("/api/inbox/done", { body: { ids } }));
        forget("inbox");
        toast(tn("inbox.did_some", done.done.length), { undo: async () => void (await Promise.all(done.done.map((id, i) => undo(id, done.undo[i]!))), forget("inbox")) });
    } catch (x) {
        toastProblem(x);
    }
}
export async function assignSome(items: Item[], to: string | null, who: string): Promise<void> {
    const back: [number, string][] = [];
    for (const x of items)
        try {
            const done = await give(x, to);
            if (done.undo) back.push([x.id, done.undo]);
            settle(done.item);
        } catch (e) {
            await late(e, x.id);
        }
    toast(to ? t("inbox.did_assign", { who }) : t("inbox.did_unassign"), { undo: async () => void (await Promise.all(back.map(([id, step]) => undo(id, step)))) });
}
export const nameOf = (x: Item) => x.name ?? t("answers.nobody");
