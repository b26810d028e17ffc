// Why these profiles are one person, and saying otherwise: every word shows first what it would change, and can be
// taken back.
import { useState } from "preact/hooks";
import { api, may, problemOf, type Shapes, take } from "../lib/api";
import { countryName, list, t, tn, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { go } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Money, N, Stack } from "../ui/bits";
import { Confirm, Dialog } from "../ui/dialog";
import { Failed, Show } from "../ui/states";

type Customer = Shapes["customer"];
type Word = { what: "split"; profile: number } | { what: "join"; customer: number } | { what: "undo"; a: number; b: number };

export function Identities({ c, again }: { c: Customer; again(): void }) {
    const [word, setWord] = useState<Word | null>(null);
    const [finding, setFinding] = useState(false);
    const many = c.identities.length > 1;
    return (
        <section class="panel" aria-labelledby="who">
            <h2 id="who">{t("who.title")}</h2>
            <ul class="rows">
                {c.identities.map((p) => (
                    <li key={p.profile}>
                        <div class="row spread">
                            <strong>{p.source}</strong>
                            {many && may("customers_write") && (
                                <button class="link" onClick={() => setWord({ what: "split", profile: p.profile })}>
                                    {t("who.split")}
                                    <span class="hidden"> ({p.source})</span>
                                </button>
                            )}
                        </div>
                        <span class="muted">{[p.name, p.country && countryName(p.country), p.segment].filter(Boolean).join(" · ")}</span>
                        <ul>
                            {p.identifiers.map((i) => (
                                <li key={i.kind + i.value}>
                                    <span class="muted">{tr(`ident.${i.kind}`, i.kind)}</span> <code>{i.value}</code>
                                </li>
                            ))}
                        </ul>
                    </li>
                ))}
            </ul>
            {c.links.length > 0 && (
                <details>
                    <summary>{t("who.why")}</summary>
                    <ul class="rows">
                        {c.links.map((l) => (
                            <li key={`${l.a} ${l.b} ${l.state}`}>
                                <span class={`tag ${l.state === "vetoed" || l.state === "split" ? "bad" : "good"}`}>{tr(`link.${l.state}`, l.state)}</span>{" "}
                                {t("who.profiles", { a: l.a, b: l.b })}
                                <p class="muted">
                                    {l.kind && `${tr(`ident.${l.kind}`, l.kind)} `}
                                    {l.value && <code>{l.value}</code>} {l.reason}
                                </p>
                                {may("customers_write") && (l.state === "split" || l.state === "told") && (
                                    <button class="link" onClick={() => setWord({ what: "undo", a: l.a, b: l.b })}>
                                        {t("who.undo")}
                                    </button>
                                )}
                            </li>
                        ))}
                    </ul>
                </details>
            )}
            {may("customers_write") && (
                <button class="link" onClick={() => setFinding(true)}>
                    {t("who.join")}
                </button>
            )}
            {finding && <Find not={c.id} onFound={(customer) => (setFinding(false), setWord({ what: "join", customer }))} onClose={() => setFinding(false)} />}
            {word && <Preview id={c.id} word={word} onClose={() => setWord(null)} onDone={again} />}
        </section>
    );
}

function Find({ not, onFound, onClose }: { not: number; onFound(id: number): void; onClose(): void }) {
    const [q, setQ] = useState("");
    const found = useLoad(`find ${q}`, async (signal) => (q.trim().length < 2 ? { items: [] } : take(api.GET("/api/customers", { params: { query: { q: q.trim(), limit: 12 } }, signal }))));
    return (
        <Dialog title={t("who.join")} onClose={onClose}>
            <input type="search" aria-label={t("customers.search")} placeholder={t("customers.search")} value={q} onInput={(e) => setQ(e.currentTarget.value)} />
            <Show of={found} lines={2}>
                {(d) => (
                    <ul class="rows">
                        {d.items
                            .filter((c) => c.id !== not)
                            .map((c) => (
                                <li key={c.id}>
                                    <button class="link" onClick={() => onFound(c.id)}>
                                        {c.name}
                                    </button>{" "}
                                    <span class="muted">{c.known_by}</span>
                                </li>
                            ))}
                        {q.trim().length >= 2 && !d.items.some((c) => c.id !== not) && <li class="muted">{t("palette.none")}</li>}
                    </ul>
                )}
            </Show>
        </Dialog>
    );
}

const ask = (id: number, word: Word, preview: boolean, signal?: AbortSignal) => {
    const params = { path: { id } };
    if (word.what === "split") return preview ? take(api.POST("/api/customers/{id}/split/preview", { params, body: { profile: word.profile }, signal })) : take(api.POST("/api/customers/{id}/split", { params, body: { profile: word.profile } }));
    if (word.what === "join") return preview ? take(api.POST("/api/customers/{id}/join/preview", { params, body: { customer: word.customer }, signal })) : take(api.POST("/api/customers/{id}/join", { params, body: { customer: word.customer } }));
    const body = { a: word.a, b: word.b };
    return preview ? take(api.POST("/api/customers/{id}/undo/preview", { params, body, signal })) : take(api.POST("/api/customers/{id}/undo", { params, body }));
};

function Preview({ id, word, onClose, onDone }: { id: number; word: Word; onClose(): void; onDone(): void }) {
    const seen = useLoad(`preview ${id} ${JSON.stringify(word)}`, (signal) => ask(id, word, true, signal) as Promise<Shapes["foresight"]>);
    const title = t(`who.${word.what}_title`);
    const send = async () => {
        try {
            const done = (await ask(id, word, false)) as Shapes["word_done"];
            forget("customer");
            toast(t("who.done", { who: list(done.customers.map((c) => c.name)) }));
            onClose();
            if (done.customers.length && !done.customers.some((c) => c.id === id)) go(`/customers/${done.customers[0]!.id}`, { replace: true });
            else onDone();
        } catch (x) {
            toastProblem(problemOf(x));
        }
    };
    if (seen.problem && !seen.busy)
        return (
            <Dialog title={title} onClose={onClose}>
                <Failed problem={seen.problem} />
            </Dialog>
        );
    return (
        <Confirm title={title} text={t(`who.${word.what}_text`)} verb={t(`who.${word.what}_verb`)} danger={false} onYes={send} onClose={onClose}>
            <Show of={seen} lines={4}>
                {(d) => (
                    <>
                        <Side title={t("who.before")} rows={d.before} />
                        <Side title={t("who.after")} rows={d.after} />
                    </>
                )}
            </Show>
        </Confirm>
    );
}
function Side({ title, rows }: { title: string; rows: Shapes["foreseen_customer"][] }) {
    return (
        <>
            <h3>{title}</h3>
            <Stack name={title} heads={[t("customers.name"), t("customers.orders"), t("customers.value"), t("who.profiles_head")]} numbers={[1, 2]}>
                {rows.map((r) => (
                    <tr key={r.id}>
                        <th scope="row">{r.name}</th>
                        <td class="number" data-label={t("customers.orders")}>
                            <N of={r.figures?.orders ?? 0} />
                        </td>
                        <td class="number" data-label={t("customers.value")}>
                            <Money of={r.figures?.order_value} />
                        </td>
                        <td data-label={t("who.profiles_head")}>{tn("who.count", r.profiles.length)}</td>
                    </tr>
                ))}
            </Stack>
        </>
    );
}
