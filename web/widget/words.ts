// The widget's words in every language, put here by build.mjs from the one catalogue (i18n/*.json, keys "widget.…").
declare const WORDS: Record<string, Record<string, string>>;

export const languages = WORDS;
export type Word = (name: string, places?: Record<string, string>) => string;

// The page's language, else the browser's, else English.
export function words(asked: string | undefined): { say: Word; lang: string } {
    const lang = [asked, document.documentElement.lang, ...navigator.languages].map((l) => l?.slice(0, 2).toLowerCase() ?? "").find((l) => l in WORDS) ?? "en";
    return { lang, say: (name, places) => (WORDS[lang]?.[`widget.${name}`] ?? "").replace(/\{(\w+)\}/g, (all, key: string) => places?.[key] ?? all) };
}
