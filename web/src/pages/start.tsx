// Home, for who is new: where to begin. It is fetched after the rest of Home.
import { useState } from "preact/hooks";
import { api, may, take } from "../lib/api";
import { t, tr } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { remember, remembered } from "../lib/prefs";

// Six steps, each done by what is really there. Nothing is shown until all of it is known, so that nothing flickers.
export function Start() {
    const hidden = useState(() => remembered("start") === "hidden");
    const steps = useLoad("start", async (signal) => {
        const get = { signal };
        const [sources, keys, accounts, segments, promises, settings] = await Promise.all([
            may("sources_read") ? take(api.GET("/api/sources", get)) : null,
            may("keys_write") ? take(api.GET("/api/keys", get)) : null,
            may("accounts_write") ? take(api.GET("/api/accounts", get)) : null,
            may("measures_read") ? take(api.GET("/api/segments", get)) : null,
            may("customers_read") ? take(api.GET("/api/commitments", { ...get, params: { query: { limit: 1 } } })) : null,
            take(api.GET("/api/settings", get)),
        ]);
        return [
            settings && may("settings_write") && { key: "company", done: settings.version > 1, to: "/settings/company" },
            sources && may("sources_write") && { key: "import", done: sources.items.some((s) => !s.sample && s.rows > 0), to: "/settings/imports?new=1" },
            keys && { key: "connect", done: keys.items.some((k) => k.source && !k.revoked), to: "/settings/keys" },
            segments && may("segments_write") && { key: "segment", done: segments.items.length > 0, to: "/segments?new=1" },
            promises && may("customers_write") && { key: "promise", done: promises.items.length > 0, to: "/commitments?new=1" },
            accounts && { key: "team", done: accounts.items.filter((a) => a.state !== "disabled").length > 1, to: "/settings/team" },
        ].filter((x) => x !== false && x !== null) as { key: "company" | "import" | "connect" | "segment" | "promise" | "team"; done: boolean; to: string }[];
    });
    const list = steps.data;
    if (hidden[0] || !list || list.every((s) => s.done)) return null;
    const done = list.filter((s) => s.done).length;
    return (
        <section class="panel no-print" aria-labelledby="start">
            <div class="panel-head">
                <h2 id="start">{t("start.list", { done, of: list.length })}</h2>
                <button class="link" onClick={() => (remember("start", "hidden"), hidden[1](true))}>
                    {t("act.hide")}
                </button>
            </div>
            <ul class="row">
                {list.map((s) => (
                    <li key={s.key}>
                        {s.done ? (
                            <span class="chip done">
                                <span aria-hidden="true">✓</span> {tr(`start.${s.key}`, s.key)}
                                <span class="hidden"> {t("start.done")}</span>
                            </span>
                        ) : (
                            <a class="chip" href={s.to}>
                                {tr(`start.${s.key}`, s.key)}
                            </a>
                        )}
                    </li>
                ))}
            </ul>
        </section>
    );
}
