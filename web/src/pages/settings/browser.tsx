// What belongs to this browser alone.
import { lang, languages, t } from "../../lib/i18n";
import { lettersOn, setLetters } from "../../lib/keys";
import { compact, setCompact, setLanguage, setTheme, type Theme, theme } from "../../lib/prefs";
import { Check, Select } from "../../ui/form";

export default function Browser() {
    return (
        <section class="panel">
            <Select label={t("browser.language")} value={lang} options={Object.entries(languages)} onChange={setLanguage} />
            <Select label={t("browser.theme")} value={theme.value} options={[["auto", t("theme.auto")], ["light", t("theme.light")], ["dark", t("theme.dark")]]} onChange={(x) => setTheme(x as Theme)} />
            <Check label={t("browser.compact")} hint={t("browser.compact_hint")} checked={compact.value} onChange={setCompact} />
            <Check label={t("keys.letters")} hint={t("keys.letters_hint")} checked={lettersOn.value} onChange={setLetters} />
            <p>
                <a href="/account">{t("nav.account")}</a>: {t("browser.account")}
            </p>
        </section>
    );
}
