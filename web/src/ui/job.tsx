// Work beside requests: how far it is, how long it will take, and stopping it. The page may be closed meanwhile.
import { useEffect, useRef } from "preact/hooks";
import { api, type Shapes, take } from "../lib/api";
import { count, percent, span, t } from "../lib/i18n";
import { type UseLoad, useLoad } from "../lib/load";
import { toastProblem } from "../lib/toast";
import { Said } from "./said";

type Job = Shapes["job"];
export const ended = (j?: Job) => !!j && ["done", "failed", "cancelled"].includes(j.state);

export function useJob(id: number | null): UseLoad<Job> {
    const job = useLoad<Job>(`job ${id}`, (signal) => (id ? take(api.GET("/api/jobs/{id}", { params: { path: { id } }, signal })) : new Promise<Job>(() => {})), ["job"]);
    useEffect(() => {
        if (!id || ended(job.data)) return;
        const timer = setInterval(job.again, 2000); // where no line tells
        return () => clearInterval(timer);
    }, [id, job.data?.state]);
    return job;
}
export function JobBar({ of, text }: { of: UseLoad<Job>; text: string }) {
    const seen = useRef<{ done: number; at: number } | null>(null);
    const j = of.data;
    if (!j) return <p class="muted">{t("state.loading")}</p>;
    if (j.state === "done") return null;
    if (j.state === "failed") return <p class="note bad" role="alert">⚠ {t("job.failed")} <Said text={j.error} /></p>;
    if (j.state === "cancelled") return <p class="note">{t("job.cancelled")}</p>;
    if (!seen.current && j.done) seen.current = { done: j.done, at: Date.now() };
    const rate = seen.current && j.done > seen.current.done ? (j.done - seen.current.done) / (Date.now() - seen.current.at) : 0;
    const left = rate && j.total ? (j.total - j.done) / rate : 0;
    return (
        <div role="status" class="note">
            <p>
                <strong>{text}</strong> {j.total > 0 && `${count(j.done)} / ${count(j.total)} · ${percent(j.done / j.total)}`} {left > 1000 && t("job.left", { time: span(left) })}
            </p>
            <progress value={j.total ? j.done / j.total : undefined} aria-label={text} />
            <p class="row spread">
                <small>{t("job.leave")}</small>
                <button disabled={j.stopping} onClick={() => void take(api.POST("/api/jobs/{id}/cancel", { params: { path: { id: j.id } } })).then(of.again, toastProblem)}>
                    {j.stopping ? t("job.stopping") : t("job.stop")}
                </button>
            </p>
        </div>
    );
}
