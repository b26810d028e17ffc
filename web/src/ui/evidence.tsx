// The rows behind a figure.
import { useState } from "preact/hooks";
import { api, type Shapes, take } from "../lib/api";
import { day, t, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Show } from "./states";
import { Said } from "./said";
import { said } from "../lib/said";

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
                {r.at && day(r.at)} · {tr(`kind.${r.what}`, said(r.what) ?? r.what)} {r.figure && <b><Said text={r.figure} /></b>} {r.source && `· ${r.source}`}{" "}
                {r.customer && <a href={`/customers/${r.customer}`}>{t("act.open_customer")} <span class="hidden">{r.customer}</span></a>}
            </span>
            {r.words && (
                <p class="said" lang="">
                    {r.words}
                </p>
            )}
        </li>
    );
}
