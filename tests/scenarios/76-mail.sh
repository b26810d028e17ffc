#!/bin/sh
# Goal: a mail server that others wrote gets what the outbox sends: by a login, signed so that another program believes it, once; and
# gets no password over a connection that is not what it says.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"
python=/usr/bin/python3
$python -c 'import aiosmtpd, dkim, nacl' 2>/dev/null || { echo "skip mail: no aiosmtpd or dkimpy (python3-aiosmtpd, python3-dkim)" && exit 0; }

mail_server() { # FOLDER [CERT KEY]
    mkdir -p "$1"
    $python "$here/../e2e/mail_server.py" "$@" >"$1/log" 2>&1 &
    MAIL=$!
    await test -s "$1/port"
    PORT_OF_MAIL=$(cat "$1/port")
}
mail_server inbox

printf '%s\n' '{"kind":"order","at":"2026-11-01T10:00:00Z","ext":"o1","ids":{"user_id":"1","email":"ada@example.org"},"value":1000,"currency":"EUR"}' \
    '{"kind":"order","at":"2026-11-01T10:00:00Z","ext":"o2","ids":{"user_id":"2","email":"käthe@müller.example"},"value":1000,"currency":"EUR"}' >people.jsonl
"$HEED" init s -q --json >/dev/null
"$HEED" import people.jsonl -q -s s
printf hush >pw
"$HEED" outbox setup --host 127.0.0.1 --port "$PORT_OF_MAIL" --tls none --login shop --password-file pw --from shop@kastanie.example \
    --from-name Kästanie --bounce bounce@kastanie.example --postal 'Kastanie, Berlin' --switch on -s s >setup.out
for kind in '' --ed25519; do # one of each kind
    # shellcheck disable=SC2086
    "$HEED" outbox dkim make kastanie.example $kind -s s --json >keys.json
done
for id in $(grep -o '"id":[0-9]*' keys.json | tr -cd '0-9\n'); do "$HEED" outbox dkim use "$id" -s s --json >keys.json; done
customer() { "$HEED" customer "$1" -s s --json | number customer; }
put() { # ADDRESS OCCASION
    "$HEED" outbox put "$(customer "$1")" --kind service --template order_sent --occasion "$2" --subject 'Ihre Bestellung — unterwegs' \
        --text-file words.txt --to-name 'Käthe Müller' --lang de -s s --json
}
printf 'Guten Tag,\n\nsie ist unterwegs: https://example.org/t?a=1&b=2\n.\nIhre Ada\n' >words.txt
put ada@example.org order:1 >put.out
put ada@example.org order:1 >again.out
check "the same occasion is there already" grep -q '"again":true' again.out
"$HEED" outbox send -s s >send.out
same "one message arrived" "$(find inbox -name '*.eml' | wc -l | tr -d ' ')" 1
same "by the login" "$(cat inbox/logins)" "shop:hush"
check "from a return path of its own" grep -q '^X-From: bounce+[a-z2-7]\{16\}@kastanie.example' inbox/1.eml
$python - keys.json inbox/1.eml >verify.out 2>&1 <<'PY'
import json, sys, dkim
txt = {k["selector"] + "._domainkey." + k["domain"]: k["record"].encode() for k in json.load(open(sys.argv[1]))}
m = b"".join(open(sys.argv[2], "rb").read().split(b"\r\n", 2)[2:])
d = dkim.DKIM(m)
print(all(d.verify(idx=i, dnsfunc=lambda n, timeout=5: txt.get(n.decode().rstrip("."))) for i in range(2)))
PY
same "both signatures are believed" "$(cat verify.out)" True
put 'käthe' order:2 >put2.out
"$HEED" outbox send -s s >send.out
check "an address with an umlaut is written to" grep -q '^X-To: käthe@xn--mller-kva.example' inbox/2.eml

# A server by itself, and a bounce handed in.
start s
put ada@example.org order:3 >put3.out
await test -e inbox/3.eml
check "a server sends what is put in while it runs" test -e inbox/3.eml
path=$(sed -n 's/^X-From: \([^\r]*\).*/\1/p' inbox/3.eml)
printf 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: %s\nSubject: Undelivered\n\n<ada@example.org>: 550 5.1.1 no such user\n' "$path" >back.eml
"$HEED" outbox bounce back.eml -s s --json >bounce.out
check "what comes back finds its message" grep -q '"kind":"hard","matched":1' bounce.out
put ada@example.org order:4 >put4.out
check "and nothing goes there any more" grep -q '"rule":"address"' put4.out
kill -TERM "$SERVER"
wait "$SERVER"
same "the server ends well" $? 0
check "no password stands in the log" sh -c '! grep hush serve.log'
kill "$MAIL"
check "what is stored is proved" "$HEED" verify -q -s s

# Somebody with a certificate of his own stands where the mail server should be.
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 >openssl.log 2>&1
    mail_server false_inbox cert.pem key.pem
    "$HEED" outbox setup --port "$PORT_OF_MAIL" --tls starttls -s s >setup.out
    put 'käthe' order:5 >put5.out
    "$HEED" outbox send -s s >send.out 2>&1
    same "nothing arrived there" "$(find false_inbox -name '*.eml' | wc -l | tr -d ' ')" 0
    check "and no login was told" test ! -e false_inbox/logins
    "$HEED" outbox list --state waiting -s s >list.out
    check "the message waits, and says why" grep -qi 'certificate\|SSL' list.out
    kill "$MAIL"
fi
