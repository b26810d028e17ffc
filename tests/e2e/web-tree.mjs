// The main pages as a screen reader meets them: what there is, what it is called, and in which order. Numbers and names of
// people are left open.
import { settle, test } from "./web-rig.mjs";

// Lines of the accessibility tree that must stand there in this order, whatever stands between.
async function reads(page, wanted) {
    const tree = (await page.locator("body").ariaSnapshot()).split("\n").map((x) => x.trim().replace(/^- /, "").replace(/^'|'$|:$/g, "").replace(/':$/, ""));
    let at = 0;
    for (const line of wanted) {
        const found = tree.findIndex((x, i) => i >= at && (line instanceof RegExp ? line.test(x) : x === line));
        if (found < 0) return `no '${line}' after '${tree[Math.max(0, at - 1)]}'`;
        at = found + 1;
    }
    return "";
}
const frame = ['link "Skip to content"', 'navigation "Main"', 'link "Home"', 'link "Inbox"', 'link "Customers"', 'button "Search Ctrl K"', /^button "Your account: /, 'complementary "Notices"', "main"];
const last = "status"; // what happens is told from here

export async function trees(page, at, { customer, item }) {
    const open = (path) => page.goto(at(path)).then(() => settle(page));
    await test("heard: Home says what it is, each figure whole, the chart in a sentence, and who needs us", async () => {
        await open("/");
        await page.waitForSelector("svg.chart[role=img]");
        return reads(page, [...frame, 'heading "Today" [level=1]', 'combobox "Period"', 'region "Would recommend (NPS)"', 'heading "Would recommend (NPS)" [level=2]', /^button "Chart : .*\[pressed\]/, /^button "Would recommend \(NPS\): .* · likely .* · n = \d+\. What this means"/, 'figure "Would recommend (NPS)"', /^button "Show as table/, /^button "CSV/, /^img "Would recommend \(NPS\)\. From .* To .*Arrow keys/, "status", 'region "Our word"', /^heading .*level=3/, "list", "listitem", 'region "Needs you today"', /^heading .*level=3/, "list", last]);
    });
    await test("heard: the inbox is a list, a conversation, an answer, and who it is", async () => {
        await open(`/inbox/${item}`);
        await page.waitForSelector(".talk-body .bubble");
        return reads(page, [...frame, 'heading "Inbox" [level=1]', 'region "What waits"', 'navigation "Inbox"', /^link "Open/, /^link "Waiting/, "search", 'searchbox "Search what was said"', 'list "What waits"', "listitem", /^checkbox "Choose /, /^link /, 'region "Conversation"', /^heading .*level=2/, 'button "Done"', 'button "Assign"', 'log "What was said"', /^article ".*, .*\d{4}/, 'form "Reply"', 'group "Answer or note"', 'button "Reply" [pressed]', /^textbox "Answer to /, 'complementary "Who it is"', /^heading .*level=2/, last]);
    });
    await test("heard: a customer is worth, history, and what stands beside it", async () => {
        await open(`/customers/${customer}`);
        return reads(page, [...frame, /^heading .*level=1/, 'button "Note a promise"', 'region "What happened"', 'heading "What happened" [level=2]', 'group "Show"', 'button "Everything" [pressed]', "list", "listitem", /^time/, 'complementary "More about this customer"', 'region "Promises"', 'heading "Promises" [level=2]', last]);
    });
    await test("heard: customers are a search and a table whose columns sort", async () => {
        await open("/customers");
        await page.waitForSelector("tr[data-row]");
        return reads(page, [...frame, 'heading "Customers" [level=1]', "search", /^searchbox "Find by name/, 'combobox "Segment"', 'combobox "Channels"', 'button "Waiting for us"', 'table "Customers"', /^row "Name Orders /, 'columnheader "Name"', 'button "Name"', 'columnheader "Last seen"', /^row "/, /^rowheader "/, /^link "/, /^cell "/, last]);
    });
    await test("heard: priorities are five views, each with its order, and topics a table in which each change names its topic", async () => {
        await open("/priorities?tab=topics");
        const why = await reads(page, [...frame, 'heading "Priorities" [level=1]', 'navigation "Priorities"', 'link "What comes first"', 'link "Board"', 'link "Themes"', 'link "Rising"', 'link "Topics"', 'link "Ten questions"', 'combobox "Said in"', 'button "New topic"', 'region "What they speak of"', 'heading "What they speak of" [level=2]', 'table "What they speak of"', 'columnheader "Topic"', 'columnheader "People"', /^rowheader "/, /^link "/, /^cell "/, /^button "Change ./, last]);
        if (why) return why;
        await open("/priorities");
        return reads(page, ['heading "Priorities" [level=1]', 'heading "Themes and topics beside one another" [level=2]', 'combobox "Order by"', last]);
    });
    await test("heard: promises say how they are kept, then each with what can be done to it", async () => {
        await open("/commitments?tab=open");
        return reads(page, [...frame, 'heading "Promises" [level=1]', 'button "Note a promise"', 'navigation "Promises"', 'link "Due in a week"', 'link "Standards"', "list", "listitem", /^link ".+, .+\d{4}"/, /^button "Kept : ./, /^button "More about: ./, last]);
    });
    await test("heard: service promises are a table, each figure whole, each button with its promise", async () => {
        await open("/commitments?tab=standards");
        return reads(page, ['region "What we promise everybody"', 'button "New service promise"', 'table "What we promise everybody"', 'columnheader "Promises kept in time"', /^rowheader "First answer/, /^button "Promises kept in time: First answer: /, /^link "\d+ open promises? First answer"/, 'button "Edit First answer"', 'button "Promise it no more First answer"', /^'?region "Agreements: whose hours"/, last]);
    });
    await test("heard: red lines are a list of lines, each with its limit", async () => {
        await open("/redlines");
        return reads(page, [...frame, 'heading "Red lines" [level=1]', 'navigation "Red lines"', 'link "Lines"', 'link "May I …?"', 'heading "Lines" [level=2]', 'button "Draw a red line"', "list", "listitem", 'link "Margin"', last]);
    });
    await test("heard: settings are a list of parts beside the one that is open", async () => {
        await open("/settings/company");
        const why = await reads(page, [...frame, 'heading "Company" [level=1]', 'navigation "Settings"', 'link "Company"', 'link "Jobs"', last]);
        if (why) return why;
        await open("/settings/jobs");
        return reads(page, ['heading "Jobs" [level=1]', 'heading "What repeats" [level=2]', "list", "listitem", /^button "Run now ./, last]);
    });
    await test("heard: what is done is said, and a dialog has its name", async () => {
        await open(`/customers/${customer}`);
        await page.keyboard.press("p");
        await page.waitForSelector("dialog[open]");
        const why = await reads(page, ['dialog "Note a promise"', 'heading "Note a promise" [level=2]', 'button "Close"', 'textbox "What was promised"', /^combobox "Kind"/, 'button "Cancel"', 'button "Note it"']);
        await page.keyboard.press("Escape");
        return why;
    });
}
