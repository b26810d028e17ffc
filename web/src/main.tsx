import { render } from "preact";
import { App } from "./app";
import { loadWords } from "./lib/i18n";
import { startKeys } from "./lib/keys";
import { startLive } from "./lib/live";
import { go, match, startRouter } from "./lib/router";
import { landing, pages } from "./pages";

startRouter((path) => pages.some((p) => match(p.path, path)));
startKeys();
// The first page of a visit that names none is where one's own work begins; Home stays Home after that.
if (location.pathname === "/" && !location.search && !sessionStorage.getItem("heed.here")) go(landing(), { replace: true, stay: true });
sessionStorage.setItem("heed.here", "1");
void loadWords().then(() => {
    render(<App />, document.body);
    startLive();
});
