// Work beside requests: what repeats, what runs, and how it went.
import { api, may, type Page, type Shapes, take } from "../../lib/api";
import { percent, span, t, tr } from "../../lib/i18n";
import { toast, toastProblem } from "../../lib/toast";
import { ifMatch } from "../../lib/api";
import { When } from "../../ui/bits";
import { More } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Show } from "../../ui/states";
import { Said } from "../../ui/said";

type Job = Shapes["job"];
export default function Jobs() {
    const list = usePaged<Job>("jobs", (after, signal) => take(api.GET("/api/jobs", { params: { query: { after, limit: 60 } }, signal })) as Promise<Page<Job>>, ["job"]);
    const repeats = list.rows.filter((j) => j.every_s);
    const once = list.rows.filter((j) => !j.every_s);
    return (
        <Show of={list.first}>
            {() => (
                <>
                    <section class="panel">
                        <h2>{t("job.repeats")}</h2>
                        <ul class="rows">
                            {repeats.map((j) => (
                                <Row key={j.id} j={j} again={list.first.again} />
                            ))}
                        </ul>
                    </section>
                    {once.length > 0 && (
                        <section class="panel">
                            <h2>{t("job.once")}</h2>
                            <ul class="rows">
                                {once.map((j) => (
                                    <Row key={j.id} j={j} again={list.first.again} />
                                ))}
                            </ul>
                            <More of={list} older />
                        </section>
                    )}
                </>
            )}
        </Show>
    );
}
function Row({ j, again }: { j: Job; again(): void }) {
    const params = { path: { id: j.id } };
    const run = (p: Promise<unknown>, said?: string) => void p.then(() => (said && toast(said), again()), toastProblem);
    return (
        <li>
            <div class="row spread">
                <span>
                    <strong>{tr(`job.kind_${j.kind}`, j.text)}</strong> <span class={`tag ${j.state === "failed" ? "bad" : j.state === "done" && j.on !== false ? "good" : ""}`}>{j.on === false ? t("job.off") : tr(`job.${j.state}`, j.state)}</span>
                </span>
                <span class="row">
                    {j.every_s && may("sources_write") && j.state !== "running" && (
                        <button onClick={() => run(take(api.POST("/api/jobs/{id}/run", { params })), t("job.begun"))}>
                            {t("job.run")}
                            <span class="hidden"> {tr(`job.kind_${j.kind}`, j.text)}</span>
                        </button>
                    )}
                    {j.every_s && may("settings_write") && (
                        <button class="link" onClick={() => run(take(api.PATCH("/api/jobs/{id}", { params, headers: ifMatch(j.version), body: { on: !j.on } })))}>
                            {t(j.on ? "job.switch_off" : "job.switch_on")}
                            <span class="hidden"> {tr(`job.kind_${j.kind}`, j.text)}</span>
                        </button>
                    )}
                    {!j.every_s && (j.state === "waiting" || j.state === "running") && may("sources_write") && <button onClick={() => run(take(api.POST("/api/jobs/{id}/cancel", { params })))}>{t("job.stop")}</button>}
                </span>
            </div>
            <p class="muted">
                {j.every_s ? t("job.every", { time: span(j.every_s * 1000) }) : null} {j.ended && <>{t("job.last")} <When at={j.ended} /></>} {j.next && j.on !== false && <>· {t("job.next")} <When at={j.next} /></>} {j.state === "running" && j.total > 0 && percent(j.done / j.total)}
            </p>
            {j.error && <p class="bad">⚠ <Said text={j.error} /></p>}
        </li>
    );
}
