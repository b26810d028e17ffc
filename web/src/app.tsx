// The frame around every page: the bar, the page of the address, what lies above it.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { Component } from "preact";
import { useEffect } from "preact/hooks";
import { api, csrf, may, me, offline, problemOf, take } from "./lib/api";
import { type Key, setZone, t } from "./lib/i18n";
import { lettersOn, useShortcuts } from "./lib/keys";
import { liveState } from "./lib/live";
import { useLoad } from "./lib/load";
import { setTheme, theme } from "./lib/prefs";
import { helpOpen, paletteOpen } from "./lib/recent";
import { go, match, path } from "./lib/router";
import { undoLast } from "./lib/toast";
import { landing, linkOf, type PageRow, pages, rest } from "./pages";
import { PageHead } from "./ui/bits";
import { Menu } from "./ui/dialog";
import { Icon } from "./ui/icon";
import { Failed, Skeleton } from "./ui/states";
import { Toasts } from "./ui/toasts";

const bar = pages.filter((p) => p.nav && may(p.need));
const find = (at: string) => {
    for (const row of pages) {
        const params = match(row.path, at);
        if (params) return { row, params };
    }
    return null;
};

export function App() {
    const settings = useLoad("settings", (signal) => take(api.GET("/api/settings", { signal })));
    if (settings.data) setZone(settings.data.zone);
    useShortcuts([
        ...bar.map((p) => ({ keys: `g ${p.nav!.key}`, label: t("keys.go", { page: t(p.title) }), group: t("keys.go_to"), run: () => go(linkOf(p)) })),
        { keys: "Ctrl+k", label: t("nav.search"), group: t("keys.everywhere"), run: () => (paletteOpen.value = true) },
        { keys: "/", label: t("nav.search"), group: t("keys.everywhere"), run: () => (paletteOpen.value = true) },
        { keys: "?", label: t("nav.help"), group: t("keys.everywhere"), run: () => (helpOpen.value = true) },
        { keys: "Ctrl+z", label: t("keys.undo"), group: t("keys.everywhere"), run: () => void undoLast() },
    ]);
    const here = find(path.value);
    return (
        <>
            <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.querySelector<HTMLElement>("#main")?.focus())}>
                {t("nav.skip")}
            </a>
            <div class="app">
                <SideBar active={here?.row} />
                <div class="content">
                    <Notices sample={settings.data?.sample} />
                    <main id="main" tabIndex={-1}>
                        {!here ? (
                            <NotThere />
                        ) : !may(here.row.need) ? (
                            <Denied />
                        ) : (
                            <Page row={here.row} params={here.params} />
                        )}
                    </main>
                </div>
            </div>
            {paletteOpen.value && <Later load={palette} />}
            {helpOpen.value && <Later load={sheet} />}
            <Toasts />
        </>
    );
}

function Denied() {
    return (
        <>
            <PageHead title={t("state.denied")} text={t("problem.denied")} />
            <p>
                <a href={landing()}>{t("state.back")}</a>
            </p>
        </>
    );
}
function NotThere() {
    return (
        <>
            <PageHead title={t("state.no_page")} text={t("state.no_page_text", { path: path.value })} />
            <p>
                <a href={landing()}>{t("state.back")}</a>
            </p>
        </>
    );
}

// ---- what is fetched when it is wanted ----

type Load<P> = () => Promise<{ default: ComponentType<P> }>;
const loaded = new Map<unknown, ComponentType<never>>();
const arrived = signal(0);
const failed = new Map<unknown, unknown>();

function arrive<P>(load: Load<P>): ComponentType<P> | undefined {
    arrived.value;
    if (!loaded.has(load) && !failed.has(load))
        load().then(
            (m) => (loaded.set(load, m.default as ComponentType<never>), arrived.value++),
            (x) => (failed.set(load, x), arrived.value++),
        );
    return loaded.get(load) as ComponentType<P> | undefined;
}
const palette: Load<object> = () => rest(import("./ui/palette"));
const sheet: Load<object> = () => import("./ui/shortcuts");
function Later({ load }: { load: Load<object> }) {
    const View = arrive(load);
    return View ? <View /> : null;
}

// ---- the page of the address ----

// Mistakes of one page leave the frame standing.
class Guard extends Component<{ path: string }, { problem?: unknown; path: string }> {
    override state: { problem?: unknown; path: string } = { path: this.props.path };
    override componentDidCatch(problem: unknown) {
        console.error(problem);
        this.setState({ problem, path: this.props.path });
    }
    render() {
        const { problem, path: at } = this.state;
        if (problem && at === this.props.path) return <Failed problem={problemOf(problem)} again={() => this.setState({ problem: undefined })} />;
        return this.props.children;
    }
}

function Page({ row, params }: { row: PageRow; params: Record<string, string> }) {
    useEffect(() => {
        document.title = `${t(row.title)} · heed`;
    }, [row]);
    const View = arrive(row.load);
    if (failed.has(row.load)) return <Failed problem={problemOf(failed.get(row.load))} again={() => location.reload()} />;
    if (!View) return <Skeleton lines={6} />;
    return (
        <Guard path={path.value}>
            <View params={params} key={row.path + (row.path.includes(":id") ? params.id : "")} />
        </Guard>
    );
}

// ---- above the page ----

function Notices({ sample }: { sample?: boolean }) {
    if (!offline.value && !sample) return null;
    return (
        <aside class="notices" aria-label={t("nav.notices")}>
            {offline.value && (
                <p class="warn" role="status">
                    ⚠ {t("problem.offline")}
                </p>
            )}
            {sample && (
                <p class="sample-note">
                    <span class="sample-tag">{t("sample.tag")}</span> {t("sample.note")} {may("sources_write") && <a href="/settings/sample">{t("sample.manage")}</a>}
                </p>
            )}
        </aside>
    );
}

// ---- the bar ----

function NavLink({ row, active, phone }: { row: PageRow; active: boolean; phone?: boolean }) {
    return (
        <a href={linkOf(row)} aria-current={active ? "page" : undefined} class="nav-link" title={phone || !lettersOn.value ? undefined : `g ${row.nav!.key}`}>
            <Icon name={row.nav!.icon} />
            <span>{t(row.title)}</span>
        </a>
    );
}
const isActive = (row: PageRow, active?: PageRow) => active === row || active?.under === row.path;

function SideBar({ active }: { active?: PageRow }) {
    const onPhone = bar.filter((p) => p.nav!.phone);
    const more = bar.filter((p) => !p.nav!.phone);
    return (
        <nav class="bar" aria-label={t("nav.main")}>
            <a class="mark" href="/">
                heed
            </a>
            <ul class="wide-only">
                {bar.filter((p) => !p.nav!.bottom).map((p) => (
                    <li key={p.path}>
                        <NavLink row={p} active={isActive(p, active)} />
                    </li>
                ))}
            </ul>
            <ul class="wide-only utility">
                <li>
                    <button class="nav-link" onClick={() => (paletteOpen.value = true)} title="Ctrl K">
                        <Icon name="search" />
                        <span>{t("nav.search")}</span>
                        <kbd>Ctrl K</kbd>
                    </button>
                </li>
                <li>
                    <button class="nav-link" onClick={() => (helpOpen.value = true)} title="?">
                        <Icon name="help" />
                        <span>{t("nav.help")}</span>
                    </button>
                </li>
                {bar.filter((p) => p.nav!.bottom).map((p) => (
                    <li key={p.path}>
                        <NavLink row={p} active={isActive(p, active)} />
                    </li>
                ))}
                <li>
                    <PersonMenu />
                </li>
            </ul>
            <ul class="phone-only">
                {onPhone.map((p) => (
                    <li key={p.path}>
                        <NavLink row={p} active={isActive(p, active)} phone />
                    </li>
                ))}
                <li>
                    <Menu class="nav-link" label={<><Icon name="more" /><span>{t("nav.more")}</span></>}>
                        {(close) => (
                            <ul>
                                {more.map((p) => (
                                    <li key={p.path}>
                                        <a href={linkOf(p)} onClick={close}>
                                            {t(p.title)}
                                        </a>
                                    </li>
                                ))}
                                <li>
                                    <button onClick={() => (close(), (paletteOpen.value = true))}>{t("nav.search")}</button>
                                </li>
                                <PersonEntries />
                            </ul>
                        )}
                    </Menu>
                </li>
            </ul>
        </nav>
    );
}

function PersonMenu() {
    return (
        <Menu class="nav-link" label={<><Icon name="person" /><span class="hidden">{t("nav.account")}: </span><span class="cut">{me.name}</span></>}>
            {() => (
                <ul>
                    <PersonEntries />
                </ul>
            )}
        </Menu>
    );
}
const themes: [typeof theme.value, Key][] = [["auto", "theme.auto"], ["light", "theme.light"], ["dark", "theme.dark"]];
function PersonEntries() {
    return (
        <>
            <li class="muted menu-note">
                {me.name} · {me.role}
                {liveState.value !== "on" && <> · {t("live.off")}</>}
            </li>
            {themes.map(([value, label]) => (
                <li key={value}>
                    <button aria-pressed={theme.value === value} onClick={() => setTheme(value)}>
                        {theme.value === value ? "✓ " : ""}
                        {t(label)}
                    </button>
                </li>
            ))}
            <li>
                <a href="/settings/browser">{t("nav.browser")}</a>
            </li>
            <li>
                <a href="/account">{t("nav.account")}</a>
            </li>
            <li>
                <form method="post" action="/signout">
                    <input type="hidden" name="csrf" value={csrf} />
                    <button>{t("nav.signout")}</button>
                </form>
            </li>
        </>
    );
}

