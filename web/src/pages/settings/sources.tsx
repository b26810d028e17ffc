// Where facts come from, and what came.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../../lib/api";
import { count, t, tn, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { channelName, N, Stack, When } from "../../ui/bits";
import { Dialog } from "../../ui/dialog";
import { Form, Text } from "../../ui/form";
import { Empty, Show } from "../../ui/states";

export default function Sources() {
    const list = useLoad("sources", (signal) => take(api.GET("/api/sources", { params: { query: { limit: 500 } }, signal })), ["events", "import"]);
    const [making, setMaking] = useState(false);
    return (
        <section class="panel">
            <h2>
                {t("set.sources")}
                {may("sources_write") && (
                    <span class="row">
                        <a class="button primary" href="/settings/imports?new=1">
                            {t("import.new")}
                        </a>
                        <button onClick={() => setMaking(true)}>{t("source.new")}</button>
                    </span>
                )}
            </h2>
            <Show of={list} empty={(d) => (d.items.length ? null : <Empty title={t("source.empty")} text={t("source.empty_text")} />)}>
                {(d) => (
                    <Stack name={t("set.sources")} heads={[t("source.name"), t("source.state"), t("source.rows"), t("source.waiting"), t("source.last")]} numbers={[2, 3]}>
                        {d.items.map((s) => (
                            <Row key={s.id} s={s} again={list.again} />
                        ))}
                    </Stack>
                )}
            </Show>
            {making && <NewSource onClose={() => setMaking(false)} onDone={() => (setMaking(false), list.again())} />}
        </section>
    );
}
function Row({ s, again }: { s: Shapes["source"]; again(): void }) {
    const [naming, setNaming] = useState(false);
    const [label, setLabel] = useState(s.label);
    return (
        <tr>
            <th scope="row">
                {s.label} {s.sample && <span class="sample-tag">{t("sample.tag")}</span>}
                <br />
                <small>
                    {s.name !== s.label && `${s.name} · `}
                    {s.adapter} · {channelName(s.channel)}
                </small>{" "}
                {may("sources_write") && (
                    <button class="link" onClick={() => setNaming(true)}>
                        {t("source.rename")}
                        <span class="hidden"> {s.label}</span>
                    </button>
                )}
                {naming && (
                    <Dialog title={t("source.rename")} onClose={() => setNaming(false)}>
                        <Form
                            verb={t("act.save")}
                            onCancel={() => setNaming(false)}
                            onSend={async () => {
                                const done = await take(api.PATCH("/api/sources/{id}", { params: { path: { id: s.id } }, headers: ifMatch(s.version), body: { label } }));
                                const back = () => take(api.PATCH("/api/sources/{id}", { params: { path: { id: s.id } }, headers: ifMatch(done.version), body: { label: s.label } })).then(again, toastProblem);
                                toast(t("act.saved"), { undo: back });
                                setNaming(false);
                                again();
                            }}
                        >
                            <Text label={t("source.label")} value={label} onInput={setLabel} max={100} />
                        </Form>
                    </Dialog>
                )}
            </th>
            <td data-label={t("source.state")}>
                <span class={`tag ${s.state === "live" ? "good" : ""}`}>{s.state === "new" ? t("source.new_state") : tr(`source.${s.state}`, s.state)}</span>
            </td>
            <td class="number" data-label={t("source.rows")}>
                <N of={s.rows} />
            </td>
            <td class="number" data-label={t("source.waiting")}>
                {s.waiting ? <a href={`/settings/quarantine?source=${s.id}`}>{tn("source.waiting_n", s.waiting)}</a> : count(0)}
            </td>
            <td data-label={t("source.last")}>
                <When at={s.last} />
            </td>
        </tr>
    );
}
function NewSource({ onClose, onDone }: { onClose(): void; onDone(): void }) {
    const [name, setName] = useState("");
    return (
        <Dialog title={t("source.new")} onClose={onClose}>
            <Form verb={t("source.make")} onCancel={onClose} onSend={async () => (await take(api.POST("/api/sources", { body: { name } })), onDone())}>
                <p class="muted">{t("source.new_text")}</p>
                <Text label={t("source.name")} hint={t("source.name_hint")} value={name} onInput={setName} max={64} required />
            </Form>
        </Dialog>
    );
}
