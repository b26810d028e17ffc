// How far heed understands what customers say: what is read, what waits, what was learned of topics, and what is weaker.
import { api, may, type Shapes, take } from "../../lib/api";
import { count, percent, t, tn } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { toastProblem } from "../../lib/toast";
import { useState } from "preact/hooks";
import { Facts, Stack, When } from "../../ui/bits";
import { ended, JobBar, useJob } from "../../ui/job";
import { Empty, Show } from "../../ui/states";
import { axisName } from "../../ui/topic_words";
import { Said } from "../../ui/said";

export default function Understanding() {
    const state = useLoad("meaning state", (signal) => take(api.GET("/api/meaning", { signal })), ["meaning", "job"]);
    const topics = useLoad("topics standing", (signal) => take(api.GET("/api/topics/standing", { signal })), ["topics", "meaning", "job"]);
    return (
        <>
            <section class="panel">
                <h2>{t("meaning.read")}</h2>
                <Show of={state} empty={(d) => (d.understood + d.waiting ? null : <Empty title={t("meaning.read_none")} text={t("meaning.read_none_text")} />)}>
                    {(d) => <Read d={d} />}
                </Show>
            </section>
            <section class="panel">
                <h2>{t("topic.learned")}</h2>
                <p class="muted">{t("topic.learned_text")}</p>
                <Show of={topics}>{(d) => <Learned d={d} />}</Show>
            </section>
        </>
    );
}
const remedy = "make text-data"; // what the server names
function Read({ d }: { d: Shapes["meaning_state"] }) {
    const all = d.understood + d.waiting;
    return (
        <>
            {d.waiting > 0 && <progress value={d.understood / all} aria-label={t("meaning.read")} />}
            <Facts
                rows={[
                    [t("meaning.understood"), `${count(d.understood)} / ${count(all)} · ${percent(d.understood / all)}`],
                    [t("meaning.waiting"), d.waiting ? tn("meaning.waiting_n", d.waiting) : t("meaning.waiting_none")],
                    [t("meaning.compare"), t(d.meaning ? "meaning.compare_yes" : "meaning.compare_no")],
                    [t("meaning.make"), d.make && <code>{d.make}</code>],
                ]}
            />
            {d.weaker ? (
                <div class="note">
                    <p>
                        <strong>⚠ {t("meaning.weaker")}</strong> {t("meaning.weaker_text")}
                    </p>
                    <p>
                        {t("meaning.remedy")} <code>{remedy}</code>
                    </p>
                </div>
            ) : (
                <p class="good">✓ {t("meaning.whole_data")}</p>
            )}
        </>
    );
}
export function Learned({ d }: { d: Shapes["topics_standing"] }) {
    return (
        <>
            <Stack name={t("topic.learned")} heads={[t("topic.axis"), t("topic.topics"), t("topic.learned_at"), t("topic.examples"), t("topic.of_people"), t("topic.since")]} numbers={[1, 3, 4, 5]}>
                {d.axes.map((a) => (
                    <tr key={a.axis}>
                        <th scope="row">{axisName(a.axis)}</th>
                        <td class="number" data-label={t("topic.topics")}>
                            {count(a.topics)}
                        </td>
                        <td data-label={t("topic.learned_at")}>{a.learned ? <When at={a.learned} /> : <span class="muted">{t("topic.never")}</span>}</td>
                        <td class="number" data-label={t("topic.examples")}>
                            {count(a.examples)}
                        </td>
                        <td class="number" data-label={t("topic.of_people")}>
                            {count(a.answers)}
                        </td>
                        <td class="number" data-label={t("topic.since")}>
                            {count(a.later)}
                        </td>
                    </tr>
                ))}
            </Stack>
            {d.waiting > 0 && <p>{tn("topic.waiting", d.waiting)}</p>}
            {d.again != null && (
                <p>
                    {t("topic.again", { p: percent(d.again) })} <progress value={d.again} aria-label={t("topic.again", { p: percent(d.again) })} />
                </p>
            )}
            <LearnNow />
        </>
    );
}
// Learns at once and looks at all words again, beside everything else.
export function LearnNow() {
    const [id, setId] = useState<number | null>(null);
    const job = useJob(id);
    if (!may("topics_write")) return null;
    if (job.data && !ended(job.data)) return <JobBar of={job} text={t("topic.learning")} />;
    const begin = () => void take(api.POST("/api/topics/learn", {})).then((j) => (setId(j.id), forget("topics")), toastProblem);
    return (
        <>
            {job.data?.state === "failed" && <p class="note bad">⚠ <Said text={job.data.error} /></p>}
            <p class="row no-print">
                <button onClick={begin}>{t("topic.learn")}</button>
                <a href="/topics/ask">{t("topic.ask")}</a>
            </p>
        </>
    );
}
