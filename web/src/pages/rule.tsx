// A rule in words, tried while it is written: how many it finds, and who some of them are.
import { useEffect, useState } from "preact/hooks";
import { api, Problem, problemOf, type Shapes, take } from "../lib/api";
import { count, percent, t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { ProblemText } from "../ui/problem";

export function RuleTry({ rule, onGood }: { rule: string; onGood(good: boolean): void }) {
    const [found, setFound] = useState<Shapes["segment_found"] | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    useEffect(() => {
        if (!rule.trim()) {
            setFound(null);
            setProblem(null);
            onGood(false);
            return;
        }
        const stop = new AbortController();
        const timer = setTimeout(() => {
            take(api.POST("/api/segments/preview", { body: { rule }, signal: stop.signal })).then(
                (d) => (setFound(d), setProblem(null), onGood(true)),
                (x) => stop.signal.aborted || (setProblem(problemOf(x)), onGood(false)),
            );
        }, 350);
        return () => (clearTimeout(timer), stop.abort());
    }, [rule]);
    return (
        <div role="status" class="note">
            {problem ? (
                <div class="bad">⚠ <ProblemText of={problem} /></div>
            ) : found ? (
                <>
                    <p>
                        <strong>{t("segment.finds", { n: count(found.members), of: count(found.of), share: percent(found.of ? found.members / found.of : 0, 1) })}</strong>
                    </p>
                    <p class="muted">{found.examples.slice(0, 6).map((c) => c.name).join(", ")}</p>
                </>
            ) : (
                <p class="muted">{t("segment.try")}</p>
            )}
        </div>
    );
}
const examples = ["orders >= 2", "order_value >= 100 EUR", "days_since_order > 90", "waiting", "score nps <= 6", "contract", "orders in 90 days >= 1", "complaints >= 1"];
export function RuleHelp({ onPick }: { onPick(x: string): void }) {
    const fields = useLoad("fields", (signal) => take(api.GET("/api/segments/fields", { params: { query: { limit: 500 } }, signal })));
    return (
        <details>
            <summary>{t("segment.help")}</summary>
            <p class="row">
                {examples.map((x) => (
                    <button type="button" key={x} class="chip" onClick={() => onPick(x)}>
                        <code>{x}</code>
                    </button>
                ))}
            </p>
            <dl class="facts">
                {fields.data?.items.map((f) => (
                    <div key={f.name}>
                        <dt>
                            <code>{f.name}</code>
                        </dt>
                        <dd>{f.text}</dd>
                    </div>
                ))}
            </dl>
        </details>
    );
}
