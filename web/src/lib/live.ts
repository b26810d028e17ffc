// What happens elsewhere, as it happens: one stream of server-sent events while the page is looked at; asking every
// minute where a stream does not get through.
import { signal } from "@preact/signals";

export type Topic = "events" | "fresh" | "figures" | "job" | "import" | "quarantine" | "customer" | "delivery" | "privacy" | "outbox" | "inbox" | "meaning" | "topics" | "themes" | "stages" | "dissatisfied";
const topics: Topic[] = ["events", "fresh", "figures", "job", "import", "quarantine", "customer", "delivery", "privacy", "outbox", "inbox", "meaning", "topics", "themes", "stages", "dissatisfied"];
type Hear = (topic: Topic, data: unknown) => void;
const hearers = new Set<Hear>();
export const liveState = signal<"on" | "off" | "polling">("off");

let source: EventSource | null = null;
let failures = 0;
let poll: ReturnType<typeof setInterval> | undefined;
let sleep: ReturnType<typeof setTimeout> | undefined;

const tell = (topic: Topic, data: unknown) => hearers.forEach((h) => h(topic, data));
const tellAll = () => topics.forEach((topic) => tell(topic, null));

function open(): void {
    if (source) return;
    source = new EventSource("/api/live");
    source.onopen = () => {
        if (failures) tellAll(); // something may have been missed
        failures = 0;
        liveState.value = "on";
        clearInterval(poll);
        poll = undefined;
    };
    source.onerror = () => {
        failures++;
        liveState.value = "off";
        if (source?.readyState === EventSource.CLOSED) close();
        if (failures >= 3 && !poll) {
            liveState.value = "polling";
            poll = setInterval(() => {
                tellAll();
                open();
            }, 60_000);
        }
    };
    for (const topic of topics)
        source.addEventListener(topic, (e) => {
            let data: unknown = null;
            try {
                data = JSON.parse((e as MessageEvent<string>).data);
            } catch {
                /* what is too long is told without data */
            }
            tell(topic, data);
        });
    source.addEventListener("reset", tellAll);
}
function close(): void {
    source?.close();
    source = null;
}

export function startLive(): void {
    open();
    // A page that nobody looks at holds no line for long.
    document.addEventListener("visibilitychange", () => {
        clearTimeout(sleep);
        if (document.hidden) sleep = setTimeout(close, 60_000);
        else if (!source) {
            failures = 1;
            open();
        }
    });
    addEventListener("pagehide", close);
}
export function hear(h: Hear): () => void {
    hearers.add(h);
    return () => hearers.delete(h);
}
