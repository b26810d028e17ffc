// Ten questions that teach most: whose words are they about? Digits choose topics, n none, Enter answers; what each
// answer changed is shown at once.
import { useEffect, useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { dayTime, percent, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { toastProblem } from "../lib/toast";
import { channelName, PageHead } from "../ui/bits";
import { Empty, Show } from "../ui/states";
import { type Axis, axes, axisName, intentName, sayEffects, tellAnswer, topicName } from "../ui/topic_words";
import { WordsWhy } from "../ui/words_why";
import { AddTopic } from "../ui/words_dialog";
import { changed } from "./topic_change";
import { toggled, TopicChoice } from "./topic_choice";

type Questions = Shapes["topic_questions"];
type Question = Shapes["topic_question"];

export function AskPage() {
    const axis = (query("axis") || "what") as Axis;
    const topic = Number(query("topic")) || undefined;
    const [round, setRound] = useState(0);
    const all = useLoad<Questions>(`questions ${axis} ${topic ?? ""} ${round}`, (signal) => take(api.GET("/api/topics/ask", { params: { query: { axis: topic ? undefined : axis, topic } }, signal })));
    return (
        <>
            <PageHead title={t("topic.ask_title")} text={t("topic.ask_text")}>
                <a class="button" href={topic ? `/topics/${topic}` : "/priorities?tab=topics"}>
                    {t(topic ? "topic.back_one" : "topic.all")}
                </a>
            </PageHead>
            {!topic && (
                <div class="filters" role="group" aria-label={t("topic.axis")}>
                    {axes.map((a) => (
                        <button key={a} class="chip" aria-pressed={axis === a} onClick={() => setQuery({ axis: a === "what" ? null : a })}>
                            {axisName(a)}
                        </button>
                    ))}
                </div>
            )}
            <Show
                of={all}
                lines={6}
                empty={(d) =>
                    d.items.length ? null : (
                        <Empty title={t("topic.ask_none")} text={t("topic.ask_none_text")}>
                            <a class="button" href="/priorities?tab=topics">
                                {t("topic.all")}
                            </a>
                        </Empty>
                    )
                }
            >
                {(d) => <Ask key={`${axis} ${topic} ${round}`} d={d} onMore={() => setRound(round + 1)} />}
            </Show>
        </>
    );
}

function Ask({ d, onMore }: { d: Questions; onMore(): void }) {
    const [at, setAt] = useState(0);
    const [chosen, setChosen] = useState<Set<number>>(new Set());
    const [more, setMore] = useState<{ topic: number; text: string }[]>([]);
    const [said, setSaid] = useState<Map<number, string>>(new Map()); // what each answer changed
    const [busy, setBusy] = useState(false);
    const [adding, setAdding] = useState(false);
    const write = may("topics_write");
    const topics = useLoad("topics to choose", (signal) => take(api.GET("/api/topics", { signal })), ["topics"]);
    const q: Question | undefined = d.items[at];
    const options = q ? [...q.guesses.map((g) => ({ topic: g.topic, text: intentName(g.name), more: percent(g.sure) })), ...more] : [];
    const go = (to: number) => (setAt(Math.max(0, Math.min(d.items.length, to))), setChosen(new Set()), setMore([]));
    useEffect(() => {
        document.querySelector(".asked")?.scrollIntoView({ block: "nearest" });
    }, [at]);
    const answer = async (yes: number[]) => {
        if (!q || busy || !write) return;
        setBusy(true);
        try {
            const r = await take(api.POST("/api/topics/answers", { body: { feedback: q.feedback, yes, no: q.guesses.map((g) => g.topic).filter((x) => !yes.includes(x)) } }));
            const place = at;
            setSaid((old) => new Map(old).set(place, sayEffects(r)));
            changed();
            go(at + 1);
            tellAnswer(q.feedback, r, changed, () => (setSaid((old) => new Map([...old].filter(([i]) => i !== place))), go(place)));
        } catch (x) {
            toastProblem(x);
        }
        setBusy(false);
    };
    const group = t("topic.ask_title");
    const last = said.get(at - 1);
    return (
        <>
            <p class="row spread">
                <span>{at < d.items.length ? t("topic.question", { n: at + 1, of: d.items.length }) : tn("topic.asked", said.size)}</span>
                <span class="muted">{tn("topic.waiting_answer", d.waiting)}</span>
            </p>
            <progress value={at} max={d.items.length} aria-label={group} />
            {last && (
                <p class="note good" role="status">
                    {last}
                </p>
            )}
            {q ? (
                <TopicChoice
                    group={group}
                    words={q.words}
                    head={
                        <>
                            {q.customer ? <a href={`/customers/${q.customer}`}>{t("act.open_customer")}</a> : t("answers.nobody")} · {channelName(q.channel)} · {dayTime(q.at)} · <WordsWhy feedback={q.feedback} />
                        </>
                    }
                    title={t("topic.what_about")}
                    options={options}
                    chosen={chosen}
                    onChosen={setChosen}
                    at={at}
                    of={d.items.length}
                    busy={busy}
                    verb={t("topic.answer")}
                    other={t("topic.other")}
                    onSay={(yes) => void answer(yes)}
                    onOther={() => setAdding(true)}
                    onGo={go}
                />
            ) : (
                <Empty title={t("topic.ask_done")} text={said.size ? t("topic.ask_done_text") : undefined}>
                    <button class="primary" onClick={onMore}>
                        {t("topic.ask_more")}
                    </button>
                </Empty>
            )}
            {said.size > 0 && (
                <section class="panel">
                    <h2>{t("topic.ask_log")}</h2>
                    <ol class="rows">
                        {[...said].map(([i, text]) => (
                            <li key={i}>
                                <p class="said clip" lang="">
                                    {d.items[i]!.words}
                                </p>
                                <p>{text}</p>
                            </li>
                        ))}
                    </ol>
                </section>
            )}
            {adding && (
                <AddTopic
                    axis={d.axis}
                    without={options.map((o) => o.topic)}
                    onPick={(id) => {
                        const found = topics.data?.items.find((x) => x.topic.id === id)?.topic;
                        if (found) setMore([...more, { topic: id, text: topicName(found) }]), setChosen(toggled(chosen, id));
                    }}
                    onClose={() => setAdding(false)}
                />
            )}
        </>
    );
}
