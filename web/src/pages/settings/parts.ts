// The parts of the settings: a row each.
import type { ComponentType } from "preact";
import type { Key } from "../../lib/i18n";

export interface Part {
    name: string;
    title: Key;
    need: string;
    group: Key;
    load(): Promise<{ default: ComponentType<{ id?: string }> }>;
}
export const parts: Part[] = [
    { name: "company", title: "set.company", need: "signed_in", group: "set.group_company", load: () => import("./company") },
    { name: "calendar", title: "set.calendar", need: "signed_in", group: "set.group_company", load: () => import("./calendar") },
    { name: "mail", title: "set.mail", need: "messages_read", group: "set.group_company", load: () => import("./mail") },
    { name: "team", title: "set.team", need: "accounts_write", group: "set.group_company", load: () => import("./team") },
    { name: "signin", title: "set.signin", need: "settings_write", group: "set.group_company", load: () => import("./signin") },
    { name: "sources", title: "set.sources", need: "sources_read", group: "set.group_data", load: () => import("./sources") },
    { name: "imports", title: "set.imports", need: "sources_read", group: "set.group_data", load: () => import("./imports") },
    { name: "quarantine", title: "set.quarantine", need: "sources_read", group: "set.group_data", load: () => import("./quarantine") },
    { name: "keys", title: "set.keys", need: "keys_write", group: "set.group_data", load: () => import("./keys") },
    { name: "hooks", title: "set.hooks", need: "sources_read", group: "set.group_data", load: () => import("./hooks") },
    { name: "widget", title: "set.widget", need: "sources_read", group: "set.group_data", load: () => import("./widget") },
    { name: "webhooks", title: "set.webhooks", need: "hooks_write", group: "set.group_data", load: () => import("./webhooks") },
    { name: "identity", title: "set.identity", need: "customers_read", group: "set.group_data", load: () => import("./identity") },
    { name: "understanding", title: "set.understanding", need: "measures_read", group: "set.group_data", load: () => import("./understanding") },
    { name: "privacy", title: "set.privacy", need: "privacy_read", group: "set.group_trust", load: () => import("./privacy") },
    { name: "audit", title: "set.audit", need: "audit_read", group: "set.group_trust", load: () => import("./audit") },
    { name: "jobs", title: "set.jobs", need: "sources_read", group: "set.group_trust", load: () => import("./jobs") },
    { name: "sample", title: "set.sample", need: "sources_read", group: "set.group_data", load: () => import("./sample") },
    { name: "browser", title: "set.browser", need: "signed_in", group: "set.group_you", load: () => import("./browser") },
];
