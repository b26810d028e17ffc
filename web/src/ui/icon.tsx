// Line drawings of 20 by 20; they never stand alone without a word or a label.
const paths = {
    home: "M3 9.5 10 3.5l7 6M5 8.5V16.5h10V8.5M8.5 16.5v-4h3v4",
    inbox: "M3 11.500 5 4h10l2 7.500V16H3zM3 11.500h4l1 2h4l1-2h4",
    people: "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c0-3 2.4-4.7 5.5-4.7s5.5 1.7 5.5 4.7M13 4a2.6 2.6 0 0 1 0 5M15 12.2c1.8.6 3 2 3 4.3",
    promise: "M4 10.5 8 14.5 16.5 5.5",
    value: "M3 16.5h14M5 13.5v-3M9 13.5v-6M13 13.5v-9",
    voice: "M3.5 4.5h13v9H9l-3.5 3v-3h-2z",
    line: "M3 10h14M6 5.5 10 3l4 2.500M6 14.500 10 17l4-2.500",
    settings: "M10 12.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4",
    search: "M8.7 14.4a5.7 5.7 0 1 0 0-11.4 5.7 5.7 0 0 0 0 11.4ZM13 13l4 4",
    help: "M7.3 7.4c.2-1.7 1.3-2.6 2.8-2.6s2.7 1 2.7 2.5c0 2.2-2.7 2.2-2.7 4.4M10.1 15.2v.1",
    person: "M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.5 17c.3-3.300 2.900-5 6.500-5s6.200 1.700 6.500 5",
    more: "M4 10h.1M10 10h.1M16 10h.1",
    close: "M5 5l10 10M15 5 5 15",
    plus: "M10 4v12M4 10h12",
    theme: "M10 3.500a6.500 6.500 0 1 0 0 13zM10 3.500a6.500 6.500 0 0 1 0 13",
    back: "M12.500 4 6.500 10l6 6",
    mail: "M3 5h14v10H3zM3.500 5.500 10 11l6.500-5.500",
    play: "M6 4v12l10-6z",
    report: "M5 2.500h7l3.500 3.500v11.500H5zM8 10h5M8 13h5",
};
export type IconName = keyof typeof paths;
export function Icon({ name }: { name: IconName }) {
    return (
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d={paths[name]} />
        </svg>
    );
}
