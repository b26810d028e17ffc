// The journey from left to right: who is at each stage, how what they say there sounds, of what it speaks, and where they go on.
import { useState } from "preact/hooks";
import { api, may, type Page, type Shapes, take } from "../lib/api";
import type { Figure, Verdict } from "../lib/figure";
import { count, percent, t, tn, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { query, setQuery } from "../lib/router";
import { channelName, PageHead, When } from "../ui/bits";
import { Dialog } from "../ui/dialog";
import { Estimate, VerdictWord } from "../ui/estimate";
import { usePaged } from "../ui/paged";
import { Show } from "../ui/states";
import { TopicMood } from "../ui/topic_mood";
import { useCharts } from "../ui/trend";
import { StageEdit } from "./stage_edit";

type Item = Shapes["stage_item"];
type Row = Shapes["stage_row"];
const spans = ["30", "90", "365", "1095"];

export default function Stages() {
    const days = spans.includes(query("days")) ? query("days") : "90";
    const page = useLoad(`stages ${days}`, (signal) => take(api.GET("/api/stages", { params: { query: { days: Number(days) } }, signal })), ["stages", "meaning"]);
    const [edit, setEdit] = useState<Row | "new">();
    const [words, setWords] = useState<Row>();
    const Dots = useCharts()?.DotsChart;
    return (
        <>
            <PageHead title={t("stage.title")} text={page.data ? t("stage.text", { n: count(page.data.customers), words: count(page.data.words) }) : " "}>
                <select aria-label={t("stage.days")} value={days} onChange={(e) => setQuery({ days: e.currentTarget.value === "90" ? null : e.currentTarget.value })}>
                    {spans.map((d) => (
                        <option key={d} value={d}>
                            {tn("stage.last_days", Number(d))}
                        </option>
                    ))}
                </select>
                {may("playbooks_write") && <button onClick={() => setEdit("new")}>{t("stage.new")}</button>}
            </PageHead>
            <Show of={page} lines={8}>
                {(d) => (
                    <>
                        {(d.waiting > 0 || d.again != null) && <p class="note">{d.again != null ? t("stage.again", { share: percent(d.again, 0) }) : tn("stage.waiting", d.waiting)}</p>}
                        {Dots && d.items.some((x) => x.figures.unhappy.value != null) && (
                            <section class="panel">
                                <Dots title={t("stage.picture")} unit="share" zero inOrder rows={d.items.filter((x) => x.stage.used).map((x) => ({ name: `${x.stage.place}. ${x.stage.name}`, of: x.figures.unhappy as Figure }))} />
                            </section>
                        )}
                        <ol class="journey">
                            {d.items.filter((x) => x.stage.used || may("playbooks_write")).map((x) => (
                                <Step key={x.stage.id} x={x} onEdit={() => setEdit(x.stage)} onWords={() => setWords(x.stage)} />
                            ))}
                        </ol>
                        <p class="muted">{t("stage.how")}</p>
                    </>
                )}
            </Show>
            {edit && <StageEdit of={edit === "new" ? undefined : edit} places={page.data?.items.length ?? 0} onClose={() => setEdit(undefined)} onDone={() => page.again()} />}
            {words && <Words of={words} days={Number(days)} onClose={() => setWords(undefined)} />}
        </>
    );
}

function Step({ x, onEdit, onWords }: { x: Item; onEdit(): void; onWords(): void }) {
    const { stage, figures: f } = x;
    const hollow = f.people < 30;
    return (
        <li class={hollow ? "panel hollow" : "panel"}>
            <h2>
                {stage.place}. {stage.name} {!stage.used && <span class="tag">{t("stage.off")}</span>}
            </h2>
            {stage.about && <p class="muted">{stage.about}</p>}
            <p>
                <b>{count(f.now)}</b> {t("stage.now")}
            </p>
            <dl>
                <dt>{t("stage.reached")}</dt>
                <dd>
                    <Estimate of={f.reached as Figure} unit="share" label={`${stage.name}: ${t("stage.reached")}`} text={t("stage.reached_text")} />
                </dd>
                <dt>{t("stage.unhappy")}</dt>
                <dd>
                    <Estimate of={f.unhappy as Figure} unit="share" label={`${stage.name}: ${t("stage.unhappy")}`} text={t("stage.unhappy_text")} change={f.change} before={f.unhappy_before as Figure} verdict={f.verdict as Verdict} />
                    <VerdictWord verdict={f.verdict as Verdict} before={f.unhappy_before as Figure} unit="share" why={f.unhappy.why} />
                </dd>
                <dt>{t("stage.happy")}</dt>
                <dd>
                    <Estimate of={f.happy as Figure} unit="share" label={`${stage.name}: ${t("stage.happy")}`} text={t("stage.unhappy_text")} />
                </dd>
                <dt>{t("stage.stay")}</dt>
                <dd>
                    {f.days.state === "refused" ? <span class="muted">{t("stage.stay_open")}</span> : <Estimate of={f.days as Figure} unit="days" label={`${stage.name}: ${t("stage.stay")}`} text={t("stage.stay_text")} />}
                </dd>
            </dl>
            {f.topics.length > 0 && (
                <ul class="rows">
                    {f.topics.slice(0, 4).map((o) => (
                        <li key={o.topic}>
                            <a href={`/topics/${o.topic}`}>{o.name}</a> <span class="muted">{tn("stage.people", o.people)}</span>
                            {o.unhappy.state === "ok" && <> <Estimate of={o.unhappy as Figure} unit="share" quiet label={`${stage.name}, ${o.name}: ${t("stage.unhappy")}`} text={t("stage.unhappy_text")} /></>}
                        </li>
                    ))}
                </ul>
            )}
            {f.feelings.length > 0 && <p class="muted">{f.feelings.slice(0, 3).map((o) => `${tr(`meaning.feel_${o.name}`, o.name)} ${count(o.people)}`).join(" · ")}</p>}
            {f.next.length > 0 && (
                <p class="muted">
                    {t("stage.then")} {f.next.slice(0, 2).map((o) => `${o.name || t("stage.none")} ${percent(o.share.value ?? 0, 0)}`).join(", ")} <small>(n {count(f.next[0]!.share.n)})</small>
                </p>
            )}
            <Acts of={stage} />
            <p class="row no-print">
                {may("customers_read") && (
                    <button onClick={onWords} disabled={!f.words}>
                        {tn("stage.words", f.words)}
                    </button>
                )}
                {may("playbooks_write") && (
                    <button class="quiet" onClick={onEdit} aria-label={t("stage.change_one", { name: stage.name })}>
                        {t("act.change")}
                    </button>
                )}
            </p>
        </li>
    );
}

function Acts({ of }: { of: Row }) {
    const held = of.acts.filter((a) => a.do === "hold");
    const routed = of.acts.filter((a) => a.do === "route");
    const when = (a: Shapes["stage_act"]) => (a.when === "unhappy" ? ` (${t("stage.when_unhappy")})` : "");
    const kinds = (a: Shapes["stage_act"]) => (a.kinds ?? []).map((k) => tr(`gate.kind.${k}`, k)).join(", ");
    return (
        <>
            {held.map((a) => (
                <p key={a.when}>
                    <span class="tag">{t("stage.hold")}</span> {kinds(a)}
                    {when(a)}
                </p>
            ))}
            {routed.map((a) => (
                <p key={a.when}>
                    <span class="tag">{t("stage.route")}</span> {tr(`role.${a.to}`, a.to ?? "")}
                    {when(a)}
                </p>
            ))}
        </>
    );
}

function Words({ of, days, onClose }: { of: Row; days: number; onClose(): void }) {
    type One = Shapes["stage_words"];
    const list = usePaged<One>(`stage words ${of.id} ${days}`, (after, signal) => take(api.GET("/api/stages/{id}/words", { params: { path: { id: of.id }, query: { days, after, limit: 50 } }, signal })) as Promise<Page<One>>);
    return (
        <Dialog title={of.name} onClose={onClose} side>
            <Show of={list.first} lines={8} empty={(d) => (d.rows.length ? null : <p>{t("stage.no_words")}</p>)}>
                {() => (
                    <ul class="rows">
                        {list.rows.map((w, i) => (
                            <li key={w.feedback ?? i}>
                                <p class="muted">
                                    {w.customer ? <a href={`/customers/${w.customer}`}>{w.name ?? t("stage.somebody")}</a> : t("stage.somebody")} · {channelName(w.channel)} · <When at={w.at} /> {w.mood != null && <TopicMood of={w.mood} />}
                                </p>
                                <p class="said" lang="">
                                    {w.words}
                                </p>
                            </li>
                        ))}
                    </ul>
                )}
            </Show>
            {list.more && (
                <button disabled={list.busy} onClick={list.onMore}>
                    {t("stage.more")}
                </button>
            )}
        </Dialog>
    );
}
