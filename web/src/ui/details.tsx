// What a figure opens: what it means, how it was found, and the rows behind it. Fetched when the first one is opened.
import { api, may, take } from "../lib/api";
import { sayChange, sayFigure, verdictGlyph, verdictKey } from "../lib/figure";
import { day, dayTime, t, zoneName } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Dialog } from "./dialog";
import type { About, EstimateProps } from "./estimate";
import { Evidence } from "./evidence";
import { said } from "../lib/said";

export default function Details(p: EstimateProps & { onClose(): void }) {
    const { of, unit } = p;
    const rows: [string, string][] = [];
    const add = (label: string, text: string | null | undefined) => text && rows.push([label, text]);
    add(t("est.figure"), sayFigure(of, unit));
    add(t("est.why"), of.why && (said(of.why) ?? of.why));
    add(t("est.method"), of.method ? `${said(of.method) ?? of.method}${of.lo !== of.hi ? ` · ${t("est.level")}` : ""}` : "");
    add(t("est.before"), p.before?.value != null ? sayFigure(p.before, unit) : "");
    add(t("est.difference"), p.change ? `${sayChange(p.change, unit)}${p.change.method ? ` · ${said(p.change.method) ?? p.change.method}` : ""}` : "");
    add(t("est.verdict"), p.verdict && p.verdict !== "none" ? `${verdictGlyph[p.verdict]} ${t(verdictKey[p.verdict])}` : "");
    add(t("est.period"), p.period ? t("est.from_to", { from: day(p.period[0]), to: day(new Date(new Date(p.period[1]).getTime() - 1)) }) : "");
    add(t("est.zone"), zoneName());
    add(t("est.fresh"), p.asOf ? t("est.as_of", { time: dayTime(p.asOf) }) : "");
    return (
        <Dialog title={p.label} onClose={p.onClose} wide>
            <Definition {...p} />
            <dl class="facts">
                {rows.map(([k, v]) => (
                    <div key={k}>
                        <dt>{k}</dt>
                        <dd>{v}</dd>
                    </div>
                ))}
            </dl>
            {p.note && <p class="muted">{p.note}</p>}
            {p.evidence && may("customers_read") && <Evidence id={p.evidence} />}
            {p.measure && (
                <p>
                    <a href={`/measures/${p.measure}`} onClick={p.onClose}>
                        {t("est.over_time")}
                    </a>
                </p>
            )}
        </Dialog>
    );
}

function Definition({ measure, text }: About) {
    if (text) return <p>{text}</p>;
    return measure ? <MeasureText name={measure} /> : null;
}
function MeasureText({ name }: { name: string }) {
    const all = useLoad("measures", (signal) => take(api.GET("/api/measures", { params: { query: { limit: 500 } }, signal })));
    const m = all.data?.items.find((x) => x.name === name);
    return <p>{m ? `${said(m.text) ?? m.text} (${m.formula})` : ""}</p>;
}
