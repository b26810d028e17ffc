// One theme inside of its page: who says it, day by day, its words with their distance, and what a person may say of it:
// a name, a part of another, a theme of its own, a topic, of no interest. All of it can be taken back.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, decimal, t, tn } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { go } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Heads } from "../ui/bits";
import { Dialog, Menu } from "../ui/dialog";
import { Estimate } from "../ui/estimate";
import { Form, Select, Text } from "../ui/form";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Said } from "../ui/quotes";
import { Show } from "../ui/states";
import { useCharts } from "../ui/trend";
import { Said as Told } from "../ui/said";

type Page_ = Shapes["theme_page"];
type Act = "name" | "merge" | "split" | "to_topic";

// Says it, shows it, and lets it be taken back.
async function say(done: Promise<Page_>, text: string): Promise<void> {
    const page = await done;
    forget("theme"), forget("priorit"), forget("topic");
    const change = page.change;
    toast(text, change ? { undo: () => void undo(change) } : {});
}
async function undo(id: number) {
    try {
        await take(api.POST("/api/themes/said/{id}/undo", { params: { path: { id } } }));
        forget("theme"), forget("priorit"), forget("topic");
    } catch (x) {
        toastProblem(x);
    }
}

export function Theme({ id }: { id: number }) {
    const one = useLoad(`theme ${id}`, (signal) => take(api.GET("/api/themes/{id}", { params: { path: { id } }, signal })), ["themes"]);
    const [act, setAct] = useState<Act | null>(null);
    const [chosen, setChosen] = useState<Set<number>>(new Set());
    return (
        <Show of={one} lines={6}>
            {(d) => (
                <>
                    <section class="panel">
                        <div class="panel-head">
                            <h2>{t("theme.who")}</h2>
                            {may("topics_write") && <Acts d={d} onAct={setAct} />}
                        </div>
                        {d.theme.words.length > 0 && (
                            <p>
                                {t("theme.words")}{" "}
                                {d.theme.words.map((w) => (
                                    <span key={w} class="tag">
                                        {w}
                                    </span>
                                ))}
                            </p>
                        )}
                        <Days d={d} />
                        <Groups d={d} />
                    </section>
                    <Texts id={id} near={d.near} chosen={chosen} onChoose={setChosen} onSplit={() => setAct("split")} />
                    {act === "name" && <Name d={d} onClose={() => setAct(null)} />}
                    {act === "merge" && <Merge d={d} onClose={() => setAct(null)} />}
                    {act === "split" && <Split d={d} words={[...chosen]} onClose={() => setAct(null)} onDone={() => setChosen(new Set())} />}
                    {act === "to_topic" && <ToTopic id={id} name={d.theme.name} onClose={() => setAct(null)} />}
                </>
            )}
        </Show>
    );
}
function Acts({ d, onAct }: { d: Page_; onAct(a: Act): void }) {
    const path = { id: d.theme.id };
    const keep = () => void say(take(api.POST("/api/themes/{id}/pin", { params: { path }, body: { keep: !d.theme.pinned } })), t(d.theme.pinned ? "theme.unpinned" : "theme.kept")).catch(toastProblem);
    const away = () => void say(take(api.POST("/api/themes/{id}/away", { params: { path }, body: { away: d.theme.state !== "away" } })), t(d.theme.state === "away" ? "theme.back" : "theme.gone")).catch(toastProblem);
    const item = (text: string, run: () => void) => (close: () => void) => (
        <button class="quiet" onClick={() => (close(), run())}>
            {text}
        </button>
    );
    const all = [item(t("theme.name"), () => onAct("name")), item(t("theme.merge"), () => onAct("merge")), item(t("theme.to_topic"), () => onAct("to_topic")), item(t(d.theme.pinned ? "theme.unpin" : "theme.pin"), keep), item(t(d.theme.state === "away" ? "theme.take_back" : "theme.away"), away)];
    return <Menu label={t("theme.change")}>{(close) => all.map((x) => x(close))}</Menu>;
}
function Days({ d }: { d: Page_ }) {
    const charts = useCharts();
    const { since, people, expected, lo, hi, why } = d.days;
    if (!charts || people.length < 2) return why ? <p class="muted"><Told text={why} /></p> : null;
    const dayOf = (i: number) => new Date(new Date(`${since}T00:00:00Z`).getTime() + i * 864e5).toISOString();
    const C = charts.DaysChart;
    return <C title={t("theme.days")} days={people.map((n, i) => ({ at: dayOf(i), n, expected: expected[i], lo: lo[i], hi: hi[i] }))} note={why ?? undefined} />;
}
function Groups({ d }: { d: Page_ }) {
    const rows = d.groups.filter((g) => g.segment);
    if (rows.length < 2) return null;
    return (
        <table class="stack">
            <caption class="hidden">{t("theme.groups")}</caption>
            <Heads of={[t("theme.groups"), t("prio.people"), t("theme.share")]} numbers={[1, 2]} />
            <tbody>
                {rows.map((g) => (
                    <tr key={g.segment}>
                        <th scope="row">{g.segment}</th>
                        <td class="number" data-label={t("prio.people")}>
                            {count(g.people)}
                        </td>
                        <td class="number" data-label={t("theme.share")}>
                            <Estimate of={g.share as Figure} unit="share" label={`${g.segment}: ${t("theme.share")}`} text={t("theme.share_text")} />
                        </td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}
function Texts({ id, near, chosen, onChoose, onSplit }: { id: number; near: number; chosen: Set<number>; onChoose(x: Set<number>): void; onSplit(): void }) {
    const [order, setOrder] = useState<"newest" | "nearest" | "farthest">("newest");
    const [far, setFar] = useState(false);
    const list = usePaged<Shapes["theme_text"]>(`theme texts ${id} ${order} ${far}`, (after, signal) => take(api.GET("/api/themes/{id}/texts", { params: { path: { id }, query: { order, far, after, limit: 20 } }, signal })) as Promise<Page<Shapes["theme_text"]>>, []);
    const toggle = (x: number) => {
        const next = new Set(chosen);
        next.has(x) ? next.delete(x) : next.add(x);
        onChoose(next);
    };
    const pin = () =>
        void say(take(api.POST("/api/themes/{id}/pin", { params: { path: { id } }, body: { words: [...chosen] } })), t("theme.words_pinned")).then(() => onChoose(new Set()), toastProblem);
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("theme.texts")}</h2>
                <span class="row no-print">
                    <label class="row">
                        {t("theme.order")}
                        <select value={order} onChange={(e) => setOrder(e.currentTarget.value as "newest")}>
                            {(["newest", "nearest", "farthest"] as const).map((o) => (
                                <option key={o} value={o}>
                                    {t(`theme.by_${o}`)}
                                </option>
                            ))}
                        </select>
                    </label>
                    {near > 0 && (
                        <label class="row">
                            <input type="checkbox" checked={far} onChange={(e) => setFar(e.currentTarget.checked)} /> {tn("theme.near", near)}
                        </label>
                    )}
                </span>
            </div>
            {chosen.size > 0 && (
                <p class="row no-print" role="status">
                    {tn("theme.chosen", chosen.size)}
                    {far ? <button onClick={pin}>{t("theme.belongs")}</button> : <button onClick={onSplit}>{t("theme.split")}</button>}
                    <button class="quiet" onClick={() => onChoose(new Set())}>
                        {t("act.cancel")}
                    </button>
                </p>
            )}
            <Listed of={list} older={order === "newest"} empty={<p class="muted">{t("theme.texts_none")}</p>}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((x) => (
                            <li key={x.voice.id} class="choosable">
                                {may("topics_write") && <input type="checkbox" aria-label={t("theme.choose")} checked={chosen.has(x.voice.id)} onChange={() => toggle(x.voice.id)} />}
                                <div>
                                    <Said v={x.voice}>
                                        <small>{t("theme.distance", { n: decimal(x.distance, 2) })}</small>
                                        {x.pinned && <span class="tag">{t("theme.said_so")}</span>}
                                    </Said>
                                </div>
                            </li>
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}

// ---- what a person says ----

interface Asked { d: Page_; onClose(): void }
function Name({ d, onClose }: Asked) {
    const [name, setName] = useState(d.theme.name);
    return (
        <Dialog title={t("theme.name")} onClose={onClose}>
            <Form verb={t("act.save")} onCancel={onClose} onSend={async () => (await say(take(api.POST("/api/themes/{id}/name", { params: { path: { id: d.theme.id } }, body: { name: name || undefined } })), t("theme.named")), onClose())}>
                <Text label={t("theme.its_name")} hint={t("theme.found_name", { name: d.theme.found_name })} value={name} onInput={setName} max={100} />
            </Form>
        </Dialog>
    );
}
function Merge({ d, onClose }: Asked) {
    const all = useLoad("themes to merge", (signal) => take(api.GET("/api/themes", { params: { query: { state: "lives", limit: 500 } }, signal })));
    const others = (all.data?.items ?? []).filter((x) => x.id !== d.theme.id);
    const [into, setInto] = useState("");
    return (
        <Dialog title={t("theme.merge")} onClose={onClose}>
            <p>{t("theme.merge_text", { name: d.theme.name })}</p>
            <Form
                verb={t("theme.merge")}
                onCancel={onClose}
                ready={!!into}
                onSend={async () => {
                    await say(take(api.POST("/api/themes/{id}/merge", { params: { path: { id: d.theme.id } }, body: { into: Number(into) } })), t("theme.merged"));
                    onClose();
                    go(`/priorities/theme/${into}`);
                }}
            >
                <Select label={t("theme.into")} value={into} options={[["", "…"], ...others.map((x): [string, string] => [String(x.id), x.name])]} onChange={setInto} />
            </Form>
        </Dialog>
    );
}
function Split({ d, words, onClose, onDone }: Asked & { words: number[]; onDone(): void }) {
    const [name, setName] = useState("");
    return (
        <Dialog title={t("theme.split")} onClose={onClose}>
            <p>{tn("theme.split_text", words.length)}</p>
            <Form
                verb={t("theme.split")}
                onCancel={onClose}
                ready={words.length > 0}
                onSend={async () => {
                    await say(take(api.POST("/api/themes/{id}/split", { params: { path: { id: d.theme.id } }, body: { words, name: name || undefined } })), t("theme.was_split"));
                    onDone();
                    onClose();
                }}
            >
                <Text label={t("theme.its_name")} value={name} onInput={setName} max={100} />
            </Form>
        </Dialog>
    );
}
export function ToTopic({ id, name: found, onClose }: { id: number; name: string; onClose(): void }) {
    const [name, setName] = useState(found);
    const [about, setAbout] = useState("");
    const [axis, setAxis] = useState("what");
    return (
        <Dialog title={t("theme.to_topic")} onClose={onClose}>
            <p>{t("theme.to_topic_text")}</p>
            <Form
                verb={t("theme.to_topic")}
                onCancel={onClose}
                onSend={async () => {
                    await say(take(api.POST("/api/themes/{id}/to_topic", { params: { path: { id } }, body: { name, about: about || undefined, axis: axis as "what" } })), t("theme.is_topic", { name }));
                    onClose();
                }}
            >
                <Text label={t("theme.its_name")} value={name} onInput={setName} required max={60} />
                <Text label={t("theme.about")} hint={t("theme.about_hint")} value={about} onInput={setAbout} max={300} />
                <Select label={t("theme.axis")} value={axis} options={[["what", t("theme.axis_what")], ["why", t("theme.axis_why")]]} onChange={setAxis} />
            </Form>
        </Dialog>
    );
}
