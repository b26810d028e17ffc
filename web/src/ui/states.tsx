// The four states that must never look alike: not known yet, nothing there, nothing found, not to be had.
import type { ComponentChildren } from "preact";
import type { UseLoad } from "../lib/load";
import { dayTime, t, tn, time } from "../lib/i18n";
import type { Problem } from "../lib/api";
import { ProblemText } from "./problem";

// Appears after a moment, so that what is quick does not flicker.
export function Skeleton({ lines = 3 }: { lines?: number }) {
    return (
        <div class="skeleton" role="status">
            <span class="hidden">{t("state.loading")}</span>
            {Array.from({ length: lines }, (_, i) => (
                <i key={i} />
            ))}
        </div>
    );
}
export function Empty({ title, text, children }: { title: string; text?: string; children?: ComponentChildren }) {
    return (
        <div class="empty">
            <h2>{title}</h2>
            {text && <p>{text}</p>}
            {children && <p class="row center">{children}</p>}
        </div>
    );
}
export function NothingFound({ clear }: { clear(): void }) {
    return (
        <Empty title={t("state.filtered")}>
            <button onClick={clear}>{t("state.clear")}</button>
        </Empty>
    );
}
export function Failed({ problem, again }: { problem: Problem; again?(): void }) {
    return (
        <div class="note bad" role="alert">
            <div>
                <strong>{problem.status === 404 ? t("state.gone") : problem.status === 403 ? t("state.denied") : t("state.failed")}</strong> <ProblemText of={problem} />
            </div>
            <p class="row">
                {again && problem.status !== 404 && problem.status !== 403 && <button onClick={again}>{t("state.again")}</button>}
                {problem.status >= 500 && <small>{t("state.support", { code: `${problem.status} ${problem.code}` })}</small>}
            </p>
        </div>
    );
}

interface Props<T> {
    of: UseLoad<T>;
    lines?: number;
    empty?: (data: T) => ComponentChildren; // what to show instead, or null when there is something
    children: (data: T) => ComponentChildren;
}
export function Show<T>({ of, lines, empty, children }: Props<T>) {
    const { data, problem, busy } = of;
    if (data === undefined) return problem && !busy ? <Failed problem={problem} again={of.again} /> : <Skeleton lines={lines} />;
    return (
        <>
            {problem && !busy && <Stale of={of} />}
            {of.asOf !== undefined && <AsOf at={of.asOf} />}
            {of.news > 0 && (
                <button class="pill" onClick={of.again}>
                    {tn("state.news", of.news)}
                </button>
            )}
            {empty?.(data) ?? children(data)}
        </>
    );
}
// Figures over everybody are made in the background: as long as a newer one is under way, the page says of when these are.
function AsOf({ at }: { at: number }) {
    return (
        <p class="as-of muted" role="note">
            <small>{t("state.as_of", { time: Date.now() - at < 72e6 ? time(at) : dayTime(at) })}</small>
        </p>
    );
}
// What was read before is better than nothing, as long as it says so.
function Stale<T>({ of }: { of: UseLoad<T> }) {
    return (
        <p class="warn" role="status">
            ⚠ {t("state.stale", { time: time(of.at) })} <button class="link" onClick={of.again}>{t("state.again")}</button>
        </p>
    );
}
