// Looks for themes now, beside everything else, and says how far it is.
import { useState } from "preact/hooks";
import { api, may, take } from "../lib/api";
import { t } from "../lib/i18n";
import { forget } from "../lib/load";
import { toastProblem } from "../lib/toast";
import { ended, JobBar, useJob } from "../ui/job";
import { Said } from "../ui/said";

export function FindThemes({ running, anew }: { running?: number | null; anew?: boolean }) {
    const [id, setId] = useState<number | null>(null);
    const job = useJob(id ?? running ?? null);
    if (!may("topics_write")) return null;
    if (job.data && !ended(job.data)) return <JobBar of={job} text={t("theme.looking")} />;
    const begin = () =>
        void take(api.POST("/api/themes/find", { body: { anew } })).then(
            (j) => (setId(j.id), forget("themes")),
            toastProblem,
        );
    return (
        <>
            {job.data?.state === "failed" && <p class="note bad">⚠ <Said text={job.data.error} /></p>}
            <button onClick={begin}>{t("theme.look")}</button>
        </>
    );
}
