// Opening hours, holidays and closed days: shown in words, and edited.
import { useState } from "preact/hooks";
import { api, type Shapes, take } from "../lib/api";
import { civilDay, countryName, t, tr, weekday, zones } from "../lib/i18n";
import { useLoad } from "../lib/load";
import { Icon } from "../ui/icon";
import { Field, Select } from "../ui/form";
import { Show } from "../ui/states";

export type Week = Shapes["open_day"][];
// What an agreement says of hours, as a form holds it.
export interface Hours {
    zone: string;
    hours: string; // "mon 09:00-17:00, …"
    country: string;
    closed: string;
}
export const hoursOf = (week: Week) => week.filter((d) => d.open && d.close).map((d) => `${d.day} ${d.open}-${d.close}`).join(", ");

// "Mon–Fri 09:00–17:00, Sat 10:00–14:00"
export function weekText(week: Week): string {
    if (week.every((d) => d.open === "00:00" && d.close === "24:00")) return t("hours.always");
    const parts: string[] = [];
    for (let i = 0, j; i < week.length; i = j) {
        const { open, close } = week[i]!;
        for (j = i + 1; j < week.length && week[j]!.open === open && week[j]!.close === close; ) j++;
        if (open) parts.push(`${weekday(i)}${j > i + 1 ? `–${weekday(j - 1)}` : ""} ${open}–${close}`);
    }
    return parts.join(", ") || t("hours.never");
}

export function WeekEdit({ week, onChange }: { week: Week; onChange(w: Week): void }) {
    const put = (i: number, change: Partial<Week[number]>) => onChange(week.map((d, k) => (k === i ? { ...d, ...change } : d)));
    return (
        <fieldset class="week">
            <legend>{t("hours.open")}</legend>
            {week.map((d, i) => (
                <p key={d.day} class="row">
                    <label class="week-day">
                        <input type="checkbox" checked={!!d.open} onChange={(e) => put(i, e.currentTarget.checked ? { open: "09:00", close: "17:00" } : { open: null, close: null })} /> {weekday(i, "long")}
                    </label>
                    {d.open ? (
                        <>
                            <input type="time" aria-label={t("hours.from", { day: weekday(i, "long") })} value={d.open} required onInput={(e) => put(i, { open: e.currentTarget.value })} />
                            <span aria-hidden="true">–</span>
                            <input type="time" aria-label={t("hours.to", { day: weekday(i, "long") })} value={d.close === "24:00" ? "00:00" : (d.close ?? "")} required onInput={(e) => put(i, { close: e.currentTarget.value === "00:00" ? "24:00" : e.currentTarget.value })} />
                        </>
                    ) : (
                        <span class="muted">{t("hours.closed")}</span>
                    )}
                </p>
            ))}
            <p class="row">
                <button type="button" class="link" onClick={() => onChange(week.map((d, i) => ({ ...d, open: i < 5 ? "09:00" : null, close: i < 5 ? "17:00" : null })))}>
                    {t("hours.office")}
                </button>
                <button type="button" class="link" onClick={() => onChange(week.map((d) => ({ ...d, open: "00:00", close: "24:00" })))}>
                    {t("hours.always")}
                </button>
            </p>
        </fieldset>
    );
}

export const regionName = (code: string, name?: string | null) => (name ? `${countryName(code.slice(0, 2))}: ${name}` : countryName(code));
export function ZoneSelect({ value, onChange }: { value: string; onChange(x: string): void }) {
    return <Select label={t("company.zone")} hint={t("hours.zone_hint")} value={value} options={[["", t("hours.zone_same")], ...[...new Set([...(value ? [value] : []), ...zones()])].map((z): [string, string] => [z, z.replace(/_/g, " ")])]} onChange={onChange} />;
}
export function RegionSelect({ value, onChange }: { value: string; onChange(x: string): void }) {
    const regions = useLoad("regions", (signal) => take(api.GET("/api/promises/regions", { signal })));
    const known = (regions.data?.items ?? []).map((r): [string, string] => [r.code, regionName(r.code, r.name)]);
    return <Select label={t("hours.holidays_of")} hint={t("hours.holidays_hint")} value={value} options={[["", t("hours.no_holidays")], ...(value && !known.some(([c]) => c === value) ? [[value, value] as [string, string]] : []), ...known]} onChange={onChange} />;
}
export const daysOf = (closed: string) => closed.split(" ").filter(Boolean);
export function ClosedDays({ value, onChange }: { value: string; onChange(x: string): void }) {
    const [next, setNext] = useState("");
    const days = daysOf(value);
    const add = () => {
        if (next) onChange([...new Set([...days, next])].sort().join(" "));
        setNext("");
    };
    return (
        <Field label={t("hours.closed_days")} hint={t("hours.closed_hint")}>
            {(x) => (
                <>
                    <span class="row">
                        <input {...x} type="date" value={next} onInput={(e) => setNext(e.currentTarget.value)} onKeyDown={(e) => e.key === "Enter" && !e.ctrlKey && (e.preventDefault(), add())} />
                        <button type="button" disabled={!next} onClick={add}>
                            {t("hours.close_day")}
                        </button>
                    </span>
                    {days.length > 0 && (
                        <ul class="chips" aria-label={t("hours.closed_days")}>
                            {days.map((d) => (
                                <li key={d} class="tag">
                                    {civilDay(d)}
                                    <button type="button" class="icon-button" aria-label={t("hours.open_again", { day: civilDay(d) })} onClick={() => onChange(days.filter((y) => y !== d).join(" "))}>
                                        <Icon name="close" />
                                    </button>
                                </li>
                            ))}
                        </ul>
                    )}
                </>
            )}
        </Field>
    );
}

const holidayName = (name: string) => tr(`holiday.${name.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`, name);
// The closed days of the twelve months from now on.
export function DaysAhead({ country, closed }: { country: string; closed: string }) {
    const today = new Date().toISOString().slice(0, 10);
    const year = Number(today.slice(0, 4));
    const days = useLoad(`holidays ${country} ${year}`, async (signal) => {
        if (!country) return [];
        const of = (y: number) => take(api.GET("/api/promises/holidays", { params: { query: { country, year: y } }, signal }));
        return [...(await of(year)).items, ...(await of(year + 1)).items];
    });
    const until = `${year + 1}${today.slice(4)}`;
    return (
        <Show of={days}>
            {(found) => {
                const all = [...found.map((h) => ({ day: h.day, text: [holidayName(h.name), h.regional && t("hours.regional"), h.instead && t("hours.instead")].filter(Boolean).join(", ") })), ...daysOf(closed).map((day) => ({ day, text: t("hours.own_day") }))];
                const ahead = all.filter((d) => d.day >= today && d.day < until).sort((a, b) => a.day.localeCompare(b.day));
                if (!ahead.length) return <p class="muted">{t("hours.no_days")}</p>;
                return (
                    <ul class="rows days">
                        {ahead.map((d) => (
                            <li key={d.day + d.text} class="row spread">
                                <span>{civilDay(d.day)}</span>
                                <span class="muted">{d.text}</span>
                            </li>
                        ))}
                    </ul>
                );
            }}
        </Show>
    );
}
// An agreement's hours in a line.
export const hoursText = (x: Pick<Shapes["agreement"], "week" | "zone" | "country" | "closed">) =>
    [weekText(x.week), ...(x.zone ? [x.zone.replace(/_/g, " ")] : []), x.country ? t("hours.without", { country: regionName(x.country.slice(0, 2)) + (x.country.length > 2 ? ` (${x.country})` : "") }) : t("hours.no_holidays"), ...(x.closed ? [t("hours.days_closed", { n: daysOf(x.closed).length })] : [])].join(" · ");
