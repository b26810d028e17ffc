// What happened, newest first: one stream, and chips for what of it.
import { api, type Page, type Shapes, take } from "../lib/api";
import { dayTime, money, t, tr } from "../lib/i18n";
import { query, setQuery } from "../lib/router";
import { channelName, kindName, scoreText } from "../ui/bits";
import { Listed } from "../ui/more";
import { usePaged } from "../ui/paged";
import { Heard } from "../ui/words_why";

export type Moment = Shapes["moment"];
const groups: Record<string, string[]> = {
    said: ["answer", "review", "complaint", "comment"],
    talk: ["message_in", "message_out", "message_auto", "call", "note", "conversation_solved", "conversation_opened"],
    trade: ["order", "cancel", "refund", "return", "payment", "contract_start", "contract_change", "contract_end", "delivered"],
    promises: ["commitment_made", "commitment_moved", "commitment_kept", "commitment_withdrawn", "commitment_reopened", "commitment_void"],
    visits: ["usage"],
};

export function Timeline({ id }: { id: number; first: Moment[] }) {
    const show = query("show");
    const kinds = groups[show];
    const list = usePaged<Moment>(`timeline ${id} ${show}`, (after, signal) => take(api.GET("/api/customers/{id}/timeline", { params: { path: { id }, query: { after, limit: 40, kind: kinds?.join(",") as never } }, signal })) as Promise<Page<Moment>>, ["events"]);
    return (
        <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">{t("timeline.title")}</h2>
            <div class="filters" role="group" aria-label={t("timeline.filter")}>
                <button class="chip" aria-pressed={!show} onClick={() => setQuery({ show: null }, true)}>
                    {t("timeline.all")}
                </button>
                {Object.keys(groups).map((g) => (
                    <button key={g} class="chip" aria-pressed={show === g} onClick={() => setQuery({ show: g }, true)}>
                        {tr(`timeline.${g}`, g)}
                    </button>
                ))}
            </div>
            <Listed of={list} lines={8} older empty={<p class="muted">{show ? t("state.filtered") : t("customer.nothing_yet")}</p>}>
                {(rows) => (
                    <ul class="rows">
                        {rows.map((m, i) => (
                            <MomentRow key={`${m.at} ${m.kind} ${i}`} m={m} />
                        ))}
                    </ul>
                )}
            </Listed>
        </section>
    );
}
export function MomentRow({ m }: { m: Moment }) {
    const body = m.body as Record<string, unknown>;
    const words = typeof body.text === "string" ? body.text : "";
    const name = typeof body.topic === "string" ? body.topic : "";
    const internal = m.kind === "note";
    return (
        <li>
            <div class="row spread">
                <span>
                    <strong>{kindName(m.kind)}</strong> {m.score != null && <span class="score">{scoreText(m.score, m.instrument)}</span>} {m.amount && money(m.amount)} {internal && <span class="tag">{t("timeline.internal")}</span>}
                </span>
                <time class="muted" dateTime={m.at}>
                    {dayTime(m.at)}
                </time>
            </div>
            <span class="muted">
                {channelName(m.channel)} · {m.source}
                {name && ` · ${name}`}
            </span>
            {words && (
                <p class="said full" lang={typeof body.lang === "string" ? body.lang : ""}>
                    {words}
                </p>
            )}
            <Heard of={m.heard} lang={typeof body.lang === "string" ? body.lang : null} scored={m.score != null} name={`${kindName(m.kind)}, ${dayTime(m.at)}`} />
        </li>
    );
}
