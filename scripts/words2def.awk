# Turns the catalogues of words (web/i18n/LANG.json, English first, one "key": "text" a line) into C: out=names gives
# LANG(code) and WORD(key) rows; out=texts gives WORD_TEXT(lang, key, "text") and WORD_FORM(lang, key, form, "text") rows.
# Only what the program itself says is taken (ours); every key is checked, and what a language lacks stops the build.
function wrong(what) { print "words: " lang ".json: " what > "/dev/stderr"; failed = 1 }
function base(key) { sub(/_(zero|one|two|few|many|other)$/, "", key); return key }
function id(key) { gsub(/[^A-Za-z0-9]/, "_", key); return key }
function mine(key) { return key ~ /^(server|mail|measure|need|promise\.kind|role|verdict)\./ }
# The {places} of a text, each once, in an order that does not depend on the text.
function places(text,    found, all, n, i, j, t) {
    split("", found)
    n = 0
    while (match(text, /\{[a-z0-9_]+\}/)) {
        t = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        for (i = 1; i <= n && found[i] < t; i++) {}
        if (i <= n && found[i] == t) continue
        for (j = n; j >= i; j--) found[j + 1] = found[j]
        found[i] = t
        n++
    }
    all = ""
    for (i = 1; i <= n; i++) all = all found[i]
    return all
}
FNR == 1 { lang = FILENAME; sub(/.*\//, "", lang); sub(/\.json$/, "", lang); langs[++n_langs] = lang }
/^[{}]$/ { next }
{
    if (!match($0, /^    "[^"\\]+": "/)) { wrong("line " FNR " is not of the form \"key\": \"text\","); next }
    key = substr($0, 6, RLENGTH - 9)
    text = substr($0, RLENGTH + 1)
    if (!sub(/",?$/, "", text) || text ~ /\\[^"\\nt]/) { wrong("'" key "' is not one line of text with \\\", \\\\, \\n and \\t alone"); next }
    if ((lang, key) in says) wrong("'" key "' stands twice")
    if (text == "") wrong("'" key "' is empty")
    says[lang, key] = text
    if (n_langs == 1) keys[++n_keys] = key
    else if (!((langs[1], key) in says) && !((langs[1], base(key) "_other") in says)) wrong("'" key "' is not in " langs[1] ".json")
}
END {
    first = langs[1]
    for (i = 1; i <= n_keys; i++) {
        key = keys[i]
        word = base(key)
        many = key != word && ((first, word "_other") in says)
        for (k = 2; k <= n_langs; k++) {
            lang = langs[k]
            if (many) { if (!((lang, word "_other") in says)) wrong("'" word "_other' is missing") }
            else if (!((lang, key) in says)) wrong("'" key "' is missing")
            else if (places(says[lang, key]) != places(says[first, key]))
                wrong("'" key "' has other {places} than in " first ".json: " places(says[first, key]))
        }
        if (!mine(key)) continue
        if (many && (word in done)) continue
        name = many ? word : key
        done[name] = 1
        ours[++n_ours] = name
    }
    if (failed) exit 1
    if (out == "names") {
        print "#ifdef LANG"
        for (k = 1; k <= n_langs; k++) print "LANG(" langs[k] ")"
        print "#undef LANG\n#endif\n#ifdef WORD"
        for (i = 1; i <= n_ours; i++) print "WORD(" id(ours[i]) ")"
        print "#undef WORD\n#endif"
        exit
    }
    split("zero one two few many", forms, " ")
    print "#ifdef WORD_TEXT"
    for (k = 1; k <= n_langs; k++)
        for (i = 1; i <= n_ours; i++) {
            lang = langs[k]
            text = ((lang, ours[i]) in says) ? says[lang, ours[i]] : says[lang, ours[i] "_other"]
            gsub(/\?/, "\\?", text)
            print "WORD_TEXT(" lang ", " id(ours[i]) ", \"" text "\")"
        }
    print "#undef WORD_TEXT\n#endif\n#ifdef WORD_FORM"
    for (k = 1; k <= n_langs; k++)
        for (i = 1; i <= n_ours; i++)
            for (f = 1; f <= 5; f++) {
                key = ours[i] "_" forms[f]
                if (!((langs[k], key) in says)) continue
                text = says[langs[k], key]
                gsub(/\?/, "\\?", text)
                print "WORD_FORM(" langs[k] ", " id(ours[i]) ", " forms[f] ", \"" text "\")"
            }
    print "#undef WORD_FORM\n#endif"
}
