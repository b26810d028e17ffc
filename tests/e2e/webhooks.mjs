// Webhooks both ways with the real library of Standard Webhooks: it verifies what heed sends, and signs what heed gets.
// HEED_URL: the server, started with --allow-private. HEED_KEY: a key of the API.
import http from "node:http";
import { Webhook } from "standardwebhooks";

const { HEED_URL, HEED_KEY } = process.env;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const check = (name, fine, why = "") => console.log(fine ? `ok ${name}` : `not ok ${name}: ${why}`);

async function api(method, path, body) {
  const answer = await fetch(HEED_URL + path, {
    method,
    headers: { authorization: `Bearer ${HEED_KEY}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

// ---- what heed sends ----

const got = [];
const answers = []; // statuses of the next answers; then 200
const receiver = http.createServer(async (request, response) => {
  let body = "";
  request.setEncoding("utf8");
  for await (const part of request) body += part;
  got.push({ headers: request.headers, body, at: Date.now() });
  response.writeHead(answers.shift() ?? 200).end("seen");
});
await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
const arrived = async (n, seconds = 120) => {
  for (let i = 0; i < seconds * 50 && got.length < n; i++) await sleep(20);
  return got.length >= n;
};
const verifies = (secret, { headers, body }) => {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch {
    return null;
  }
};

const url = `http://127.0.0.1:${receiver.address().port}/in`;
const { endpoint, secret } = await api("POST", "/api/endpoints", { url });
await api("POST", `/api/endpoints/${endpoint.id}/test`);
check("a message arrives", await arrived(1));
check("and the library verifies it", verifies(secret, got[0])?.type === "webhook.test", got[0]?.body);
check("with another secret it does not", !verifies("whsec_" + Buffer.alloc(32).toString("base64"), got[0]));
check("nor with another body", !verifies(secret, { ...got[0], body: got[0].body + " " }));

const changed = await api("POST", `/api/endpoints/${endpoint.id}/rotate`);
await api("POST", `/api/endpoints/${endpoint.id}/test`);
await arrived(2);
check("while a secret changes, both verify", verifies(secret, got[1]) && verifies(changed.secret, got[1]));

answers.push(500);
await api("POST", `/api/endpoints/${endpoint.id}/test`);
check("what is not taken comes again", await arrived(4), `${got.length} arrived`);
check("under the same id", got[2].headers["webhook-id"] === got[3]?.headers["webhook-id"]);
check("after about 5 seconds", got[3]?.at - got[2].at > 3500 && got[3]?.at - got[2].at < 9000, `${got[3]?.at - got[2].at} ms`);
check("and verifies again", verifies(changed.secret, got[3]));

// ---- what heed gets, and tells on ----

await api("PUT", "/api/hooks/peer", { scheme: "standard" });
const { secret: ours } = await api("POST", "/api/hooks/peer/secrets", {});
const send = (id, body, tamper = "") => {
  const at = new Date();
  return fetch(`${HEED_URL}/hooks/peer`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at / 1000)),
      "webhook-signature": new Webhook(ours).sign(id, at, body),
    },
    body: body + tamper,
  });
};
const review = JSON.stringify({
  kind: "review", at: new Date().toISOString(), ext: "review:1", ids: { email: "zoe@example.com" }, name: "Zoë",
  value: 400, unit: "stars5", text: "fine 😀",
});
check("what the library signs is taken", (await send("msg_1", review)).status === 200);
check("what was changed is refused", (await send("msg_2", review, " ")).status === 403);
check("the same delivery again is taken and does nothing", (await send("msg_1", review)).status === 200);
await arrived(5);
const told = verifies(changed.secret, got[4]);
check("what it brought is told on", told?.type === "feedback.received" && told.data.text === "fine 😀", got[4]?.body);
await sleep(500);
check("once", got.length === 5, `${got.length} arrived`);
const { items } = await api("GET", "/api/raw?source=peer");
check("and stored once", items.length === 1 && items[0].state === "read", JSON.stringify(items));
receiver.close();
