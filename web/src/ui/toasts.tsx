import { t } from "../lib/i18n";
import { dropToast, toasts } from "../lib/toast";
import { Icon } from "./icon";
import { Detail } from "./problem";

export function Toasts() {
    return (
        <div class="toasts" role="status" aria-live="polite">
            {toasts.value.map((x) => (
                <div key={x.id} class={x.bad ? "toast bad" : "toast"}>
                    <span>
                        {x.bad && "⚠ "}
                        {x.text}
                        <Detail text={x.detail} />
                    </span>
                    {x.undo && (
                        <button class="link" title="Ctrl Z" onClick={() => (dropToast(x.id), void x.undo!())}>
                            {t("act.undo")}
                        </button>
                    )}
                    <button class="icon-button" aria-label={t("act.close")} onClick={() => dropToast(x.id)}>
                        <Icon name="close" />
                    </button>
                </div>
            ))}
        </div>
    );
}
