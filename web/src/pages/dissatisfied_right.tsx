// How right heed is about who is dissatisfied: by people who judge blindly, sign by sign, and by what happened later.
import { api, type Shapes, take } from "../lib/api";
import type { Figure } from "../lib/figure";
import { count, decimal, percent, t, tn, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Stack } from "../ui/bits";
import { Estimate } from "../ui/estimate";
import { Show } from "../ui/states";
import { signalName } from "./dissatisfied";

type Told = Shapes["dissatisfied_right"];

export function Right() {
    const told = useLoad("dissatisfied right", (signal) => take(api.GET("/api/dissatisfied/figures", { signal })), ["dissatisfied"]);
    return (
        <Show of={told} lines={8}>
            {(d) => (
                <>
                    <ByPeople d={d} />
                    <Later d={d} />
                    <Signs d={d} />
                </>
            )}
        </Show>
    );
}
function ByPeople({ d }: { d: Told }) {
    const judged = d.parts.reduce((n, p) => n + p.yes + p.no + p.unsure, 0);
    const drawn = d.parts.reduce((n, p) => n + p.drawn, 0);
    const card = (title: string, text: string, of: unknown, more?: string) => (
        <section class="card">
            <h3>{title}</h3>
            <Estimate of={of as Figure} unit="share" big label={title} text={text} />
            {more && <small>{more}</small>}
        </section>
    );
    return (
        <section aria-labelledby="people">
            <h2 id="people">{t("dissat.by_people")}</h2>
            <p class="muted">{t("dissat.by_people_text")}</p>
            <p>
                {tn("dissat.judged", judged, { of: count(drawn) })} {drawn === 0 && <a href="/dissatisfied?tab=judge">{t("dissat.judge_now")}</a>}
            </p>
            <div class="cards">
                {card(t("dissat.precision"), t("dissat.precision_text"), d.precision, d.said == null ? undefined : t("dissat.said", { p: percent(d.said) }))}
                {card(t("dissat.recall"), t("dissat.recall_text"), d.recall)}
                {card(t("dissat.recall_any"), t("dissat.recall_any_text"), d.recall_any)}
                {card(t("dissat.prevalence"), t("dissat.prevalence_text"), d.prevalence)}
            </div>
        </section>
    );
}
function Later({ d }: { d: Told }) {
    const heads = [t("dissat.what_later"), t("dissat.listed_then"), t("dissat.others"), t("dissat.times")];
    return (
        <section class="panel" aria-labelledby="later">
            <h2 id="later">{t("dissat.later")}</h2>
            <p class="muted">{t("dissat.later_text")}</p>
            <Stack name={t("dissat.later")} heads={heads} numbers={[1, 2, 3]}>
                {d.later.map((x) => (
                    <tr key={`${x.days} ${x.outcome}`}>
                        <th scope="row">{tr(`dissat.outcome_${x.outcome}`, x.outcome, { n: count(x.days) })}</th>
                        <td class="number" data-label={heads[1]}>
                            <Estimate of={x.listed as Figure} unit="share" label={heads[1]!} text={t("dissat.later_text")} />
                        </td>
                        <td class="number" data-label={heads[2]}>
                            <Estimate of={x.others as Figure} unit="share" quiet label={heads[2]!} text={t("dissat.later_text")} />
                        </td>
                        <td class="number" data-label={heads[3]}>
                            {x.times == null ? "–" : t("dissat.times_of", { n: decimal(x.times, 1), lo: decimal(x.times_lo!, 1), hi: decimal(x.times_hi!, 1) })}
                        </td>
                    </tr>
                ))}
            </Stack>
        </section>
    );
}
function Signs({ d }: { d: Told }) {
    const heads = [t("dissat.sign"), t("dissat.listed_with"), t("dissat.strength"), t("dissat.precision_of"), t("dissat.unique")];
    return (
        <section class="panel" aria-labelledby="signs">
            <h2 id="signs">{t("dissat.signs")}</h2>
            <p class="muted">{t("dissat.signs_text")}</p>
            <Stack name={t("dissat.signs")} heads={heads} numbers={[1, 2, 3, 4]}>
                {d.signals.map((x) => (
                    <tr key={x.signal}>
                        <th scope="row">
                            {x.listed ? <a href={`/dissatisfied?signal=${x.signal}`}>{signalName(x.signal)}</a> : signalName(x.signal)}
                        </th>
                        <td class="number" data-label={heads[1]}>
                            {count(x.listed)}
                        </td>
                        <td class="number" data-label={heads[2]}>
                            {percent(x.strength)} {Math.abs(x.strength - x.default) >= 0.005 && <small>{t("dissat.default", { p: percent(x.default) })}</small>}
                        </td>
                        <td class="number" data-label={heads[3]}>
                            {x.judged ? <Estimate of={x.precision as Figure} unit="share" label={`${signalName(x.signal)}: ${heads[3]}`} text={t("dissat.precision_of_text")} /> : "–"}
                        </td>
                        <td class="number" data-label={heads[4]}>
                            {x.judged ? <Estimate of={x.unique as Figure} unit="share" quiet label={`${signalName(x.signal)}: ${heads[4]}`} text={t("dissat.unique_text")} /> : "–"}
                        </td>
                    </tr>
                ))}
            </Stack>
        </section>
    );
}
