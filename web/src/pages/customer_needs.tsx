// What matters to a customer, by their own words: each with the words behind it, and how sure it is.
import { useState } from "preact/hooks";
import { api, type Shapes, take } from "../lib/api";
import { list, percent, t, tn } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { When } from "../ui/bits";
import { Show } from "../ui/states";
import { intentName } from "../ui/topic_words";
import { WordsWhy } from "../ui/words_why";

type Need = Shapes["customer_need"];
const glyph = { likes: "☺", dislikes: "☹", needs: "→", speaks_of: "○" };
const FEW = 6;

export function Needs({ id }: { id: number }) {
    const [all, setAll] = useState(false);
    const needs = useLoad(`needs ${id}`, (signal) => take(api.GET("/api/customers/{id}/needs", { params: { path: { id } }, signal })), ["topics", "events"]);
    return (
        <section class="panel" aria-labelledby="needs">
            <h2 id="needs">{t("needs.title")}</h2>
            <Show of={needs} lines={4} empty={(d) => (d.items.length ? null : <p class="muted">{t("needs.none")}</p>)}>
                {(d) => (
                    <>
                        <ul class="rows">
                            {(all ? d.items : d.items.slice(0, FEW)).map((x) => (
                                <Row key={`${x.kind} ${x.topic}`} x={x} />
                            ))}
                        </ul>
                        {d.items.length > FEW && !all && <button onClick={() => setAll(true)}>{t("act.more")}</button>}
                        <small>{t("needs.text")}</small>
                    </>
                )}
            </Show>
        </section>
    );
}
function Row({ x }: { x: Need }) {
    const [newest, ...older] = x.evidence;
    return (
        <li>
            <p class="row spread">
                <span>
                    <span class={{ likes: "good", dislikes: "bad", needs: "", speaks_of: "muted" }[x.kind]}>
                        <span aria-hidden="true">{glyph[x.kind]}</span> {t(`needs.${x.kind}`)}
                    </span>{" "}
                    <a href={`/topics/${x.topic}`}>
                        <strong>{x.name}</strong>
                    </a>
                </span>
                <span class="muted" title={t("needs.confidence_text")}>
                    {t("needs.confidence", { p: percent(x.confidence) })}
                </span>
            </p>
            <p class="muted">
                {tn("needs.times", x.times)} · <When at={x.confirmed} />
                {x.wants.length > 0 && ` · ${t("needs.wants", { what: list(x.wants.map(intentName)) })}`}
            </p>
            {newest && <Said e={newest} name={x.name} />}
            {older.length > 0 && (
                <details>
                    <summary>
                        {tn("needs.more", older.length)}
                        <span class="hidden"> {x.name}</span>
                    </summary>
                    {older.map((e) => (
                        <Said key={e.at} e={e} name={x.name} />
                    ))}
                </details>
            )}
        </li>
    );
}
function Said({ e, name }: { e: Shapes["need_evidence"]; name: string }) {
    return (
        <p class="said">
            <span lang="">{t("word.quoted", { text: e.words })}</span> <small>{t(`topic.how_${e.how}`)}</small> {e.feedback && <WordsWhy feedback={e.feedback} name={name} />}
        </p>
    );
}
