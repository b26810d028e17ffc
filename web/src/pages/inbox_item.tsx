// One conversation: what was said and done, what it is about, what can be done with it, and the answer.
import { useEffect, useRef, useState } from "preact/hooks";
import { may, type Shapes } from "../lib/api";
import { ago, dayTime, t, tr } from "../lib/i18n";
import { useShortcuts } from "../lib/keys";
import { useLoad } from "../lib/load";
import { visited } from "../lib/recent";
import { channelName, kindName, scoreText, When } from "../ui/bits";
import { Menu } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Failed, Skeleton } from "../ui/states";
import { Heard } from "../ui/words_why";
import { NewCommitment } from "./commitments";
import { Assign, Label, Later, useColleagues } from "./inbox_ask";
import { Card } from "./inbox_card";
import { assign, finish, type Item, nameOf, putAside, readItem, relabel, reopen, tellItem, type Whole } from "./inbox_do";
import { Reply } from "./inbox_reply";
import { StateTag } from "./messages";

interface Props {
    id: number;
    known?: Item; // as the list has it: shown until the rest is there
    back: string;
    phone: boolean;
    keys: boolean;
}
export function Conversation({ id, known, back, phone, keys }: Props) {
    const one = useLoad<Whole>(`inbox item ${id}`, (signal) => readItem(id, signal), ["inbox", "events", "outbox", "customer"]);
    const heading = useRef<HTMLHeadingElement>(null);
    const w = one.data;
    const x = w?.item ?? known;
    useEffect(() => {
        if (w) tellItem(w.item, false);
    }, [w?.item.version]);
    useEffect(() => {
        if (x) {
            document.title = `${nameOf(x)} · ${t("nav.inbox")} · heed`;
            visited(`/inbox/${id}`, `${t("nav.inbox")}: ${nameOf(x)}`);
        }
    }, [x?.name]);
    useEffect(() => {
        if (phone) heading.current?.focus({ preventScroll: true }), scrollTo(0, 0);
    }, [id, phone]);
    if (!x)
        return (
            <section class="pane talk" aria-label={t("inbox.conversation")}>
                {one.problem ? <Failed problem={one.problem} again={one.again} /> : <Skeleton lines={8} />}
            </section>
        );
    return (
        <>
            <section class="pane talk" aria-label={t("inbox.conversation")}>
                <header class="talk-head">
                    <div class="row">
                        {phone && (
                            <a class="button icon-button" href={back} aria-label={t("inbox.back")}>
                                <Icon name="back" />
                            </a>
                        )}
                        <h2 ref={heading} tabIndex={-1} lang="">
                            {nameOf(x)}
                        </h2>
                        <State x={x} />
                    </div>
                    <p class="muted">
                        {[channelName(x.channel), x.kind === "talk" ? w?.subject : kindName(x.kind), x.source].filter(Boolean).join(" · ")}
                        {x.assignee && ` · ${t("inbox.with", { who: x.assignee.name })}`}
                    </p>
                    {w && may("customers_write") && <Actions w={w} keys={keys} phone={phone} />}
                </header>
                {one.problem && !one.busy && <Failed problem={one.problem} again={one.again} />}
                {phone && w?.customer && (
                    <details class="card-fold">
                        <summary>{t("inbox.who")}</summary>
                        <Card c={w.customer} />
                    </details>
                )}
                {w ? <Messages w={w} /> : <Skeleton lines={6} />}
                {w && may("customers_write") && <Reply key={id} w={w} again={one.again} />}
            </section>
            {!phone && (
                <aside class="pane card-pane" aria-label={t("inbox.who")}>
                    {w?.customer ? <Card c={w.customer} /> : w ? <p class="muted pad">{t("inbox.nobody_known")}</p> : <Skeleton lines={6} />}
                </aside>
            )}
        </>
    );
}
function State({ x }: { x: Item }) {
    const look = x.tab === "open" ? "warn" : x.tab === "done" ? "good" : "";
    return (
        <span class={`tag ${look}`}>
            {x.state === "later" && x.later ? t("inbox.again", { when: ago(x.later) }) : tr(`inbox.state_${x.state}`, x.state)}
        </span>
    );
}

// ---- what can be done ----

type Asking = "assign" | "later" | "label" | "promise" | null;
function Actions({ w, keys, phone }: { w: Whole; keys: boolean; phone: boolean }) {
    const x = w.item;
    const people = useColleagues();
    const [asking, setAsking] = useState<Asking>(null);
    const done = x.tab === "done";
    const end = () => void (done ? reopen(x) : finish(x));
    const close = () => setAsking(null);
    const answer = () => document.querySelector<HTMLElement>(".reply textarea")?.focus();
    const group = t("nav.inbox");
    const all: [string, string, () => void][] = [
        ["r", t("inbox.reply"), answer],
        ["e", done ? t("inbox.reopen") : t("inbox.done"), end],
        ["a", t("inbox.assign"), () => setAsking("assign")],
        ["l", t("inbox.label"), () => setAsking("label")],
        ["p", t("inbox.promise"), () => setAsking("promise")],
        ["z", t("inbox.later"), () => setAsking("later")],
    ];
    useShortcuts(
        [
            ...all.filter(([k]) => keys || (k !== "e" && k !== "a")).map(([k, label, run]) => ({ keys: k, label, group, run })),
            { keys: "Enter", label: t("inbox.key_into"), group, run: () => document.querySelector<HTMLElement>(".talk-head h2")?.focus() },
        ],
        [w, keys],
    );
    const button = ([key, text, run]: (typeof all)[number]) => (
        <button key={key} title={key} onClick={run}>
            {text}
        </button>
    );
    return (
        <div class="row talk-actions">
            {all.slice(1, phone ? 2 : 6).map(button)}
            {phone && (
                <Menu class="icon-button" title={t("act.actions")} label={<Icon name="more" />}>
                    {(shut) => (
                        <ul>
                            {all.slice(2).map(([key, text, run]) => (
                                <li key={key}>
                                    <button onClick={() => (shut(), run())}>{text}</button>
                                </li>
                            ))}
                        </ul>
                    )}
                </Menu>
            )}
            {asking === "assign" && <Assign people={people} title={t("inbox.assign")} now={x.assignee?.id ?? 0} onPick={(to, who) => void assign(x, to, who)} onClose={close} />}
            {asking === "later" && <Later x={x} onPick={(until, when) => void putAside(x, until, when)} onClose={close} />}
            {asking === "label" && <Label whole={w} onAdd={(topic) => void relabel(x, [topic], [])} onDrop={(topic) => void relabel(x, [], [topic])} onClose={close} />}
            {asking === "promise" && <NewCommitment customer={x.customer ?? undefined} name={nameOf(x)} onClose={close} />}
        </div>
    );
}

// ---- what was said and done ----

type Message = Shapes["inbox_message"];
function Messages({ w }: { w: Whole }) {
    const box = useRef<HTMLDivElement>(null);
    const n = w.messages.length;
    // The last words are what is to be answered.
    useEffect(() => {
        const e = box.current!;
        e.scrollTop = e.scrollHeight;
    }, [n, w.item.id]);
    return (
        <div class="talk-body" ref={box} role="log" aria-label={t("inbox.messages")} tabIndex={0}>
            {w.item.topics.length > 0 && (
                <ul class="row topics" aria-label={t("inbox.topics")}>
                    {w.item.topics.map((topic) => (
                        <li key={topic} class="tag">
                            {topic}
                        </li>
                    ))}
                </ul>
            )}
            {w.more && w.customer && (
                <p class="center">
                    <a href={`/customers/${w.customer.id}`}>{t("inbox.before")}</a>
                </p>
            )}
            {w.messages.map((m) => (m.who === "event" || (m.kind === "handled" && !m.words) ? <Event key={m.id} m={m} /> : <Said key={m.id} m={m} name={nameOf(w.item)} />))}
            {w.sending.map((s) => (
                <article key={s.message} class="bubble ours sending">
                    <header>
                        <strong>{s.by}</strong> <StateTag of={s.state} /> <When at={s.at} />
                    </header>
                    <p class="said full">{s.words}</p>
                    {s.reply && s.state !== "sent" && <p class="muted">{s.reply}</p>}
                    {may("messages_read") && <a href={`/messages/${s.message}`}>{t("inbox.see_message")}</a>}
                </article>
            ))}
        </div>
    );
}
const spoken = new Set(["message_in", "message_out", "message_auto", "note"]);
function Said({ m, name }: { m: Message; name: string }) {
    const side = m.who === "customer" ? "theirs" : m.who === "note" ? "noted" : "ours";
    const who = m.who === "customer" ? name : m.who === "machine" ? t("inbox.machine") : (m.by ?? t("inbox.us"));
    return (
        <article class={`bubble ${side}`} aria-label={`${who}, ${dayTime(m.at)}`}>
            <header>
                <strong>{who}</strong> {m.who === "note" && <span class="tag">{t("timeline.internal")}</span>}
                {m.score != null && <span class="tag">{scoreText(m.score, m.instrument)}</span>}{" "}
                <span class="muted">
                    {!spoken.has(m.kind) && `${kindName(m.kind)} · `}
                    <time dateTime={m.at}>{dayTime(m.at)}</time>
                </span>
            </header>
            {m.subject && <p class="subject">{m.subject}</p>}
            <p class="said full" lang={m.lang ?? ""}>
                {m.words || t("answers.no_words")}
            </p>
            <Heard of={m.heard} lang={m.lang} scored={m.score != null} name={dayTime(m.at)} />
        </article>
    );
}
function Event({ m }: { m: Message }) {
    const what =
        m.step === "assigned" ? (m.to ? t("inbox.step_assigned", { who: m.to.name }) : t("inbox.step_unassigned"))
        : m.step === "later" ? (m.until ? t("inbox.step_later", { when: dayTime(m.until) }) : t("inbox.step_now"))
        : m.step ? tr(`inbox.step_${m.step}`, m.step)
        : kindName(m.kind);
    return (
        <p class="talk-event muted">
            {[m.by, what].filter(Boolean).join(": ")} · <time dateTime={m.at}>{dayTime(m.at)}</time>
        </p>
    );
}
