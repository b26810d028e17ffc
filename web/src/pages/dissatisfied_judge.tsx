// The month's sample: customers by chance, judged without seeing what heed thinks of them. y says yes, n no, u that it
// cannot be told; arrow keys go on and back.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { count, day, money, month as monthName, t, tn } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { forget, useLoad } from "../lib/load";
import { toastProblem } from "../lib/toast";
import { channelName, instrumentName, kindName, scoreText } from "../ui/bits";
import { Empty, Show } from "../ui/states";
import { say } from "./dissatisfied";

type Audit = Shapes["dissatisfied_audit"];
type Says = "yes" | "no" | "unsure";
const words: Says[] = ["yes", "no", "unsure"];
const keyOf = { yes: "y", no: "n", unsure: "u" };

export function Judge() {
    const sample = useLoad<Audit>("dissatisfied audit", (signal) => take(api.GET("/api/dissatisfied/audit", { signal })));
    return <Show of={sample}>{(d) => (d.drawn ? <Asked d={d} onSaid={(x) => sample.set(x)} /> : <Draw onDrawn={() => sample.again()} />)}</Show>;
}
function Draw({ onDrawn }: { onDrawn(): void }) {
    const draw = async () => {
        try {
            await take(api.POST("/api/dissatisfied/audit", {}));
            forget("dissatisfied");
            onDrawn();
        } catch (e) {
            toastProblem(e);
        }
    };
    return (
        <Empty title={t("dissat.not_drawn")} text={t("dissat.not_drawn_text")}>
            {may("customers_write") && (
                <button class="primary" onClick={() => void draw()}>
                    {t("dissat.draw")}
                </button>
            )}
        </Empty>
    );
}
function Asked({ d, onSaid }: { d: Audit; onSaid(d: Audit): void }) {
    const first = d.items.findIndex((x) => !x.says);
    const [at, setAt] = useState(first < 0 ? d.items.length : first);
    const [busy, setBusy] = useState(false);
    const write = may("customers_write");
    const x = d.items[at];
    const go = (to: number) => setAt(Math.max(0, Math.min(d.items.length, to)));
    const answer = async (says: Says) => {
        if (!x || busy || !write) return;
        setBusy(true);
        const set = (v: Says | null, more: number) => onSaid({ ...d, judged: d.judged + more, items: d.items.map((y) => (y === x ? { ...y, says: v } : y)) });
        if (await say(x.customer, says, true, () => set(x.says ?? null, 0))) {
            set(says, x.says ? 0 : 1);
            forget("dissatisfied count"), forget("dissatisfied right");
            go(at + 1);
        }
        setBusy(false);
    };
    const group = t("dissat.judge");
    useShortcuts(
        [
            ...(write ? words.map((w) => ({ keys: keyOf[w], label: t(`dissat.say_${w}`), group, run: () => void answer(w) })) : []),
            { keys: "ArrowRight", label: t("topic.skip"), group, run: () => go(at + 1) },
            { keys: "ArrowLeft", label: t("topic.before"), group, run: () => go(at - 1) },
        ],
        [d, at, busy],
    );
    if (!x)
        return (
            <Empty title={t("dissat.all_judged")} text={t("dissat.all_judged_text")}>
                <a class="button primary" href="/dissatisfied?tab=right">
                    {t("dissat.right")}
                </a>
                <button onClick={() => go(0)}>{t("topic.audit_again")}</button>
            </Empty>
        );
    const where = t("topic.question", { n: at + 1, of: d.items.length });
    return (
        <>
            <p class="row spread">
                <span>
                    {monthName(`${d.month}-15T12:00:00Z`)}: {tn("dissat.judged", d.judged, { of: count(d.items.length) })}
                </span>
                <span class="muted">{where}</span>
            </p>
            <progress value={d.judged} max={d.items.length} aria-label={group} />
            <section class="panel asked" aria-label={where}>
                <h2>
                    {x.name || `#${x.customer}`} {x.says && <span class="tag good">{t(`dissat.say_${x.says as Says}`)}</span>}
                </h2>
                {x.lately.length > 0 ? <Lately of={x.lately} /> : <p class="muted">{t(x.says ? "dissat.judged_already" : "dissat.nothing_happened")}</p>}
                <h3 id="asked">{t("dissat.ask")}</h3>
                <p class="row no-print" role="group" aria-labelledby="asked">
                    {words.map((w) => (
                        <button key={w} disabled={!write || busy} onClick={() => void answer(w)}>
                            <kbd aria-hidden="true">{keyOf[w]}</kbd> {t(`dissat.say_${w}`)}
                        </button>
                    ))}
                    <button class="quiet" title="→" onClick={() => go(at + 1)}>
                        {t("topic.skip")}
                    </button>
                    {at > 0 && (
                        <button class="quiet" title="←" onClick={() => go(at - 1)}>
                            {t("topic.before")}
                        </button>
                    )}
                </p>
                <small>{t("dissat.blind")}</small>
            </section>
        </>
    );
}
function Lately({ of }: { of: Shapes["dissatisfied_moment"][] }) {
    return (
        <ul class="rows">
            {of.map((m, i) => (
                <li key={i}>
                    <p class="row spread">
                        <span>
                            <strong>{kindName(m.kind)}</strong> {m.score != null && `${scoreText(m.score, m.instrument)} ${instrumentName(m.instrument)}`} {m.amount && money(m.amount)}
                        </span>
                        <span class="muted">
                            {channelName(m.channel)} · <time dateTime={m.at}>{day(m.at)}</time>
                        </span>
                    </p>
                    {m.words && (
                        <blockquote class="said" lang="">
                            {m.words}
                        </blockquote>
                    )}
                </li>
            ))}
        </ul>
    );
}
