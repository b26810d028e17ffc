// What a stage is and what it changes: the rule in words, tried on the customers there are before it is saved.
import { useEffect, useState } from "preact/hooks";
import { api, ifMatch, type Problem, problemOf, type Shapes, take } from "../lib/api";
import { count, t, tn, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { toast, toastProblem } from "../lib/toast";
import { Dialog } from "../ui/dialog";
import { Check, Select, Text, VersionedForm } from "../ui/form";
import { ProblemText } from "../ui/problem";

type Row = Shapes["stage_row"];
type Act = Shapes["stage_act"];
// Each for always, and for while they sound unhappy.
const whens = ["always", "unhappy"] as const;
type When = (typeof whens)[number];
interface Draft {
    name: string;
    about: string;
    rule: string;
    place: string;
    used: boolean;
    hold_always: string;
    hold_unhappy: string;
    route_always: string;
    route_unhappy: string;
    guide_always: string;
    guide_unhappy: string;
}
const holdable = ["survey", "reminder", "thanks", "greeting", "welcome", "care", "marketing", "referral", "renewal", "dunning", "reward"];
const roles = ["owner", "manager", "agent"];
const whenOf = (a: Act): When => (a.when === "unhappy" ? "unhappy" : "always");
const textOf = (s: Row | undefined, what: Act["do"], when: When) =>
    (s?.acts ?? [])
        .filter((a) => a.do === what && whenOf(a) === when)
        .map((a) => (what === "hold" ? (a.kinds ?? []).join(",") : (a.to ?? a.text ?? "")))
        .join(what === "hold" ? "," : " ");

const draftOf = (s: Row | undefined, places: number): Draft => ({
    name: s?.name ?? "",
    about: s?.about ?? "",
    rule: s?.rule ?? "",
    place: String(s?.place ?? places + 1),
    used: s?.used ?? true,
    hold_always: textOf(s, "hold", "always"),
    hold_unhappy: textOf(s, "hold", "unhappy"),
    route_always: textOf(s, "route", "always"),
    route_unhappy: textOf(s, "route", "unhappy"),
    guide_always: textOf(s, "guide", "always"),
    guide_unhappy: textOf(s, "guide", "unhappy"),
});
const actsOf = (d: Draft): Act[] =>
    whens.flatMap((when): Act[] => {
        const kinds = d[`hold_${when}`].split(",").filter(Boolean);
        const [to, text] = [d[`route_${when}`].trim(), d[`guide_${when}`].trim()];
        return [...(kinds.length ? [{ do: "hold" as const, when, kinds }] : []), ...(to ? [{ do: "route" as const, when, to }] : []), ...(text ? [{ do: "guide" as const, when, text }] : [])];
    });
const bodyOf = (d: Draft) => ({ name: d.name, about: d.about, rule: d.rule, place: Number(d.place) || undefined, acts: actsOf(d) });
const path = (id: number) => ({ path: { id } });

export function StageEdit({ of, places, onClose, onDone }: { of?: Row; places: number; onClose(): void; onDone(): void }) {
    const [v, setV] = useState(() => draftOf(of, places));
    const set = (name: keyof Draft) => (x: string) => setV({ ...v, [name]: x });
    const facts = useLoad("stage facts", (signal) => take(api.GET("/api/stages/facts", { signal })));
    const labels = Object.fromEntries(Object.keys(v).map((k) => [k, tr(`stage.field_${k.replace(/_(always|unhappy)$/, "")}`, k)])) as Record<keyof Draft, string>;
    const undo = (x: Row) => () => take(api.POST("/api/stages/{id}/undo", { params: path(x.id), headers: ifMatch(x.version) })).then(onDone, toastProblem);
    const save = async (d: Draft, version: number) => {
        const done = of ? await take(api.PATCH("/api/stages/{id}", { params: path(of.id), headers: ifMatch(version), body: { ...bodyOf(d), used: d.used } })) : await take(api.POST("/api/stages", { body: bodyOf(d) }));
        toast(t("act.saved"), of ? { undo: undo(done) } : {});
        onDone();
        onClose();
    };
    const read = async () => {
        const x = await take(api.GET("/api/stages/{id}", { params: path(of!.id) }));
        return { value: draftOf(x.stage, places), version: x.stage.version };
    };
    return (
        <Dialog title={of ? of.name : t("stage.new")} onClose={onClose} wide>
            <VersionedForm verb={t("act.save")} value={v} version={of?.version ?? 0} labels={labels} onValue={setV} save={save} read={read} onCancel={onClose}>
                <div class="fields">
                    <Text label={labels.name} value={v.name} onInput={set("name")} required max={40} />
                    <Text label={labels.place} type="number" value={v.place} onInput={set("place")} />
                </div>
                <Text label={labels.about} value={v.about} onInput={set("about")} max={300} />
                <Text label={labels.rule} hint={t("stage.rule_hint")} value={v.rule} onInput={set("rule")} rows={3} max={2000} />
                <details>
                    <summary>{t("stage.facts")}</summary>
                    <dl class="facts">
                        {facts.data?.items.map((f) => (
                            <>
                                <dt>
                                    <code>{f.name}</code>
                                </dt>
                                <dd>{f.text}</dd>
                            </>
                        ))}
                    </dl>
                </details>
                {whens.map((when) => (
                    <fieldset key={when}>
                        <legend>{t(when === "always" ? "stage.always" : "stage.while_unhappy")}</legend>
                        <Text label={t("stage.field_guide")} hint={t("stage.guide_hint")} value={v[`guide_${when}`]} onInput={set(`guide_${when}`)} rows={2} max={400} />
                        <p>{t("stage.field_hold")}</p>
                        <div class="row">
                            {holdable.map((k) => {
                                const now = v[`hold_${when}`].split(",").filter(Boolean);
                                return <Check key={k} label={tr(`gate.kind.${k}`, k)} checked={now.includes(k)} onChange={(on) => set(`hold_${when}`)((on ? [...now, k] : now.filter((x) => x !== k)).join(","))} />;
                            })}
                        </div>
                        <Route value={v[`route_${when}`]} onInput={set(`route_${when}`)} />
                    </fieldset>
                ))}
                {of && <Check label={t("stage.field_used")} hint={t("stage.used_hint")} checked={v.used} onChange={(used) => setV({ ...v, used })} />}
                <Outlook of={of} v={v} />
            </VersionedForm>
        </Dialog>
    );
}

function Route({ value, onInput }: { value: string; onInput(x: string): void }) {
    const other = !!value && !roles.includes(value);
    const [free, setFree] = useState(other);
    return (
        <div class="fields">
            <Select
                label={t("stage.field_route")}
                value={free ? "@" : value}
                options={[["", t("stage.nobody")], ...roles.map((r): [string, string] => [r, tr(`role.${r}`, r)]), ["@", t("stage.colleague")]]}
                onChange={(x) => (setFree(x === "@"), onInput(x === "@" ? "" : x))}
            />
            {free && <Text label={t("stage.address")} value={value} onInput={onInput} max={200} />}
        </div>
    );
}

// What it would come to, a moment after the last letter.
function Outlook({ of, v }: { of?: Row; v: Draft }) {
    const [seen, setSeen] = useState<Shapes["stage_outlook"]>();
    const [problem, setProblem] = useState<Problem>();
    const body = JSON.stringify({ ...bodyOf(v), name: v.name || "…", stage: of?.id, used: v.used });
    useEffect(() => {
        const stop = new AbortController();
        const timer = setTimeout(() => {
            take(api.POST("/api/stages/preview", { body: JSON.parse(body), signal: stop.signal })).then(
                (x) => (setSeen(x), setProblem(undefined)),
                (x) => stop.signal.aborted || setProblem(problemOf(x)),
            );
        }, 500);
        return () => (clearTimeout(timer), stop.abort());
    }, [body]);
    return (
        <div class="note" aria-live="polite">
            {problem ? (
                <ProblemText of={problem} />
            ) : seen ? (
                <>
                    {t("stage.outlook", { now: count(seen.now), then: count(seen.then), of: count(seen.looked) })} {tn("stage.outlook_held", seen.held)} {tn("stage.outlook_routed", seen.routed)}
                    {seen.looked < seen.customers && <> {t("stage.outlook_some", { n: count(seen.customers) })}</>}
                </>
            ) : (
                "…"
            )}
        </div>
    );
}
