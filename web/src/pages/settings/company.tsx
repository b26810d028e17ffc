// What heed is told of the company. It saves itself.
import { api, ifMatch, may, type Shapes, take } from "../../lib/api";
import { t, zones } from "../../lib/i18n";
import { forget, useLoad } from "../../lib/load";
import { Facts } from "../../ui/bits";
import { SaveState, Select, Text, useAutosave } from "../../ui/form";
import { Show } from "../../ui/states";

type Edited = { zone: string; country: string; currency: string; backup_folder: string; backup_keep: string };
const edited = (s: Shapes["settings"]) => ({ zone: s.zone, country: s.country, currency: s.currency, backup_folder: s.backup_folder ?? "", backup_keep: String(s.backup_keep), version: s.version });

export default function Company() {
    const settings = useLoad("settings", (signal) => take(api.GET("/api/settings", { signal })), ["job"]);
    return <Show of={settings}>{(s) => (may("settings_write") ? <Edit key="edit" s={s} /> : <Read s={s} />)}</Show>;
}
function Read({ s }: { s: Shapes["settings"] }) {
    return (
        <section class="panel">
            <Facts rows={[[t("company.zone"), s.zone], [t("company.country"), s.country], [t("company.currency"), s.currency]]} />
        </section>
    );
}
function Edit({ s }: { s: Shapes["settings"] }) {
    const form = useAutosave<Edited>({
        from: edited(s),
        fields: ["zone", "country", "currency", "backup_folder", "backup_keep"],
        read: async () => edited(await take(api.GET("/api/settings"))),
        save: async (c, version) => {
            const body = { ...c, ...(c.backup_keep != null && { backup_keep: Number(c.backup_keep) }) } as Shapes["settings_change"];
            const done = await take(api.PATCH("/api/settings", { headers: ifMatch(version), body }));
            forget("");
            return edited(done);
        },
    });
    const v = form.value;
    const put = (name: keyof Edited) => (x: string) => form.put({ [name]: x });
    return (
        <section class="panel">
            {s.rebuild && <p class="note">{t("company.rebuild")}</p>}
            <Select label={t("company.zone")} hint={t("company.zone_hint")} value={v.zone} options={[...new Set([v.zone, ...zones()])].map((z) => [z, z.replace(/_/g, " ")])} onChange={put("zone")} />
            <Text label={t("company.country")} hint={t("company.country_hint")} value={v.country} onInput={(x) => form.put({ country: x.toUpperCase() })} onBlur={form.flush} max={2} />
            <Text label={t("company.currency")} hint={t("company.currency_hint")} value={v.currency} onInput={(x) => form.put({ currency: x.toUpperCase() })} onBlur={form.flush} max={3} />
            <Text label={t("company.backup")} hint={t("company.backup_hint")} value={v.backup_folder} onInput={put("backup_folder")} onBlur={form.flush} max={400} />
            <Text label={t("company.keep")} type="number" value={v.backup_keep} onInput={put("backup_keep")} onBlur={form.flush} />
            <SaveState of={form} labels={{ zone: t("company.zone"), country: t("company.country"), currency: t("company.currency"), backup_folder: t("company.backup"), backup_keep: t("company.keep") }} />
        </section>
    );
}
