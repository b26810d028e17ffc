// Words for tests: accents on every letter and 40 % more of them, so that what is not translated, or does not fit, shows.
const accents: Record<string, string> = { a: "á", e: "ë", i: "ï", o: "ø", u: "ü", n: "ñ", c: "ç", s: "š", A: "Å", E: "É", I: "Î", O: "Ö", U: "Û", C: "Ç", S: "Š" };

export function pseudo(words: Record<string, string>): Record<string, string> {
    const one = (text: string) => {
        const longer = text.replace(/\{\w+\}|[a-zA-Z]/g, (x) => (x.length > 1 ? x : (accents[x] ?? x)));
        return `[${longer}${"·".repeat(Math.ceil(text.length * 0.4))}]`;
    };
    return Object.fromEntries(Object.entries(words).map(([key, text]) => [key, one(text)]));
}
