// The pages. A row is all that a room adds here; what has a `nav` stands in the bar, in this order, for whoever may see
// it. A page whose room is not built has no row.
import type { ComponentType } from "preact";
import { may, me } from "./lib/api";
import { type Key, loadWords } from "./lib/i18n";
import type { IconName } from "./ui/icon";

export interface PageProps { params: Record<string, string> }
export interface PageRow {
    path: string; // ":x" is a part, ":x?" may be absent
    need: string; // of src/serve/needs.def
    title: Key;
    load(): Promise<{ default: ComponentType<PageProps> }>;
    nav?: { icon: IconName; key: string; bottom?: true; phone?: true };
    under?: string; // the page of the bar that it belongs to
}
// Pages that need the second part of the words, too.
export const rest = <T>(page: Promise<T>): Promise<T> => Promise.all([page, loadWords("later")]).then(([m]) => m);

export const pages: PageRow[] = [
    { path: "/", need: "measures_read", title: "nav.home", load: () => import("./pages/home"), nav: { icon: "home", key: "h", phone: true } },
    { path: "/inbox/:item?", need: "customers_read", title: "nav.inbox", load: () => rest(import("./pages/inbox")), nav: { icon: "inbox", key: "i", phone: true } },
    { path: "/customers", need: "customers_read", title: "nav.customers", load: () => rest(import("./pages/customers")), nav: { icon: "people", key: "c", phone: true } },
    { path: "/alike", need: "customers_read", title: "nav.customers", load: () => rest(import("./pages/alike")), under: "/customers" },
    { path: "/dissatisfied", need: "customers_read", title: "nav.customers", load: () => rest(import("./pages/dissatisfied")), under: "/customers" },
    { path: "/customers/:id", need: "customers_read", title: "nav.customers", load: () => rest(import("./pages/customer")), under: "/customers" },
    { path: "/stages", need: "measures_read", title: "nav.customers", load: () => rest(import("./pages/stages")), under: "/customers" },
    { path: "/segments", need: "measures_read", title: "nav.segments", load: () => rest(import("./pages/segments")), nav: { icon: "value", key: "v" } },
    { path: "/segments/:id", need: "measures_read", title: "nav.segments", load: () => rest(import("./pages/segment")), under: "/segments" },
    { path: "/answers", need: "customers_read", title: "nav.answers", load: () => rest(import("./pages/answers")), nav: { icon: "voice", key: "s" } },
    { path: "/commitments", need: "customers_read", title: "nav.promises", load: () => rest(import("./pages/promises")), nav: { icon: "promise", key: "p", phone: true } },
    { path: "/commitments/:id", need: "customers_read", title: "nav.promises", load: () => rest(import("./pages/promise")), under: "/commitments" },
    { path: "/priorities", need: "measures_read", title: "nav.priorities", load: () => rest(import("./pages/priorities")), nav: { icon: "theme", key: "t" } },
    { path: "/priorities/:kind/:id", need: "measures_read", title: "nav.priorities", load: () => rest(import("./pages/priority")), under: "/priorities" },
    { path: "/topics/:id", need: "measures_read", title: "nav.priorities", load: () => rest(import("./pages/topic")), under: "/priorities" },
    { path: "/redlines", need: "measures_read", title: "nav.redlines", load: () => rest(import("./pages/redlines")), nav: { icon: "line", key: "l" } },
    { path: "/redlines/:id", need: "measures_read", title: "nav.redlines", load: () => rest(import("./pages/redline")), under: "/redlines" },
    { path: "/messages", need: "messages_read", title: "nav.messages", load: () => rest(import("./pages/messages")), nav: { icon: "mail", key: "m" } },
    { path: "/messages/:id", need: "messages_read", title: "nav.messages", load: () => rest(import("./pages/message")), under: "/messages" },
    { path: "/playbooks", need: "messages_read", title: "nav.playbooks", load: () => rest(import("./pages/playbooks")), nav: { icon: "play", key: "b" } },
    { path: "/playbooks/:id", need: "messages_read", title: "nav.playbooks", load: () => rest(import("./pages/playbook")), under: "/playbooks" },
    { path: "/reports", need: "measures_read", title: "nav.reports", load: () => rest(import("./pages/report")), nav: { icon: "report", key: "r" } },
    { path: "/measures/:name", need: "measures_read", title: "nav.home", load: () => rest(import("./pages/measure")), under: "/" },
    { path: "/settings/:part?", need: "signed_in", title: "nav.settings", load: () => rest(import("./pages/settings")), nav: { icon: "settings", key: ",", bottom: true } },
    { path: "/settings/:part/:id", need: "signed_in", title: "nav.settings", load: () => rest(import("./pages/settings")), under: "/settings/:part?" },
];
export const linkOf = (p: PageRow) => p.path.replace(/\/:\w+\?$/, "");

// Where somebody begins: whoever answers customers at the inbox, the others at Home; whoever may see neither, where they may.
export function landing(): string {
    const first = me.role === "agent" ? "/inbox" : "/";
    const row = pages.find((p) => linkOf(p) === first && may(p.need)) ?? pages.find((p) => p.nav && may(p.need));
    return row ? linkOf(row) : "/";
}
