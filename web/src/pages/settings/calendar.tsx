// When we are open: the hours, holidays and closed days by which everybody's promises are counted.
import { useState } from "preact/hooks";
import { api, may, take } from "../../lib/api";
import { dayTime, t } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { Facts } from "../../ui/bits";
import { Show } from "../../ui/states";
import { AgreementForm, fresh } from "../agreements";
import { DaysAhead, daysOf, regionName, weekText } from "../hours";

export default function Calendar() {
    const now = useLoad("calendar", (signal) => take(api.GET("/api/promises/calendar", { signal })));
    const regions = useLoad("regions", (signal) => take(api.GET("/api/promises/regions", { signal })));
    const [editing, setEditing] = useState(false);
    const writes = may("settings_write");
    return (
        <Show of={now} lines={6}>
            {(c) => {
                const region = c.country && regionName(c.country, regions.data?.items.find((r) => r.code === c.country)?.name);
                return (
                    <>
                        <section class="panel" aria-labelledby="open">
                            <div class="panel-head">
                                <h2 id="open">{t("cal.title")}</h2>
                                <span class={`tag ${c.open ? "good" : ""}`}>{c.open ? `✓ ${t("cal.open_now")}` : c.opens ? t("cal.opens", { when: dayTime(c.opens) }) : t("cal.closed_now")}</span>
                            </div>
                            <p class="muted">{t(c.agreement ? "cal.text" : "cal.text_none")}</p>
                            <Facts
                                rows={[
                                    [t("hours.open"), weekText(c.week)],
                                    [t("company.zone"), c.zone.replace(/_/g, " ")],
                                    [t("hours.holidays_of"), region || t("hours.no_holidays")],
                                    [t("hours.closed_days"), daysOf(c.closed).length || t("hours.none")],
                                    [t("agree.name"), c.name],
                                ]}
                            />
                            {writes && !editing && (
                                <p class="row no-print">
                                    <button class="primary" onClick={() => setEditing(true)}>
                                        {t(c.agreement ? "cal.change" : "cal.set")}
                                    </button>
                                    <button onClick={() => print()}>{t("act.print")}</button>
                                </p>
                            )}
                            {editing && <Edit agreement={c.agreement} country={c.country} onClose={() => setEditing(false)} />}
                        </section>
                        <section class="panel" aria-labelledby="ahead">
                            <h2 id="ahead">{t("cal.ahead")}</h2>
                            <DaysAhead country={c.country} closed={c.closed} />
                        </section>
                        <section class="panel no-print" aria-labelledby="others">
                            <h2 id="others">{t("cal.others")}</h2>
                            <p>
                                {t("cal.others_text")} <a href="/commitments?tab=standards">{t("agree.title")}</a>
                            </p>
                        </section>
                    </>
                );
            }}
        </Show>
    );
}
function Edit({ agreement, country, onClose }: { agreement?: number | null; country: string; onClose(): void }) {
    const list = useLoad("agreements", (signal) => take(api.GET("/api/promises/agreements", { params: { query: { limit: 500 } }, signal })));
    return (
        <Show of={list}>
            {(d) => {
                const x = d.items.find((y) => y.id === agreement);
                return <AgreementForm key={x?.version} x={x} plain first={fresh(t("cal.our_hours"), country)} verb={t("act.save")} onSaved={onClose} onCancel={onClose} />;
            }}
        </Show>
    );
}
