// A refusal in the reader's language. The server's own words, which are English, stand under "details".
import type { Problem } from "../lib/api";
import { t } from "../lib/i18n";
import { detailOf, sayProblem } from "../lib/toast";

export function ProblemText({ of }: { of: Problem }) {
    return (
        <>
            {sayProblem(of)} <Detail text={detailOf(of)} />
        </>
    );
}
export function Detail({ text }: { text?: string }) {
    if (!text) return null;
    return (
        <details class="detail">
            <summary>{t("problem.details")}</summary>
            <bdi lang="en">{text}</bdi>
        </details>
    );
}
