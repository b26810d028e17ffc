// Words of customers that stand for others: whom each stands for is said with it.
import { type Shapes } from "../lib/api";
import { t, tn } from "../lib/i18n";
import { channelName, Score, When } from "./bits";

type Quote = Shapes["theme_quote"];
export function Said({ v, children }: { v: Shapes["voice"]; children?: preact.ComponentChildren }) {
    return (
        <>
            <p class="said full" lang={v.lang ?? ""}>
                {v.words || t("answers.no_words")}
            </p>
            <p class="muted row">
                {v.customer ? <a href={`/customers/${v.customer}`}>{v.name || v.customer}</a> : <span>{t("prio.nobody")}</span>}
                <span>{channelName(v.channel)}</span>
                <When at={v.at} />
                {v.score != null && <Score score={v.score} instrument={v.instrument} />}
                {children}
            </p>
        </>
    );
}
export function Quotes({ of, title, text }: { of: Quote[]; title: string; text?: string }) {
    if (!of.length) return null;
    return (
        <section class="panel">
            <h2>{title}</h2>
            {text && <p class="muted">{text}</p>}
            <ul class="rows">
                {of.map((q) => (
                    <li key={q.voice.id}>
                        <Said v={q.voice}>{q.stands_for > 1 && <strong>{tn("prio.stands_for", q.stands_for)}</strong>}</Said>
                    </li>
                ))}
            </ul>
        </section>
    );
}
