#include "listen/json_item.h"

// A review at hand: what it and the reply to it share.
typedef struct {
    reading *r;
    str id;
    event like;
} review;

static bool begin_review(review *v, reading *r, str id) {
    *v = (review){.r = r, .id = id, .like = item_template(r)};
    v->like.thread = key_of(r, "review", id);
    if (id.len) return true;
    reject(r, "id", "is missing; a review needs the platform's own id");
    return false;
}

// The account on the platform: strong there, and a stranger everywhere else.
static void identify_account(review *v, const char *platform, str id) {
    if (id.len) add_ident(v->r, &v->like, IDENT_social_id, key_of(v->r, platform, id));
}

static event *say_review(review *v, int64_t at_us, str stars, str words) {
    event *const ev = item_say(v->r, &v->like, KIND_review, at_us, v->like.thread);
    ev->text = words;
    return read_score(v->r, "rating", stars, INSTRUMENT_stars5, ev) ? ev : NULL;
}

// Our public answer, if there is one.
static bool say_reply(review *v, const json_t *o, const char *text, const char *at, const char *edited) {
    const str words = item_text(v->r, o, text);
    int64_t at_us = 0;
    if (!words.len) return true;
    if (!item_time(v->r, o, at, &at_us)) return false;
    event *const ev = item_say(v->r, &v->like, KIND_message_out, at_us, key_of(v->r, "reply", v->id));
    ev->text = words;
    ev->edited_us = at_us;
    return item_time_if(v->r, o, edited, &ev->edited_us) && !v->r->out->rejected;
}

// Google Play: the title stands between tabs before the text; the seconds are texts; only the last change is dated.
static void play_item(reading *r, const json_t *o) {
    review v;
    const json_t *const c = json_find(o, "comments.0.userComment");
    int64_t at_us = 0;
    if (!begin_review(&v, r, item_text(r, o, "reviewId"))) return;
    if (!item_time(r, c, "lastModified.seconds", &at_us)) return;
    str body = item_first(r, c, "originalText text");
    str title = str_trim(str_cut(&body, '\t'));
    if (!body.s) body = title, title = S("");
    v.like.edited_us = at_us;
    v.like.name = item_text(r, o, "authorName");
    v.like.lang = item_text(r, c, "reviewerLanguage");
    event *const ev = say_review(&v, at_us, item_text(r, c, "starRating"), item_join(r, title, "\n", str_trim(body)));
    if (!ev) return;
    add_extra(r, ev, "version", item_text(r, c, "appVersionName"));
    add_extra(r, ev, "device", item_text(r, c, "device"));
    for (size_t i = 0; i < json_array_size(json_find(o, "comments")); i++) {
        const json_t *const reply = json_find(json_array_get(json_find(o, "comments"), i), "developerComment");
        if (reply && !say_reply(&v, reply, "text", "lastModified.seconds", "lastModified.seconds")) return;
    }
}

static double play_sure(const glance *g) {
    const bool found = item_has(g->first, "reviewId comments") && json_find(g->first, "comments.0.userComment");
    return found ? 0.99 : 0;
}

const adapter ADAPTER_google_play_json = {
    .name = "google-play-json",
    .label = "Google Play reviews (API, JSON)",
    .source = "google-play",
    .channel = CHANNEL_reviews,
    .format = FORMAT_JSON,
    .sure = play_sure,
    .item = play_item,
};

static str in_capitals(reading *r, str x) {
    char *const up = arena_alloc(&r->row, 1, 1, x.len);
    for (size_t i = 0; i < x.len; i++) up[i] = x.s[i] >= 'a' && x.s[i] <= 'z' ? (char)(x.s[i] - 32) : x.s[i];
    return (str){up, x.len};
}

// The RSS feed puts every value under .label. The storefront's country and the account are in the author's address:
// https://itunes.apple.com/us/reviews/id1.
static void app_store_entry(reading *r, const json_t *o) {
    review v;
    int64_t at_us = 0;
    const str stars = item_text(r, o, "im:rating.label");
    if (!stars.len) {
        skip_row(r, "describes the app, not a review");
        return;
    }
    if (!begin_review(&v, r, item_text(r, o, "id.label")) || !item_time(r, o, "updated.label", &at_us)) return;
    str uri = item_text(r, o, "author.uri.label"), last = S("");
    const ptrdiff_t host = str_starts(uri, S("https://itunes.apple.com/")) ? 25 : -1;
    if (host > 0 && uri.len > 27 && uri.s[27] == '/') v.like.country = in_capitals(r, str_sub(uri, 25, 2));
    while (uri.s) last = str_cut(&uri, '/');
    if (str_starts(last, S("id"))) identify_account(&v, "app-store", str_sub(last, 2, last.len));
    v.like.edited_us = at_us;
    v.like.name = item_text(r, o, "author.name.label");
    const bool html = item_is(o, "content.attributes.type", "html");
    const str body = html ? item_html(r, o, "content.label") : item_text(r, o, "content.label");
    event *const ev = say_review(&v, at_us, stars, item_join(r, item_text(r, o, "title.label"), "\n", body));
    if (ev) add_extra(r, ev, "version", item_text(r, o, "im:version.label"));
}

static void app_store_connect(reading *r, const json_t *o) {
    review v;
    int64_t at_us = 0;
    if (!item_is(o, "type", "customerReviews")) {
        skip_row(r, "not a review");
        return;
    }
    if (!begin_review(&v, r, item_text(r, o, "id")) || !item_time(r, o, "attributes.createdDate", &at_us)) return;
    v.like.name = item_text(r, o, "attributes.reviewerNickname");
    v.like.country = item_text(r, o, "attributes.territory");
    const str title = item_text(r, o, "attributes.title"), body = item_text(r, o, "attributes.body");
    (void)say_review(&v, at_us, item_text(r, o, "attributes.rating"), item_join(r, title, "\n", body));
}

static void app_store_item(reading *r, const json_t *o) {
    if (json_find(o, "attributes.rating") || item_is(o, "type", "customerReviewResponses"))
        app_store_connect(r, o);
    else if (json_is_object(json_find(o, "feed")))
        skip_row(r, "a feed without reviews");
    else
        app_store_entry(r, o);
}

static double app_store_sure(const glance *g) {
    if (item_has(g->first, "im:rating author") || item_has(g->first, "im:name im:artist")) return 0.99;
    if (item_is(g->first, "type", "customerReviews")) return 0.99;
    return str_starts(str_trim(g->head), S("{")) && str_has(g->head, S("/rss/customerreviews/")) ? 0.95 : 0;
}

const adapter ADAPTER_app_store = {
    .name = "app-store",
    .label = "App Store reviews (RSS and Connect, JSON)",
    .source = "app-store",
    .channel = CHANNEL_reviews,
    .format = FORMAT_JSON,
    .sure = app_store_sure,
    .item = app_store_item,
};

// The address is the one that the invitation went to, so the platform vouches for it.
static void trustpilot_item(reading *r, const json_t *o) {
    review v;
    int64_t at_us = 0;
    if (item_is(o, "status", "deleted")) {
        skip_row(r, "the review was deleted");
        return;
    }
    if (!begin_review(&v, r, item_text(r, o, "id")) || !item_time(r, o, "createdAt", &at_us)) return;
    v.like.edited_us = at_us;
    if (!item_time_if(r, o, "updatedAt", &v.like.edited_us)) return;
    identify_account(&v, "trustpilot", item_text(r, o, "consumer.id"));
    add_ident(r, &v.like, IDENT_email, item_text(r, o, "referralEmail"));
    v.like.name = item_text(r, o, "consumer.displayName");
    v.like.lang = item_text(r, o, "language");
    const str words = item_join(r, item_text(r, o, "title"), "\n", item_text(r, o, "text"));
    event *const ev = say_review(&v, at_us, item_text(r, o, "stars"), words);
    if (!ev) return;
    add_extra(r, ev, "reference", item_text(r, o, "referenceId"));
    add_extra(r, ev, "verified", item_true(o, "isVerified") ? S("yes") : S(""));
    (void)say_reply(&v, o, "companyReply.text", "companyReply.createdAt", "companyReply.updatedAt");
}

static double trustpilot_sure(const glance *g) {
    return item_has(g->first, "stars consumer createdAt") ? 0.98 : 0;
}

const adapter ADAPTER_trustpilot = {
    .name = "trustpilot",
    .label = "Trustpilot reviews (JSON)",
    .source = "trustpilot",
    .channel = CHANNEL_reviews,
    .format = FORMAT_JSON,
    .sure = trustpilot_sure,
    .item = trustpilot_item,
};

// Google puts a translation before or after the customer's own words.
static str original_words(str x) {
    static const char original[] = "(Original)", translated[] = "(Translated by Google)";
    for (size_t i = 0; i + sizeof original - 1 <= x.len; i++)
        if (str_starts(str_sub(x, i, x.len), S(original))) return str_trim(str_sub(x, i + sizeof original - 1, x.len));
    for (size_t i = 1; i + sizeof translated - 1 <= x.len; i++)
        if (str_starts(str_sub(x, i, x.len), S(translated))) return str_trim(str_sub(x, 0, i));
    return x;
}

static str stars_of(str word) {
    static const char *const words[] = {"ONE", "TWO", "THREE", "FOUR", "FIVE"};
    static const char digits[] = "12345";
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq(word, str_c(words[i]))) return (str){digits + i, 1};
    return word;
}

static void google_item(reading *r, const json_t *o) {
    review v;
    int64_t at_us = 0;
    if (!begin_review(&v, r, item_text(r, o, "reviewId")) || !item_time(r, o, "createTime", &at_us)) return;
    v.like.edited_us = at_us;
    if (!item_time_if(r, o, "updateTime", &v.like.edited_us)) return;
    if (!item_true(o, "reviewer.isAnonymous")) v.like.name = item_text(r, o, "reviewer.displayName");
    if (!say_review(&v, at_us, stars_of(item_text(r, o, "starRating")), original_words(item_text(r, o, "comment"))))
        return;
    (void)say_reply(&v, o, "reviewReply.comment", "reviewReply.updateTime", "reviewReply.updateTime");
}

static double google_sure(const glance *g) {
    return item_has(g->first, "reviewId starRating createTime") ? 0.99 : 0;
}

const adapter ADAPTER_google_business = {
    .name = "google-business",
    .label = "Google Business reviews (JSON)",
    .source = "google-business",
    .channel = CHANNEL_reviews,
    .format = FORMAT_JSON,
    .sure = google_sure,
    .item = google_item,
};

// Yelp gives 160 characters of a text and a time without a zone, which is read in the zone asked for.
static void yelp_item(reading *r, const json_t *o) {
    review v;
    int64_t at_us = 0;
    if (!begin_review(&v, r, item_text(r, o, "id")) || !item_time(r, o, "time_created", &at_us)) return;
    v.like.edited_us = at_us;
    identify_account(&v, "yelp", item_text(r, o, "user.id"));
    v.like.name = item_text(r, o, "user.name");
    const str words = item_text(r, o, "text");
    event *const ev = say_review(&v, at_us, item_text(r, o, "rating"), words);
    if (ev && (str_ends(words, S("...")) || str_ends(words, S("…")))) add_extra(r, ev, "excerpt", S("yes"));
}

static double yelp_sure(const glance *g) {
    return item_has(g->first, "time_created rating user text") ? 0.97 : 0;
}

const adapter ADAPTER_yelp = {
    .name = "yelp",
    .label = "Yelp reviews (JSON)",
    .source = "yelp",
    .channel = CHANNEL_reviews,
    .format = FORMAT_JSON,
    .sure = yelp_sure,
    .item = yelp_item,
};
