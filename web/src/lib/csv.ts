// A table as a file. What a spreadsheet would take for a formula is kept a text (CWE-1236).
const cell = (x: unknown) => {
    let s = x == null ? "" : String(x);
    if (/^[=+@\t\r]|^-(?![\d.])/.test(s)) s = `'${s}`;
    return /[",\n\r]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
};
export const csvText = (head: string[], rows: unknown[][]) => [head, ...rows].map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
export function downloadCsv(name: string, head: string[], rows: unknown[][]): void {
    const url = URL.createObjectURL(new Blob(["\uFEFF", csvText(head, rows)], { type: "text/csv;charset=utf-8" }));
    const a = document.createElement("a");
    a.href = url;
    a.download = `${name}.csv`;
    a.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
