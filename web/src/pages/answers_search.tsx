// What customers said, found by words and by meaning, the best first; or what is like something that was said.
import { api, type Shapes, take } from "../lib/api";
import { dayTime, languageName, percent, t, tn, lang as mine } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { setQuery } from "../lib/router";
import { channelName, kindName, Mood, Score } from "../ui/bits";
import { Pieces } from "../ui/marked";
import { Empty, NothingFound, Show } from "../ui/states";
import { WordsWhy } from "../ui/words_why";

export interface Asked { words?: string; like?: string; since?: string; channel?: string; mood?: string; topic?: string }
const STEP = 20;

export function Found({ ask, limit, clear }: { ask: Asked; limit: number; clear(): void }) {
    const like = ask.like ? ask.like.split(",") : undefined;
    const found = useLoad(`search ${JSON.stringify(ask)} ${limit}`, (signal) => take(api.GET("/api/search", { params: { query: { ...ask, like: like as never, topic: ask.topic ? Number(ask.topic) : undefined, mood: (ask.mood || undefined) as never, limit } }, signal })));
    const narrowed = !!(ask.since || ask.channel || ask.mood || ask.topic);
    return (
        <>
            {like && <LikeWhat id={like[0]!} />}
            <section class="panel" aria-label={t("search.found")}>
                <Show of={found} lines={8} empty={(d) => (d.items.length ? null : narrowed ? <NothingFound clear={clear} /> : <Empty title={t("search.none")} text={t("search.none_text")} />)}>
                    {(d) => (
                        <>
                            <p class="muted">
                                {tn(like ? "search.like_n" : "search.best", d.items.length)} {!d.meaning && <>⚠ {t("search.no_meaning")}</>}
                            </p>
                            <ol class="rows">
                                {d.items.map((x) => (
                                    <Hit key={x.voice.id} x={x} />
                                ))}
                            </ol>
                            {d.items.length >= limit && limit < 200 && <button onClick={() => setQuery({ most: String(Math.min(200, limit + 2 * STEP)) }, true)}>{t("act.more")}</button>}
                        </>
                    )}
                </Show>
            </section>
        </>
    );
}
function LikeWhat({ id }: { id: string }) {
    const one = useLoad(`voice ${id}`, (signal) => take(api.GET("/api/feedback/{id}", { params: { path: { id: Number(id) } }, signal })));
    return (
        <div class="note">
            <p class="row spread">
                <strong>{t("search.like_this")}</strong>
                <button class="link" onClick={() => setQuery({ like: null, most: null })}>
                    {t("search.like_end")}
                </button>
            </p>
            {one.data && (
                <p class="said" lang={one.data.voice.lang ?? ""}>
                    {one.data.voice.words}
                </p>
            )}
        </div>
    );
}
// Who said it, how they rated it, and when.
export function VoiceHead({ v, mood }: { v: Shapes["voice"]; mood?: string | null }) {
    return (
        <div class="row spread">
            <span class="row">
                {v.customer ? (
                    <a href={`/customers/${v.customer}`}>
                        <strong>{v.name}</strong>
                    </a>
                ) : (
                    <strong class="muted">{t("answers.nobody")}</strong>
                )}
                {v.score != null && <Score score={v.score} instrument={v.instrument} />}
                <Mood of={mood} />
            </span>
            <time class="muted" dateTime={v.at}>
                {dayTime(v.at)}
            </time>
        </div>
    );
}
// What can be done with words: opened, taken for a search, asked why.
export function VoiceActs({ v }: { v: Shapes["voice"] }) {
    const name = `${v.name ?? ""}, ${dayTime(v.at)}`;
    const act = (text: string, run: () => void) => (
        <button class="link" onClick={run}>
            {text}
            <span class="hidden"> {name}</span>
        </button>
    );
    return (
        <>
            {act(t("answers.open"), () => setQuery({ open: String(v.id) }))}
            {v.words && act(t("search.like"), () => setQuery({ like: String(v.id), q: null, most: null }))}
            {v.words && <WordsWhy feedback={v.id} name={name} />}
        </>
    );
}
function Hit({ x }: { x: Shapes["search_hit"] }) {
    const v = x.voice;
    const about = [kindName(v.kind), channelName(v.channel), v.topic, v.lang && v.lang !== mine ? languageName(v.lang) : ""].filter(Boolean).join(" · ");
    const how = x.by_words != null && x.by_meaning != null ? "both" : x.by_words != null ? "words" : "meaning";
    return (
        <li>
            <VoiceHead v={v} mood={v.mood ?? x.felt} />
            <p class="said full" lang={v.lang ?? ""}>
                <Pieces of={x.snippet} />
            </p>
            <p class="row">
                <span class="muted">{about}</span>
                <small class="muted" title={x.by_meaning != null ? t("search.near", { p: percent(x.by_meaning) }) : undefined}>
                    {t(`search.by_${how}`)}
                </small>
                {x.copies > 1 && <span class="tag">{tn("search.copies", x.copies)}</span>}
                <VoiceActs v={v} />
            </p>
        </li>
    );
}
