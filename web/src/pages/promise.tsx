// One promise and its history. It is also the smallest real page: docs/web.md takes it as the example.
import { api, take } from "../lib/api";
import { day, dayTime, t } from "../lib/i18n";
import { useLoad } from "../lib/load";
import type { PageProps } from "../pages";
import { Facts, kindName, PageHead } from "../ui/bits";
import { Show } from "../ui/states";
import { CommitmentActions, commitmentKind, CommitmentState, dueText } from "./commitments";

export default function PromisePage({ params }: PageProps) {
    const id = Number(params.id);
    const one = useLoad(`promise ${id}`, (signal) => take(api.GET("/api/commitments/{id}", { params: { path: { id } }, signal })), ["events"]);
    return (
        <Show of={one}>
            {({ commitment: c, steps }) => (
                <>
                    <PageHead title={c.what || commitmentKind(c.kind)}>
                        <CommitmentActions c={c} onChange={one.again} />
                    </PageHead>
                    <div class="split">
                        <section class="panel">
                            <h2>{t("promise.history")}</h2>
                            <ul class="rows">
                                {steps.map((s, i) => (
                                    <li key={i}>
                                        <strong>{kindName(s.what)}</strong> <span class="muted">{dayTime(s.at)}{s.due && ` · ${t("promise.due", { when: day(s.due) })}`}{s.staff && ` · ${s.staff}`}</span>
                                        {s.words && <p class="said full">{s.words}</p>}
                                    </li>
                                ))}
                            </ul>
                        </section>
                        <section class="panel">
                            <Facts
                                rows={[
                                    [t("promise.state"), <CommitmentState c={c} />],
                                    [t("promise.kind"), commitmentKind(c.kind)],
                                    [t("promise.to_whom"), c.customer ? <a href={`/customers/${c.customer}`}>{c.name}</a> : null],
                                    [t("promise.owner"), [c.owner, c.team].filter(Boolean).join(" · ")],
                                    [t("promise.due_day"), dueText(c)],
                                    [t("promise.first_due"), c.first_due && c.first_due !== c.due ? day(c.first_due) : null],
                                    [t("promise.made"), dayTime(c.made)],
                                    [t("promise.kept_at"), c.kept && `${dayTime(c.kept)} · ${t(c.kept_by === "event" ? "promise.by_event" : "promise.by_person")}`],
                                ]}
                            />
                        </section>
                    </div>
                </>
            )}
        </Show>
    );
}
