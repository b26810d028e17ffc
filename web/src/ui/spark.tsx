// A small picture of weeks beside a row: bars from zero, the last one in colour. It says in words what it shows.
import { count, t } from "../lib/i18n";

export function Spark({ of, label }: { of: number[]; label?: string }) {
    if (!of.length) return null;
    const most = Math.max(1, ...of);
    const now = of.slice(-4).reduce((a, b) => a + b, 0);
    const before = of.slice(-17, -4).reduce((a, b) => a + b, 0);
    const text = label ?? t("spark.weeks", { now: count(now), before: count(before) });
    return (
        <svg class="spark" viewBox={`0 0 ${of.length * 4} 24`} role="img" aria-label={text} preserveAspectRatio="none">
            <title>{text}</title>
            {of.map((n, i) => (
                <rect key={i} class={i >= of.length - 4 ? "now" : ""} x={i * 4} width={3} y={24 - Math.max(n ? 1.5 : 0.5, (n / most) * 23)} height={Math.max(n ? 1.5 : 0.5, (n / most) * 23)} />
            ))}
        </svg>
    );
}
