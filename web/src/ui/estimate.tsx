// The only place that shows a figure. Value, range and n stand together, the verdict is a word; the button opens what it
// means, how it was found, and the rows behind it.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { type Change, type Figure, type Unit, type Verdict, sayChange, sayFigure, verdictGlyph, verdictKey, writeFigure } from "../lib/figure";
import { t, tr, zoneName, dayTime, day } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Dialog } from "./dialog";
import { Show } from "./states";

export interface About {
    label: string;
    measure?: string; // its name in the registry, for the definition
    text?: string; // a definition of its own
    evidence?: string | null; // what /api/evidence knows the rows by
    period?: [string, string];
    asOf?: string | number;
    change?: Change | null;
    before?: Figure | null;
    verdict?: Verdict;
    note?: string;
}
interface Props extends About {
    of: Figure;
    unit: Unit;
    big?: boolean;
    quiet?: boolean; // without n: where the table says it in its head
}

export function Estimate(p: Props) {
    const [open, setOpen] = useState(false);
    const { of, unit } = p;
    const w = writeFigure(of, unit);
    const name = `${p.label}: ${sayFigure(of, unit)}`;
    return (
        <span class={`est est-${of.state}${p.big ? " est-big" : ""}`}>
            <button class="est-open" aria-haspopup="dialog" aria-label={`${name}. ${t("est.open")}`} onClick={() => setOpen(true)}>
                {w.value ? (
                    <>
                        <b class="est-value"><bdi>{w.value}</bdi></b> {!w.all && <span class="est-range">{w.range}</span>} {!p.quiet && <span class="est-n">{w.n}</span>}
                    </>
                ) : (
                    <span class="est-none">{of.state === "refused" ? t("est.hidden") : t("est.cannot")}</span>
                )}
            </button>
            {of.state === "thin" && <span class="est-thin">{t("est.thin")}</span>}
            {open && <Details {...p} onClose={() => setOpen(false)} />}
        </span>
    );
}

export function VerdictWord({ verdict, before, unit, why }: { verdict: Verdict; before?: Figure | null; unit: Unit; why?: string | null }) {
    if (verdict === "none") return null;
    const was = before?.value != null ? t("verdict.was", { value: writeFigure(before, unit).value }) : "";
    return (
        <span class={`verdict verdict-${verdict}`} title={why ?? undefined}>
            <i aria-hidden="true">{verdictGlyph[verdict]}</i> {t(verdictKey[verdict])}
            {was && <span class="muted">· {was}</span>}
        </span>
    );
}

function Details(p: Props & { onClose(): void }) {
    const { of, unit } = p;
    const rows: [string, string][] = [];
    const add = (label: string, text: string | null | undefined) => text && rows.push([label, text]);
    add(t("est.figure"), sayFigure(of, unit));
    add(t("est.why"), of.why);
    add(t("est.method"), of.method ? `${of.method}${of.lo !== of.hi ? ` · ${t("est.level")}` : ""}` : "");
    add(t("est.before"), p.before?.value != null ? sayFigure(p.before, unit) : "");
    add(t("est.difference"), p.change ? `${sayChange(p.change, unit)}${p.change.method ? ` · ${p.change.method}` : ""}` : "");
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
    return <p>{m ? `${tr(`measure.${name}.text`, m.text)} (${m.formula})` : ""}</p>;
}

// The rows behind a figure.
export function Evidence({ id, most = 10, top }: { id: string; most?: number; top?: boolean }) {
    const Heading = top ? "h2" : "h3";
    const [limit, setLimit] = useState(most);
    const rows = useLoad(`evidence ${id} ${limit}`, (signal) => take(api.GET("/api/evidence/{id}", { params: { path: { id: id as never }, query: { limit } }, signal })));
    return (
        <section>
            <Heading>{t("est.rows")}</Heading>
            <Show of={rows} empty={(d) => (d.items.length ? null : <p class="muted">{t("est.no_rows")}</p>)}>
                {(d) => (
                    <>
                        <ul class="rows">
                            {d.items.map((r, i) => (
                                <EvidenceRow key={i} row={r} />
                            ))}
                        </ul>
                        {d.next && limit < 500 && <button onClick={() => setLimit(Math.min(500, limit * 5))}>{t("act.more")}</button>}
                    </>
                )}
            </Show>
        </section>
    );
}
function EvidenceRow({ row: r }: { row: Shapes["evidence_row"] }) {
    return (
        <li>
            <span class="muted">
                {r.at && day(r.at)} · {tr(`kind.${r.what}`, r.what)} {r.figure && <b>{r.figure}</b>} {r.source && `· ${r.source}`}{" "}
                {r.customer && <a href={`/customers/${r.customer}`}>{t("act.open_customer")}</a>}
            </span>
            {r.words && (
                <p class="said" lang="">
                    {r.words}
                </p>
            )}
        </li>
    );
}
