// Why heed reads words as it does: part by part, with the words that say so; and what they are about, which a person corrects.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { decimal, languageName, percent, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { toastProblem } from "../lib/toast";
import { channelName, Mood, When } from "./bits";
import { Choose } from "./choose";
import { Dialog } from "./dialog";
import { Marked, Pieces } from "./marked";
import { Show } from "./states";
import { TopicMood } from "./topic_mood";
import { type Answered, axisName, sayEffects, tellAnswer, topicName } from "./topic_words";

type Reason = Shapes["topic_reason"];
export default function WordsDialog({ feedback, name, onClose }: { feedback: number; name?: string; onClose(): void }) {
    const means = useLoad(`meaning ${feedback}`, (signal) => take(api.GET("/api/feedback/{id}/meaning", { params: { path: { id: feedback } }, signal })), ["meaning"]);
    const about = useLoad(`topics of ${feedback}`, (signal) => take(api.GET("/api/feedback/{id}/topics", { params: { path: { id: feedback } }, signal })), ["topics"]);
    return (
        <Dialog title={name ? t("meaning.title_of", { name }) : t("meaning.title")} onClose={onClose} wide>
            <Show of={means} lines={5}>
                {(d) => (d.understood ? <Meaning d={d} /> : <p class="note">{t("meaning.waits")}</p>)}
            </Show>
            <h3>{t("meaning.about")}</h3>
            <Show of={about} lines={3}>
                {(d) => <Topics d={d} />}
            </Show>
            {means.data?.understood && <Near d={means.data} />}
        </Dialog>
    );
}

// ---- how it sounds ----

function Meaning({ d }: { d: Shapes["meaning"] }) {
    const told = d.clauses.some((c) => c.words.length);
    return (
        <>
            <p class="row">
                {d.felt ? <Mood of={d.felt} /> : <span class="muted">{t("meaning.mood_none")}</span>}
                {d.unhappy != null && d.happy != null && <span class="muted">{t("meaning.chances", { unhappy: percent(d.unhappy), happy: percent(d.happy) })}</span>}
                <span class="muted">{d.language ? t("meaning.language", { language: languageName(d.language) }) : t("meaning.language_none")}</span>
            </p>
            {d.feelings.length > 0 && (
                <ul class="chips" aria-label={t("meaning.feelings")}>
                    {d.feelings.map((f) => (
                        <li key={f.name} class="tag">
                            {tr(`meaning.feel_${f.name}`, f.name)} {percent(f.chance)}
                        </li>
                    ))}
                </ul>
            )}
            <ul class="rows" aria-label={t("meaning.parts")}>
                {d.clauses.map((c, i) => (
                    <li key={i} class="row spread nowrap">
                        <span class="said full" lang={d.language ?? ""}>
                            <Clause c={c} />
                        </span>
                        <span class="number">{c.words.length ? <Weight of={c.value} /> : <span class="muted">–</span>}</span>
                    </li>
                ))}
            </ul>
            <small>{t(told ? "meaning.parts_text" : "meaning.parts_none")}</small>
        </>
    );
}
const Weight = ({ of }: { of: number }) => (
    <span class={of > 0 ? "good" : of < 0 ? "bad" : "muted"}>
        <span aria-hidden="true">{of > 0 ? "☺" : of < 0 ? "☹" : "○"}</span> {of > 0 ? "+" : ""}
        {decimal(of, 2)}
    </span>
);
// The words of a clause where they stand in it; one that is turned around by a negation says so.
function Clause({ c }: { c: Shapes["meaning_clause"] }) {
    const low = c.text.toLocaleLowerCase();
    let at = 0;
    const found = c.words.map((w) => {
        const i = low.indexOf(w.text.toLocaleLowerCase(), at);
        if (i >= 0) at = i + w.text.length;
        return { ...w, i };
    });
    const out: preact.ComponentChild[] = [];
    let last = 0;
    for (const w of found) {
        if (w.i < last) continue;
        out.push(c.text.slice(last, w.i));
        out.push(
            <mark class={w.value < 0 ? "unhappy" : "happy"} title={`${decimal(w.value, 2)}${w.turned ? ` · ${t("meaning.turned")}` : ""}`}>
                {c.text.slice(w.i, w.i + w.text.length)}
                <sup>
                    {w.value < 0 ? "−" : "+"}
                    {w.turned ? "↺" : ""}
                </sup>
            </mark>,
        );
        last = w.i + w.text.length;
    }
    out.push(c.text.slice(last));
    return <>{out}</>;
}

// ---- what it is about ----

function Topics({ d }: { d: Shapes["topics_of_words"] }) {
    const [adding, setAdding] = useState(false);
    const [effects, setEffects] = useState<Answered | null>(null);
    const say = async (yes: number[], no: number[]) => {
        try {
            const r = await take(api.POST("/api/topics/answers", { body: { feedback: d.feedback, yes, no } }));
            const read = () => (forget("topic"), forget("mentions"), forget("needs"));
            setEffects(r);
            read();
            tellAnswer(d.feedback, r, read, () => setEffects(null));
        } catch (x) {
            toastProblem(x);
        }
    };
    const stand = d.topics.filter((x) => x.how !== "denied");
    const given = stand.filter((x) => x.how !== "unsure");
    const perhaps = stand.filter((x) => x.how === "unsure");
    const list = (of: Reason[]) => (
        <ul class="rows">
            {of.map((x) => (
                <li key={x.topic}>
                    <Why x={x} words={d.words} />
                    {may("topics_write") && (
                        <p class="row no-print">
                            {x.how !== "person" && (
                                <button onClick={() => void say([x.topic], [])}>
                                    {t("meaning.right")}
                                    <span class="hidden">: {topicName(x)}</span>
                                </button>
                            )}
                            <button onClick={() => void say([], [x.topic])}>
                                {t("meaning.wrong")}
                                <span class="hidden">: {topicName(x)}</span>
                            </button>
                        </p>
                    )}
                </li>
            ))}
        </ul>
    );
    return (
        <>
            {given.length ? list(given) : <p class="muted">{t("meaning.no_topic")}</p>}
            {perhaps.length > 0 && (
                <details>
                    <summary>{tn("meaning.perhaps", perhaps.length)}</summary>
                    {list(perhaps)}
                </details>
            )}
            {effects && (
                <p class="note" role="status">
                    {sayEffects(effects)}
                </p>
            )}
            {may("topics_write") && (
                <p class="no-print">
                    <button onClick={() => setAdding(true)}>{t("meaning.add")}</button>
                </p>
            )}
            {adding && <AddTopic without={stand.map((x) => x.topic)} onPick={(id) => void say([id], [])} onClose={() => setAdding(false)} />}
        </>
    );
}
function Why({ x, words }: { x: Reason; words: string }) {
    const best = [...x.parts].filter((p) => p.adds > 0).sort((a, b) => b.adds - a.adds).slice(0, 5);
    return (
        <>
            <p class="row">
                <strong>{topicName(x)}</strong>
                <small class="muted">{axisName(x.axis)}</small>
                <span class={`tag ${x.how === "unsure" ? "warn" : ""}`}>{t(`topic.how_${x.how}`)}</span>
                {(x.how === "learned" || x.how === "unsure") && <span class="muted">{t("topic.sure", { p: percent(x.sure) })}</span>}
                {x.mood != null && <TopicMood of={x.mood} />}
            </p>
            {best.length > 0 && (
                <details>
                    <summary>
                        {t("meaning.because")} <Pieces of={best.map((p, i) => [{ text: p.words, hit: true }, { text: i < best.length - 1 ? " " : "", hit: false }]).flat()} />
                    </summary>
                    <Marked words={words} causes={best} />
                    <table class="plain" aria-label={t("meaning.sum")}>
                        <tbody>
                            {x.parts.map((p, i) => (
                                <tr key={i}>
                                    <th scope="row" lang="">
                                        {p.words}
                                    </th>
                                    <td class="number">{decimal(p.adds, 2)}</td>
                                </tr>
                            ))}
                            <tr>
                                <th scope="row">{t("meaning.whole")}</th>
                                <td class="number">{decimal(x.meaning, 2)}</td>
                            </tr>
                            <tr>
                                <th scope="row">{t("meaning.constant")}</th>
                                <td class="number">{decimal(x.constant, 2)}</td>
                            </tr>
                            <tr>
                                <th scope="row">{t("meaning.score")}</th>
                                <td class="number">
                                    <b>{decimal(x.score, 2)}</b>
                                </td>
                            </tr>
                        </tbody>
                    </table>
                </details>
            )}
        </>
    );
}

// Any topic in use, by typing.
export function AddTopic({ without, axis, onPick, onClose }: { without: number[]; axis?: string; onPick(id: number): void; onClose(): void }) {
    const all = useLoad("topics to choose", (signal) => take(api.GET("/api/topics", { signal })), ["topics"]);
    const options = (all.data?.items ?? []).filter((x) => x.topic.state === "used" && !without.includes(x.topic.id) && (!axis || x.topic.axis === axis)).map((x) => ({ id: String(x.topic.id), text: topicName(x.topic), about: axisName(x.topic.axis) }));
    return <Choose title={t("meaning.add")} label={t("topic.one")} options={options} busy={!all.data} onPick={(o) => onPick(Number(o.id))} onClose={onClose} />;
}

// ---- who says the same, what is like it ----

function Near({ d }: { d: Shapes["meaning"] }) {
    const others = d.copies.filter((x) => x.feedback !== d.feedback);
    return (
        <>
            {others.length > 0 && <p class="note">{tn("meaning.copies", others.length)} {tn("meaning.people", d.people)}</p>}
            {d.near.length > 0 && (
                <details>
                    <summary>{t("meaning.near")}</summary>
                    <ul class="rows">
                        {d.near.map((x) => (
                            <li key={x.voice.id}>
                                <p class="said full clip" lang={x.voice.lang ?? ""}>
                                    {x.voice.words}
                                </p>
                                <small>
                                    {x.voice.customer ? <a href={`/customers/${x.voice.customer}`}>{x.voice.name || x.voice.customer}</a> : t("prio.nobody")} · {channelName(x.voice.channel)} · <When at={x.voice.at} />
                                </small>
                            </li>
                        ))}
                    </ul>
                    <p>
                        <a href={`/answers?like=${d.feedback}`}>{t("search.like")}</a>
                    </p>
                </details>
            )}
        </>
    );
}
