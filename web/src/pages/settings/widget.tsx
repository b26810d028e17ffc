// The widget and the public pages: the line for a website, which websites may carry it, and what is asked there.
import { useState } from "preact/hooks";
import { api, ifMatch, may, type Shapes, take } from "../../lib/api";
import { t, tr } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { toast, toastProblem } from "../../lib/toast";
import { Confirm, Dialog } from "../../ui/dialog";
import { Check, Form, Select, Text } from "../../ui/form";
import { Copy, Once } from "../../ui/once";
import { Empty, Show } from "../../ui/states";

type Site = Shapes["site"];
type Question = Shapes["question"];
type Doing = { site?: Site; question?: Question; what: "site" | "drop" | "question" | "unask" };
const scales = ["nps", "csat5", "ces7", "open"] as const;

export default function Widget() {
    const sites = useLoad("sites", (signal) => take(api.GET("/api/sites", { signal })));
    const asked = useLoad("questions", (signal) => take(api.GET("/api/questions", { signal })));
    const [doing, setDoing] = useState<Doing | null>(null);
    const [secret, setSecret] = useState<string | null>(null);
    const again = () => (setDoing(null), sites.again(), asked.again());
    const x = doing?.site;
    const q = doing?.question;
    return (
        <section class="panel">
            <div class="panel-head">
                <h2>{t("set.widget")}</h2>
                {may("settings_write") && (
                    <button class="primary" onClick={() => setDoing({ what: "site" })}>
                        {t("site.new")}
                    </button>
                )}
            </div>
            <p class="muted">{t("site.intro")}</p>
            <Show of={sites} empty={(d) => (d.items.length ? null : <Empty title={t("site.empty")} text={t("site.empty_text")} />)}>
                {(d) => (
                    <ul class="rows">
                        {d.items.map((site) => (
                            <Row key={site.id} site={site} questions={asked.data?.items.filter((y) => y.site === site.id) ?? []} onDo={(next) => setDoing({ ...next, site })} onSecret={setSecret} again={again} />
                        ))}
                    </ul>
                )}
            </Show>
            {doing?.what === "site" && <EditSite site={x} onClose={() => setDoing(null)} onDone={(made) => (again(), made && setSecret(made))} />}
            {doing?.what === "question" && x && <EditQuestion site={x} question={q} onClose={() => setDoing(null)} onDone={again} />}
            {secret && <Once title={t("site.secret_made")} text={t("site.secret_text")} secret={secret} onClose={() => setSecret(null)} />}
            {doing?.what === "drop" && x && <Confirm title={t("site.drop_title", { name: x.name })} text={t("site.drop_text")} verb={t("site.drop")} onClose={() => setDoing(null)} onYes={() => take(api.DELETE("/api/sites/{id}", { params: { path: { id: x.id } }, headers: ifMatch(x.version) })).then(again, toastProblem)} />}
            {doing?.what === "unask" && q && <Confirm title={t("site.drop_title", { name: q.name })} text={t("site.unask_text")} verb={t("site.drop")} onClose={() => setDoing(null)} onYes={() => take(api.DELETE("/api/questions/{id}", { params: { path: { id: q.id } }, headers: ifMatch(q.version) })).then(again, toastProblem)} />}
        </section>
    );
}

interface RowProps {
    site: Site;
    questions: Question[];
    onDo(next: Omit<Doing, "site">): void;
    onSecret(x: string): void;
    again(): void;
}
function Row({ site, questions, onDo, onSecret, again }: RowProps) {
    const mine = may("settings_write");
    const renew = async () => {
        try {
            onSecret((await take(api.POST("/api/sites/{id}/secret", { params: { path: { id: site.id } }, headers: ifMatch(site.version) }))).secret);
            again();
        } catch (x) {
            toastProblem(x);
        }
    };
    return (
        <li>
            <h3>{site.name}</h3>
            <p class="muted">{site.origins.join(", ") || t("site.origins_none")}</p>
            <p>{t("site.snippet")}</p>
            <Copy text={site.snippet} label={t("site.snippet")} />
            <p class="muted">{t("site.policy")}</p>
            <Copy text={site.policy} label={t("site.policy")} />
            {site.page && (
                <p>
                    {t("site.link")} <a href={site.page_address}>{site.page_address}</a>
                </p>
            )}
            <h4>{t("site.questions")}</h4>
            {!questions.length && <p class="muted">{t("site.no_questions")}</p>}
            <ul>
                {questions.map((q) => (
                    <li key={q.id}>
                        <strong class={q.active ? "" : "done"}>{q.name}</strong>{" "}
                        <span class="muted">
                            {t(`site.scale_${q.scale}`)} · {t(`site.way_${q.way}`)}
                            {q.active ? "" : ` · ${t("site.paused")}`}
                            {q.way === "widget" && ` · ${t("site.counts", { asked: q.asked, answered: q.answered })}`}
                        </span>{" "}
                        <a href={q.preview}>
                            {t("site.preview")}
                            <span class="hidden"> {q.name}</span>
                        </a>
                        {mine && (
                            <>
                                {" "}
                                <button class="link" onClick={() => onDo({ what: "question", question: q })}>
                                    {t("act.change")}
                                    <span class="hidden"> {q.name}</span>
                                </button>{" "}
                                <button class="link bad" onClick={() => onDo({ what: "unask", question: q })}>
                                    {t("site.drop")}
                                    <span class="hidden"> {q.name}</span>
                                </button>
                            </>
                        )}
                    </li>
                ))}
            </ul>
            {mine && (
                <p class="row">
                    <button onClick={() => onDo({ what: "question" })}>{t("site.question_new")}</button>
                    <button onClick={() => onDo({ what: "site" })}>
                        {t("act.change")}
                        <span class="hidden"> {site.name}</span>
                    </button>
                    <button onClick={() => void renew()}>{t("site.secret")}</button>
                    <button class="link bad" onClick={() => onDo({ what: "drop" })}>
                        {t("site.drop")}
                        <span class="hidden"> {site.name}</span>
                    </button>
                </p>
            )}
        </li>
    );
}

const languages = (): [string, string][] => [["", t("site.lang_auto")], ["en", "English"], ["de", "Deutsch"], ["es", "Español"]];

function EditSite({ site, onClose, onDone }: { site?: Site; onClose(): void; onDone(secret?: string): void }) {
    const [v, set] = useState({ name: site?.name ?? "", slug: site?.slug ?? "", origins: site?.origins.join("\n") ?? "", privacy: site?.privacy ?? "", lang: site?.lang ?? "", button: site?.button ?? true, page: site?.page ?? true });
    const put = (name: keyof typeof v) => (x: string | boolean) => set({ ...v, [name]: x });
    const send = async () => {
        const { slug, ...rest } = v;
        const body = { ...rest, origins: v.origins.split(/\s+/).filter(Boolean) };
        if (!site) return onDone((await take(api.POST("/api/sites", { body: { ...body, slug } }))).secret);
        await take(api.PATCH("/api/sites/{id}", { params: { path: { id: site.id } }, headers: ifMatch(site.version), body }));
        toast(t("act.saved"));
        onDone();
    };
    return (
        <Dialog title={site?.name ?? t("site.new")} onClose={onClose} wide>
            <Form verb={t("act.save")} onCancel={onClose} onSend={send}>
                <Text label={t("site.name")} name="name" value={v.name} onInput={put("name")} required max={100} />
                {!site && <Text label={t("site.slug")} name="slug" hint={t("site.slug_hint")} value={v.slug} onInput={put("slug")} required max={40} />}
                <Text label={t("site.origins")} name="origins" hint={t("site.origins_hint")} value={v.origins} onInput={put("origins")} rows={3} />
                <Text label={t("site.privacy")} name="privacy" value={v.privacy} onInput={put("privacy")} max={500} />
                <Select label={t("site.lang")} value={v.lang} options={languages()} onChange={put("lang")} />
                <Check label={t("site.button")} checked={v.button} onChange={put("button")} />
                <Check label={t("site.page")} checked={v.page} onChange={put("page")} />
            </Form>
        </Dialog>
    );
}

function EditQuestion({ site, question, onClose, onDone }: { site: Site; question?: Question; onClose(): void; onDone(): void }) {
    const [v, set] = useState({ name: question?.name ?? "", way: question?.way ?? "widget", scale: question?.scale ?? "nps", words: question?.words ?? "", lang: question?.lang ?? "", share: String(question?.share ?? 10), days: String(question?.days ?? 90), active: question?.active ?? true });
    const put = (name: keyof typeof v) => (x: string | boolean) => set({ ...v, [name]: x } as typeof v);
    const send = async () => {
        const { way, scale, ...rest } = v;
        const body = { ...rest, share: Number(v.share), days: Number(v.days) };
        if (question) await take(api.PATCH("/api/questions/{id}", { params: { path: { id: question.id } }, headers: ifMatch(question.version), body }));
        else await take(api.POST("/api/questions", { body: { ...body, site: site.id, way, scale } }));
        toast(t("act.saved"));
        onDone();
    };
    return (
        <Dialog title={t(question ? "site.question_edit" : "site.question_new")} onClose={onClose} wide>
            <Form verb={t("act.save")} onCancel={onClose} onSend={send}>
                <Text label={t("site.question_name")} name="name" value={v.name} onInput={put("name")} required max={100} />
                {!question && <Select label={t("site.way")} value={v.way} options={[["widget", t("site.way_widget")], ["mail", t("site.way_mail")]]} hint={v.way === "mail" && t("site.way_mail_hint", { fact: "{{question}}" })} onChange={put("way")} />}
                {!question && <Select label={t("site.scale")} value={v.scale} options={scales.map((s): [string, string] => [s, tr(`site.scale_${s}`, s)])} onChange={put("scale")} />}
                <Text label={t("site.words")} name="words" hint={t("site.words_hint")} value={v.words} onInput={put("words")} max={300} />
                {v.words && <Select label={t("site.lang")} value={v.lang} options={languages()} onChange={put("lang")} />}
                {v.way === "widget" && (
                    <>
                        <Text label={t("site.share")} name="share" type="number" value={v.share} onInput={put("share")} required />
                        <Text label={t("site.days")} name="days" type="number" value={v.days} onInput={put("days")} hint={t("site.budget")} required />
                    </>
                )}
                <Check label={t("site.active")} checked={v.active} onChange={put("active")} />
            </Form>
        </Dialog>
    );
}
