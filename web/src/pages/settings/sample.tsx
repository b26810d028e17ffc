// The sample company: made to look around, taken away without a trace.
import { useState } from "preact/hooks";
import { api, may, take } from "../../lib/api";
import { count, t } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { toastProblem } from "../../lib/toast";
import { Confirm } from "../../ui/dialog";
import { ended, JobBar, useJob } from "../../ui/job";
import { Show } from "../../ui/states";

export default function Sample() {
    const sample = useLoad("sample", (signal) => take(api.GET("/api/sample", { signal })), ["job"]);
    const [job, setJob] = useState<number | null>(null);
    const [asking, setAsking] = useState(false);
    const running = useJob(job ?? sample.data?.job ?? null);
    const begin = async (what: "make" | "drop") => {
        try {
            const j = await (what === "make" ? take(api.POST("/api/sample", { body: {} })) : take(api.DELETE("/api/sample")));
            setJob(j.id);
            forget("");
        } catch (x) {
            toastProblem(x);
        }
        setAsking(false);
    };
    const busy = running.data && !ended(running.data);
    return (
        <section class="panel">
            <Show of={sample}>
                {(d) => (
                    <>
                        <p>{d.present ? t("sample.present", { n: count(d.customers ?? 0), years: count(d.years ?? 0) }) : t("sample.absent")}</p>
                        {busy ? (
                            <JobBar of={running} text={t(d.present ? "sample.working" : "sample.making")} />
                        ) : (
                            may("sources_write") &&
                            (d.present ? (
                                <button class="danger" onClick={() => setAsking(true)}>
                                    {t("sample.remove")}
                                </button>
                            ) : (
                                <button class="primary" onClick={() => void begin("make")}>
                                    {t("sample.make")}
                                </button>
                            ))
                        )}
                        {running.data?.state === "failed" && <p class="note bad">⚠ {running.data.error}</p>}
                        {running.data?.state === "done" && !d.present && <p class="note good">{t("sample.removed")}</p>}
                    </>
                )}
            </Show>
            {asking && <Confirm title={t("sample.remove_title")} text={t("sample.remove_text")} verb={t("sample.remove")} onYes={() => begin("drop")} onClose={() => setAsking(false)} />}
        </section>
    );
}
