// One message: its words, how its tries went, what came back, and what can be done about it.
import { api, me, take } from "../lib/api";
import { count, dayTime, t, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import type { PageProps } from "../pages";
import { Facts, PageHead, When } from "../ui/bits";
import { Show } from "../ui/states";
import { Actions, kindOf, StateTag, Steps } from "./messages";
import { Said } from "../ui/said";

export default function MessagePage({ params }: PageProps) {
    const id = Number(params.id);
    const one = useLoad(`outbox one ${id}`, (signal) => take(api.GET("/api/outbox/{id}", { params: { path: { id } }, signal })), ["outbox"]);
    return (
        <Show of={one} lines={8}>
            {({ message: m, text, tries, bounces, message_id }) => (
                <>
                    <PageHead title={<span lang={m.lang}>{m.subject || kindOf(m.kind)}</span>} text={<StateTag of={m.state} />}>
                        <Actions m={m} />
                    </PageHead>
                    {m.reply && m.state !== "sent" && <p class="note">{m.reply}</p>}
                    <div class="split">
                        <div>
                            <section class="panel" aria-labelledby="words">
                                <div class="panel-head">
                                    <h2 id="words">{t("outbox.words")}</h2>
                                    <a href={`/api/outbox/${id}/html`} target="_blank" rel="noopener">
                                        {t("outbox.as_html")}
                                    </a>
                                </div>
                                <p class="said full" lang={m.lang}>
                                    {text}
                                </p>
                            </section>
                            {tries.length > 0 && (
                                <section class="panel" aria-labelledby="tries">
                                    <h2 id="tries">{t("outbox.tries")}</h2>
                                    <ul class="rows">
                                        {tries.map((x) => (
                                            <li key={x.at}>
                                                <strong>{tr(`outbox.stage_${x.stage}`, x.stage)}</strong> {x.status ? count(x.status) : ""} <span class="muted">{dayTime(x.at)}</span>
                                                <p class="muted">{x.reply}</p>
                                            </li>
                                        ))}
                                    </ul>
                                </section>
                            )}
                            {bounces.length > 0 && (
                                <section class="panel" aria-labelledby="back">
                                    <h2 id="back">{t("outbox.bounces")}</h2>
                                    <ul class="rows">
                                        {bounces.map((b) => (
                                            <li key={b.id}>
                                                <strong>{tr(`outbox.bounce_${b.kind}`, b.kind)}</strong> {b.status} <span class="muted">{dayTime(b.at)}</span>
                                                <p class="muted">{b.words}</p>
                                            </li>
                                        ))}
                                    </ul>
                                </section>
                            )}
                        </div>
                        <aside aria-label={t("outbox.beside")}>
                            <section class="panel">
                                <Facts
                                    rows={[
                                        [t("outbox.to"), m.customer ? <a href={`/customers/${m.customer}`}>{m.to_name || m.address}</a> : m.to_name || m.address],
                                        [t("outbox.address"), m.address],
                                        [t("outbox.from"), m.from_name],
                                        [t("outbox.kind"), kindOf(m.kind)],
                                        [t("outbox.template"), m.template],
                                        [t("outbox.occasion"), m.occasion],
                                        [t("outbox.by"), m.by === `account:${me.id}` ? me.name : m.by],
                                        [t("outbox.created"), <When at={m.created} full />],
                                        [t("outbox.due"), m.due && <When at={m.due} full />],
                                        [t("outbox.ended"), m.ended && <When at={m.ended} full />],
                                        [t("outbox.tried"), m.tries ? count(m.tries) : ""],
                                        [t("outbox.reply"), m.reply],
                                        ["Message-ID", message_id],
                                    ]}
                                />
                            </section>
                            {m.gate > 0 && <Gate id={m.gate} />}
                        </aside>
                    </div>
                </>
            )}
        </Show>
    );
}
function Gate({ id }: { id: number }) {
    const one = useLoad(`gate record ${id}`, (signal) => take(api.GET("/api/gate/records/{id}", { params: { path: { id } }, signal })).catch(() => null));
    if (!one.data) return null;
    return (
        <section class="panel" aria-labelledby="gate">
            <h2 id="gate">{t("gate.title")}</h2>
            <p>
                {t(`gate.${one.data.record.verdict}`)} <Said text={one.data.record.reason} />
            </p>
            <details>
                <summary>{t("gate.every_rule")}</summary>
                <Steps steps={one.data.steps} />
            </details>
        </section>
    );
}
