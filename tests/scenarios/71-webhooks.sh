#!/bin/sh
# Goal: webhooks as senders and receivers meet them: signed by the vendor's own means, killed in between, and with the real
# library of Standard Webhooks on the other side.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"
command -v curl >/dev/null && command -v openssl >/dev/null || { echo "skip webhooks: no curl or openssl" && exit 0; }

"$HEED" init s -q --json >/dev/null
printf hush >secret.txt
"$HEED" hook add shop --scheme shopify --secret-file secret.txt -s s >hook.out
printf 'open sesame' >token.txt
"$HEED" hook add desk --scheme token --secret-file token.txt -s s >hook.out
api_key() { # STORE
    "$HEED" key add --name ops --scope hooks_write --scope sources_read --scope sources_write --scope customers_read \
        -s "$1" --json | sed -n 's/.*"key":"\([^"]*\)".*/\1/p'
}
KEY=$(api_key s)
start s --allow-private

# Shopify's way, by openssl.
body='{"id":1001,"admin_graphql_api_id":"gid://shopify/Order/1001","email":"jon@example.com","created_at":"2026-01-01T10:00:00Z","total_price":"38.80","currency":"EUR"}'
post_order() { # SIGNATURE
    curl -s -o answer.txt -w '%{http_code}' "$ADDRESS/hooks/shop" -H "X-Shopify-Hmac-Sha256: $1" -H 'Content-Type: application/json' \
        -H 'X-Shopify-Topic: orders/create' -H 'X-Shopify-Shop-Domain: acme.myshopify.com' -H 'X-Shopify-API-Version: 2026-01' \
        -H 'X-Shopify-Webhook-Id: w1' --data-binary "$body"
}
signature=$(printf %s "$body" | openssl dgst -sha256 -hmac hush -binary | openssl base64)
same "a signature by openssl is taken" "$(post_order "$signature")" 200
same "nothing is answered but that" "$(cat answer.txt)" ""
same "another one is refused" "$(post_order "$(printf %s "$body" | openssl dgst -sha256 -hmac rush -binary | openssl base64)")" 403
same "an address that nobody set up is not there" "$(curl -s -o answer.txt -w '%{http_code}' "$ADDRESS/hooks/other" -d '{}')" 404
ask() { curl -s "$ADDRESS$1" -H "Authorization: Bearer $KEY"; }
is_read() { ask '/api/raw?source=shop' | grep -q '"state":"read"'; }
await is_read
ask '/api/raw?source=shop' >raw.json
check "it is read soon after" grep -q '"state":"read"' raw.json

# Killed again and again while a sender posts: what was answered with 200 becomes an event, once.
poster() {
    i=0
    while [ ! -e stop ]; do
        i=$((i + 1))
        event='{"kind":"usage","at":"2026-01-02T03:04:05Z","ext":"w'$i'","ids":{"user_id":"'$i'"},"feed":"m0-'$i'"}'
        status=$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$(cat address)/hooks/desk" -H 'X-Heed-Token: open sesame' -d "$event")
        [ "$status" = 200 ] && echo "w$i" >>acked
    done
}
: >acked
echo "$ADDRESS" >address
poster &
feeder=$!
for more in 3 6 9 12 15; do
    several() { [ "$(wc -l <acked)" -ge $more ]; }
    await several
    sleep 0.3
    kill -9 "$SERVER"
    wait "$SERVER" 2>/dev/null
    start s --allow-private
    echo "$ADDRESS" >address
done
: >stop
wait "$feeder"
nothing_waits() { ask '/api/raw?state=waiting' | grep -q '"items":\[\]'; }
await nothing_waits
same "after five kills nothing waits to be read" "$(ask '/api/raw?state=waiting' | cut -c 1-12)" '{"items":[],'
same "and nothing was refused" "$(ask '/api/raw?state=refused' | cut -c 1-12)" '{"items":[],'

library() {
    HEED_URL=$ADDRESS HEED_KEY=$KEY node webhooks.mjs 2>node.log
    grep -v -e WARNING -e '^$' node.log | head -n 5
}
node=
if command -v node >/dev/null && command -v npm >/dev/null && "$here/../e2e/install" >install.log 2>&1; then
    cp "$here/../e2e/webhooks.mjs" . && ln -s "$here/../e2e/node_modules" node_modules
    node=yes
    library
else
    echo "skip the library of Standard Webhooks: no Node.js with npm that can install"
fi

kill -TERM "$SERVER"
wait "$SERVER"
same "the server ends well" $? 0
"$HEED" export -s s | grep -o '"feed":"m0-[0-9]*"' | tr -cd '0-9\n' | sed 's/^0/w/' | sort >stored
sort acked >acked.sorted
same "all of $(wc -l <acked | tr -d ' ') that were acknowledged are events" "$(comm -23 acked.sorted stored | wc -l | tr -d ' ')" 0
check "there were many" test "$(wc -l <acked)" -ge 10
same "none came twice" "$(uniq -d stored | wc -l | tr -d ' ')" 0
check "what is stored is proved" "$HEED" verify -q -s s
check "no secret stands in the log" sh -c '! grep -e hush -e sesame -e whsec_ serve.log'

if [ -n "${PG_URL:-}" ] && [ -n "$node" ]; then
    url="${PG_URL}&schema=webhooks_$$"
    "$HEED" init "$url" -q --json >/dev/null
    KEY=$(api_key "$url")
    start "$url" --allow-private
    library | sed 's/^ok /ok on PostgreSQL: /'
    kill -TERM "$SERVER"
    wait "$SERVER"
    same "a server on PostgreSQL ends well" $? 0
    check "and what it stored is proved" "$HEED" verify -q -s "$url"
fi
