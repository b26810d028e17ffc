// How topics are named and what is said of them: those that come with heed have names in every language.
import { api, type Shapes, take } from "../lib/api";
import { count, list, t, tn, tr } from "../lib/i18n";
import { toast, toastProblem } from "../lib/toast";

export type Axis = "what" | "why" | "intent";
export const axes: Axis[] = ["what", "why", "intent"];
export const axisName = (a: string) => tr(`topic.axis_${a}`, a);
export const intentName = (name: string) => tr(`topic.intent_${name.replace(/ /g, "_")}`, name);
export const topicName = (x: { name: string; axis?: string }) => (x.axis === "intent" ? intentName(x.name) : x.name);
export type Answered = Shapes["topic_answered"];

// What an answer changed, in one sentence; the words asked about are among them.
// Tells what an answer changed; it can be taken back. back: what else it takes on the page then.
export function tellAnswer(feedback: number, a: Answered, after: () => void, back?: () => void): void {
    const undo = async (step: string) => {
        try {
            await take(api.POST("/api/topics/answers/undo", { body: { feedback, step } }));
            after(), back?.();
            toast(t("topic.undone"));
        } catch (x) {
            toastProblem(x);
        }
    };
    const step = a.undo;
    toast(sayEffects(a), step ? { undo: () => undo(step) } : {});
}
export function sayEffects(a: Answered): string {
    if (!a.learned) return t("topic.effect_later");
    const told = a.effects.filter((x) => x.gained || x.lost).map((x) => [x.gained ? t("topic.effect_gained", { name: intentName(x.name), n: count(x.gained) }) : "", x.lost ? t("topic.effect_lost", { name: intentName(x.name), n: count(x.lost) }) : ""].filter(Boolean).join(", "));
    const what = told.length ? list(told) : t("topic.effect_none");
    return `${what}. ${tn("topic.effect_looked", a.looked)}${a.later ? ` ${tn("topic.effect_rest", a.later)}` : ""}`;
}
