// May I give this customer 15 %? Asks the red lines, shows their arithmetic and what would pass instead; then it is given,
// or waits for a signature.
import { useState } from "preact/hooks";
import { api, may, type Shapes, take } from "../lib/api";
import { majorOf, t, tr } from "../lib/i18n";
import { forget, useLoad } from "../lib/load";
import { query } from "../lib/router";
import { toast, toastProblem } from "../lib/toast";
import { Form, Select, Text } from "../ui/form";
import { PickCustomer } from "./commitments";
import { Answer, type Answered } from "./redline_answer";

type Ask = Shapes["concession_ask"];
const kinds = ["discount", "refund", "grant", "reward", "service", "hardship"];

export function Check() {
    const id = Number(query("customer"));
    const known = useLoad(`customer ${id}`, (signal) => (id ? take(api.GET("/api/customers/{id}", { params: { path: { id } }, signal })) : Promise.resolve(null)));
    if (id && !known.data && !known.problem) return null;
    return <Asking key={id} customer={known.data ? { id: known.data.id, name: known.data.name } : null} />;
}

function Asking({ customer }: { customer: { id: number; name: string } | null }) {
    const settings = useLoad("settings", (signal) => take(api.GET("/api/settings", { signal })));
    const currency = settings.data?.currency || "EUR";
    const one = majorOf({ value: 1, currency });
    const minor = (x: string) => (x.trim() ? Math.round(Number(x) / one) : undefined);
    const [to, setTo] = useState(customer);
    const [v, setV] = useState({ kind: "discount", percent: "15", price: "", amount: "", product: "", reason: "" });
    const [said, setSaid] = useState<{ ask: Ask; answer: Answered } | null>(null);
    const put = (name: keyof typeof v) => (x: string) => (setV({ ...v, [name]: x }), setSaid(null));
    const discount = v.kind === "discount";
    const askOf = (w: typeof v): Ask => ({
        kind: w.kind,
        customer: to?.id,
        currency,
        product: w.product || undefined,
        reason: w.reason || undefined,
        ...(w.kind === "discount" ? { price: minor(w.price), discount_bp: Math.round(Number(w.percent) * 100) } : { amount: minor(w.amount) }),
    });
    const check = async (ask: Ask) => setSaid({ ask, answer: await take(api.POST("/api/redlines/check", { body: ask })) });
    const instead = (x: Answered["instead"][number]) => {
        if (!said) return;
        const ask: Ask = discount ? { ...said.ask, price: x.price.value || said.ask.price, discount_bp: undefined, discount: x.discount.value } : { ...said.ask, amount: x.amount.value };
        setV(discount ? { ...v, percent: x.price.value ? String(Math.floor((x.discount.value * 10000) / x.price.value) / 100) : v.percent } : { ...v, amount: String(x.amount.value * one) });
        check(ask).catch(toastProblem);
    };
    return (
        <div class="split">
            <section class="panel" aria-labelledby="asked">
                <h2 id="asked">{t("check.title")}</h2>
                <Form verb={t("check.ask")} onSend={() => check(askOf(v))}>
                    <PickCustomer value={to} onPick={(x) => (setTo(x), setSaid(null))} />
                    <Select label={t("check.kind")} value={v.kind} options={kinds.map((k) => [k, tr(`line.of.${k}`, k)])} onChange={put("kind")} />
                    {discount ? (
                        <>
                            <Text label={t("check.percent")} type="number" value={v.percent} onInput={put("percent")} required />
                            <Text label={`${t("check.price")} (${currency})`} hint={t("check.price_hint")} type="number" value={v.price} onInput={put("price")} />
                        </>
                    ) : (
                        <Text label={`${t("check.amount")} (${currency})`} type="number" value={v.amount} onInput={put("amount")} required />
                    )}
                    <Text label={t("check.product")} value={v.product} onInput={put("product")} max={200} />
                    <Text label={t("line.words")} value={v.reason} onInput={put("reason")} rows={2} max={1000} />
                </Form>
            </section>
            <section class="panel" aria-labelledby="said" aria-live="polite">
                <h2 id="said">{t("check.said")}</h2>
                {said ? (
                    <>
                        <Answer of={said.answer} onInstead={instead} />
                        {said.answer.verdict !== "refused" && may("concede") && <Give {...said} onDone={() => setSaid(null)} />}
                    </>
                ) : (
                    <p class="muted">{t("check.not_yet")}</p>
                )}
            </section>
        </div>
    );
}

// Reserves it, and gives it at once; what needs a signature waits for it.
function Give({ ask, answer, onDone }: { ask: Ask; answer: Answered; onDone(): void }) {
    const [busy, setBusy] = useState(false);
    const [key] = useState(() => crypto.randomUUID());
    const signs = answer.verdict === "signature";
    const anew = () => ["redlines", "approvals", "concessions", "today", "customer"].forEach(forget);
    const back = (id: number) => take(api.POST("/api/concessions/{id}/reverse", { params: { path: { id } }, body: { reason: t("check.undone") } })).then(anew, toastProblem);
    const give = async () => {
        setBusy(true);
        try {
            const made = await take(api.POST("/api/concessions", { body: { ask, key } }));
            if (made.state === "reserved") {
                await take(api.POST("/api/concessions/{id}/commit", { params: { path: { id: made.id } } }));
                toast(t("check.given"), { undo: () => back(made.id).then(() => {}) });
            } else toast(t(made.state === "waiting" ? "check.waits" : "check.refused"), { bad: made.state === "declined" });
            anew();
            onDone();
        } catch (x) {
            toastProblem(x);
        } finally {
            setBusy(false);
        }
    };
    return (
        <p class="row end">
            <button class="primary" disabled={busy} onClick={() => void give()}>
                {t(signs ? "check.request" : "check.give")}
            </button>
        </p>
    );
}
