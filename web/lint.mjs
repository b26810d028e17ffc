// What no compiler sees in the app: figures are written by one component, words come from the catalogue, nothing
// becomes HTML by text, sides are logical.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

const rules = [
    // Only ui/estimate.tsx writes a figure; ui/range.tsx and the charts draw one to scale.
    { in: /^src\/(pages|ui)\//, not: /ui\/(estimate|details|range)\.tsx$/, no: /\.(lo|hi)\b|\b(writeNumber|writeFigure|writeRange|toFixed|toPrecision|toLocaleString|toLocaleDateString)\(|\bIntl\./, why: "figures are shown by <Estimate>, numbers and times by lib/i18n" },
    { in: /^src\//, no: /dangerouslySetInnerHTML|\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/, why: "nothing becomes HTML or code by text" },
    { in: /^src\/.*\.tsx$/, no: />\s*[^<>{}=;()&|?:]*[A-Za-z]{3,}[^<>{}=;()&|?:]*<\//, not: /app\.tsx$/, allow: /^>\s*CSV\s*<\/$/, why: "words stand in i18n/*.json" },
    { in: /^src\//, no: /["'`](https?:)?\/\/[a-z]/, why: "nothing is asked of other hosts" },
    { in: /\.css$/, no: /\b(margin|padding|border)-(left|right)\b|\btext-align: ?(left|right)\b|\bfloat:/, why: "sides are logical: inline-start, inline-end" },
];

export function lint(folder) {
    const faults = [];
    const look = (dir) => {
        for (const e of readdirSync(dir, { withFileTypes: true })) {
            const path = join(dir, e.name);
            if (e.isDirectory()) look(path);
            else if (/\.(tsx?|css)$/.test(e.name) && !e.name.endsWith(".d.ts")) {
                const name = relative(folder, path);
                readFileSync(path, "utf8").split("\n").forEach((line, i) => {
                    if (/^\s*(\/\/|\*)/.test(line)) return;
                    for (const r of rules) {
                        const hit = r.in.test(name) && !r.not?.test(name) && r.no.exec(line);
                        if (hit && !r.allow?.test(hit[0])) faults.push(`${name}:${i + 1}: '${hit[0].trim()}': ${r.why}`);
                    }
                });
            }
        }
    };
    look(join(folder, "src"));
    look(join(folder, "styles"));
    return faults;
}
if (process.argv[1] === new URL(import.meta.url).pathname) {
    const faults = lint(new URL(".", import.meta.url).pathname);
    faults.forEach((f) => console.log(f));
    process.exit(faults.length ? 1 : 0);
}
