// One segment: its rule, how it does, its members. It saves itself; two people on it are told of each other.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Page, type Shapes, take } from "../lib/api";
import { count, t } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { go } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import type { PageProps } from "../pages";
import { PageHead } from "../ui/bits";
import { Confirm } from "../ui/dialog";
import { SaveState, Text, useAutosave } from "../ui/form";
import { usePaged } from "../ui/paged";
import { Empty, Failed, Show } from "../ui/states";
import { Table } from "../ui/table";
import { Trend } from "../ui/trend";
import { customerColumns } from "./customers";
import { RuleHelp, RuleTry } from "./rule";

type Segment = Shapes["segment"];
type Edited = { name: string; about: string; words: string };
const edited = (s: Segment) => ({ name: s.name, about: s.about, words: s.words, version: s.version });

export default function SegmentPage({ params }: PageProps) {
    const id = Number(params.id);
    const one = useLoad(`segment ${id}`, (signal) => take(api.GET("/api/segments/{id}", { params: { path: { id } }, signal })));
    return <Show of={one}>{(s) => <Whole key={s.id} s={s} />}</Show>;
}
function Whole({ s }: { s: Segment }) {
    const [dropping, setDropping] = useState(false);
    const [good, setGood] = useState(true);
    const path = { id: s.id };
    const form = useAutosave<Edited>({
        from: edited(s),
        fields: ["name", "about", "words"],
        read: async () => edited(await take(api.GET("/api/segments/{id}", { params: { path } }))),
        save: async (c, version) => {
            const body = { ...(c.name != null && { name: c.name }), ...(c.about != null && { about: c.about }), ...(c.words != null && { rule: c.words }) };
            const done = await take(api.PATCH("/api/segments/{id}", { params: { path, header: ifMatch(version) as never }, headers: ifMatch(version), body }));
            forget("segment");
            return { ...edited(done), ...(c.words != null && { words: c.words }) };
        },
    });
    const v = form.value;
    const write = may("segments_write");
    const drop = async () => {
        try {
            await take(api.DELETE("/api/segments/{id}", { params: { path }, headers: ifMatch(s.version) }));
            forget("segment");
            go("/segments");
            toast(t("segment.dropped", { name: s.name }), {
                undo: () => take(api.POST("/api/segments", { body: { name: s.name, about: s.about || undefined, rule: s.rule as never } })).then((x) => go(`/segments/${x.id}`), toastProblem),
            });
        } catch (x) {
            setDropping(false);
            toastProblem(x);
        }
    };
    const counted = useLoad(`segment count ${s.id} ${s.version}`, (signal) => take(api.GET("/api/segments/{id}/count", { params: { path }, signal })), ["fresh"]);
    return (
        <>
            <PageHead title={v.name} text={counted.data && t("segment.members", { n: count(counted.data.members), of: count(counted.data.of) })}>
                {write && (
                    <button class="danger" onClick={() => setDropping(true)}>
                        {t("act.delete")}
                    </button>
                )}
            </PageHead>
            <div class="halves">
                <section class="panel">
                    <h2>{t("segment.rule_head")}</h2>
                    {write ? (
                        <>
                            <Text label={t("segment.name")} value={v.name} onInput={(name) => form.put({ name })} onBlur={form.flush} max={100} />
                            <Text label={t("segment.about")} value={v.about} onInput={(about) => form.put({ about })} onBlur={form.flush} max={2000} />
                            <Text label={t("segment.rule")} hint={t("segment.rule_hint")} rows={3} value={v.words} onInput={(words) => form.put({ words })} onBlur={() => good && form.flush()} />
                            <SaveState of={form} labels={{ name: t("segment.name"), about: t("segment.about"), words: t("segment.rule") }} />
                            {v.words !== s.words && <RuleTry rule={v.words} onGood={setGood} />}
                            <RuleHelp onPick={(x) => form.put({ words: v.words ? `${v.words} and ${x}` : x })} />
                        </>
                    ) : (
                        <p>
                            {s.about} <code>{s.words}</code>
                        </p>
                    )}
                </section>
                <section class="panel">
                    <Trend name="nps" title={t("segment.nps")} unit="points" segment={s.id} />
                </section>
            </div>
            {may("customers_read") && <Members s={s} />}
            {dropping && <Confirm title={t("segment.drop_title", { name: s.name })} text={t("segment.drop_text")} verb={t("act.delete")} onYes={drop} onClose={() => setDropping(false)} />}
        </>
    );
}
function Members({ s }: { s: Segment }) {
    const list = usePaged<Shapes["customer_card"]>(`segment members ${s.id} ${s.version}`, (after, signal) => take(api.GET("/api/segments/{id}/members", { params: { path: { id: s.id }, query: { after, limit: 100 } }, signal })) as Promise<Page<Shapes["customer_card"]>>);
    return (
        <>
            <h2>{t("segment.who")}</h2>
            <Show of={list.first} empty={(d) => (d.rows.length ? null : <Empty title={t("segment.nobody")} />)}>
                {() => <Table label={t("segment.who")} rows={list.rows} columns={customerColumns.map((c) => ({ ...c, sort: undefined }))} id={(c) => c.id} href={(c) => `/customers/${c.id}`} more={list.more} onMore={list.onMore} busy={list.busy} />}
            </Show>
            {list.problem && <Failed problem={list.problem} again={list.again} />}
        </>
    );
}
