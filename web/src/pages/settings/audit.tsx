// Who did what, and who looked at what is sensitive.
import { api, type Page, type Shapes, take } from "../../lib/api";
import { dayTime, t } from "../../lib/i18n";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/api";
import { query, setQuery } from "../../lib/router";
import { Stack } from "../../ui/bits";
import { Listed } from "../../ui/more";
import { usePaged } from "../../ui/paged";
import { Empty, NothingFound } from "../../ui/states";

type Entry = Shapes["audit_entry"];
export default function Audit() {
    const f = { who: query("who") || undefined, action: query("action") || undefined, subject: query("subject") || undefined };
    const filtered = !!(f.who || f.action || f.subject);
    const list = usePaged<Entry>(`audit ${JSON.stringify(f)}`, (after, signal) => take(api.GET("/api/audit", { params: { query: { ...f, after, limit: 60 } }, signal })) as Promise<Page<Entry>>);
    const people = useLoad("accounts", async (signal) => (may("accounts_write") ? take(api.GET("/api/accounts", { params: { query: { limit: 500 } }, signal })) : { items: [], next: null }));
    const name = (who: string) => people.data?.items.find((a) => `account:${a.id}` === who)?.name || who;
    const clear = () => setQuery({ who: null, action: null, subject: null });
    return (
        <section class="panel">
            <p class="muted">{t("audit.text")}</p>
            {filtered && (
                <p class="row">
                    {[f.who && name(f.who), f.action, f.subject].filter(Boolean).map((x) => (
                        <span key={x} class="tag">
                            {x}
                        </span>
                    ))}
                    <button class="link" onClick={clear}>
                        {t("state.clear")}
                    </button>
                </p>
            )}
            <Listed of={list} older empty={filtered ? <NothingFound clear={clear} /> : <Empty title={t("state.nothing")} />}>
                {(rows) => (
                    <Stack name={t("set.audit")} heads={[t("audit.when"), t("audit.who"), t("audit.what"), t("audit.subject")]}>
                        {rows.map((x) => (
                            <tr key={x.id}>
                                <td>{dayTime(x.at)}</td>
                                <td>
                                    <button class="link" onClick={() => setQuery({ who: x.who })}>
                                        {name(x.who)}
                                    </button>
                                </td>
                                <td>
                                    <button class="link" onClick={() => setQuery({ action: x.action })}>
                                        {x.action}
                                    </button>
                                </td>
                                <td>
                                    <Subject of={x.subject} />
                                    {x.detail != null && Object.keys(x.detail as object).length > 0 && (
                                        <details>
                                            <summary>{t("audit.detail")}</summary>
                                            <code>{JSON.stringify(x.detail)}</code>
                                        </details>
                                    )}
                                </td>
                            </tr>
                        ))}
                    </Stack>
                )}
            </Listed>
        </section>
    );
}
function Subject({ of }: { of: string }) {
    const id = /^customer:(\d+)$/.exec(of)?.[1];
    return id ? <a href={`/customers/${id}`}>{of}</a> : <>{of}</>;
}
