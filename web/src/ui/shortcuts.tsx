import { t } from "../lib/i18n";
import { allShortcuts, lettersOn, setLetters } from "../lib/keys";
import { helpOpen } from "../lib/recent";
import { Dialog } from "./dialog";
import { Check } from "./form";

export default function ShortcutSheet() {
    const groups = new Map<string, Map<string, string>>();
    for (const s of allShortcuts()) groups.set(s.group, (groups.get(s.group) ?? new Map()).set(s.keys, s.label));
    return (
        <Dialog title={t("nav.help")} onClose={() => (helpOpen.value = false)} wide>
            <Check label={t("keys.letters")} hint={t("keys.letters_hint")} checked={lettersOn.value} onChange={setLetters} />
            <div class="columns">
                {[...groups].map(([group, list]) => (
                    <section key={group}>
                        <h3>{group}</h3>
                        <dl class="keys">
                            {[...list].map(([keys, label]) => (
                                <div key={keys}>
                                    <dt>
                                        <Keys of={keys} />
                                    </dt>
                                    <dd>{label}</dd>
                                </div>
                            ))}
                        </dl>
                    </section>
                ))}
            </div>
            <p>
                <a href="/docs/api">{t("nav.api")}</a> · <a href="/assets/licences.txt">{t("nav.licences")}</a>
            </p>
        </Dialog>
    );
}
function Keys({ of }: { of: string }) {
    return (
        <>
            {of.split(" ").map((chord, i) => (
                <span key={i}>
                    {chord.split("+").map((k) => (
                        <kbd key={k}>{k}</kbd>
                    ))}{" "}
                </span>
            ))}
        </>
    );
}
