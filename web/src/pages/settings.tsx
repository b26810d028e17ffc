// The settings: parts in rows of settings/parts.ts, the list of them at the side.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { may, problemOf } from "../lib/api";
import { t } from "../lib/i18n";
import { go } from "../lib/router";
import type { PageProps } from "../pages";
import { PageHead } from "../ui/bits";
import { Empty, Failed, Skeleton } from "../ui/states";
import { type Part, parts } from "./settings/parts";

const loaded = new Map<Part, ComponentType<{ id?: string }>>();
const arrived = signal(0);
let failed: unknown;

export default function Settings({ params }: PageProps) {
    arrived.value;
    const mine = parts.filter((p) => may(p.need));
    const now = parts.find((p) => p.name === (params.part ?? "company"));
    const groups = [...new Set(mine.map((p) => p.group))];
    const View = now && loaded.get(now);
    if (now && may(now.need) && !View)
        now.load().then(
            (m) => (loaded.set(now, m.default), arrived.value++),
            (x) => ((failed = x), arrived.value++),
        );
    return (
        <>
            <PageHead title={now ? t(now.title) : t("nav.settings")} />
            <div class="settings">
                <nav aria-label={t("nav.settings")} class="wide-only">
                    {groups.map((g) => (
                        <section key={g}>
                            <h2>{t(g)}</h2>
                            <ul>
                                {mine
                                    .filter((p) => p.group === g)
                                    .map((p) => (
                                        <li key={p.name}>
                                            <a class="nav-link" href={`/settings/${p.name}`} aria-current={p === now ? "page" : undefined}>
                                                {t(p.title)}
                                            </a>
                                        </li>
                                    ))}
                            </ul>
                        </section>
                    ))}
                </nav>
                <nav aria-label={t("nav.settings")} class="phone-part">
                    <select aria-label={t("nav.settings")} value={now?.name} onChange={(e) => go(`/settings/${e.currentTarget.value}`)}>
                        {mine.map((p) => (
                            <option key={p.name} value={p.name}>
                                {t(p.title)}
                            </option>
                        ))}
                    </select>
                </nav>
                <div>{!now ? <Empty title={t("state.no_page")} /> : !may(now.need) ? <Empty title={t("state.denied")} text={t("problem.denied")} /> : View ? <View id={params.id} key={now.name + (params.id ?? "")} /> : failed ? <Failed problem={problemOf(failed)} /> : <Skeleton />}</div>
            </div>
        </>
    );
}
