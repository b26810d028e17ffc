import { render } from "preact";
import { App } from "./app";
import { loadWords } from "./lib/i18n";
import { startKeys } from "./lib/keys";
import { startLive } from "./lib/live";
import { match, startRouter } from "./lib/router";
import { pages } from "./pages";

startRouter((path) => pages.some((p) => match(p.path, path)));
startKeys();
void loadWords().then(() => {
    render(<App />, document.body);
    startLive();
});
