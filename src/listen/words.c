#include "listen/words.h"

typedef struct {
    const char *part;
    int means;
} word;

// The first part that stands in x, any case.
static int meaning(str x, const word *words, size_t n, int otherwise) {
    for (size_t i = 0; i < n; i++)
        if (str_has_ci(x, str_c(words[i].part))) return words[i].means;
    return otherwise;
}

enum order_state order_state_of(str status) {
    static const word words[] = {
        {"partial", ORDER_STANDS},        {"teilweise", ORDER_STANDS}, {"parcial", ORDER_STANDS},
        {"cancel", ORDER_CANCELLED},      {"storn", ORDER_CANCELLED},  {"annul", ORDER_CANCELLED},
        {"anulad", ORDER_CANCELLED},      {"refund", ORDER_REFUNDED},  {"erstattet", ORDER_REFUNDED},
        {"reembols", ORDER_REFUNDED},     {"devuelt", ORDER_REFUNDED}, {"fail", ORDER_FAILED},
        {"declin", ORDER_FAILED},         {"void", ORDER_FAILED},      {"expired", ORDER_FAILED},
        {"fehlgeschlagen", ORDER_FAILED}, {"abgelehnt", ORDER_FAILED}, {"fallid", ORDER_FAILED},
        {"rechazad", ORDER_FAILED},       {"draft", ORDER_FAILED},     {"entwurf", ORDER_FAILED},
    };
    return status.len ? (enum order_state)meaning(status, words, COUNT(words), ORDER_STANDS) : ORDER_STANDS;
}

enum channel channel_said(str x) {
    static const word words[] = {
        {"whatsapp", CHANNEL_whatsapp}, {"facebook", CHANNEL_facebook}, {"messenger", CHANNEL_facebook},
        {"instagram", CHANNEL_social},  {"twitter", CHANNEL_social},    {"social", CHANNEL_social},
        {"mail", CHANNEL_email},        {"correo", CHANNEL_email},      {"chat", CHANNEL_chat},
        {"phone", CHANNEL_phone},       {"telef", CHANNEL_phone},       {"call", CHANNEL_phone},
        {"anruf", CHANNEL_phone},       {"voice", CHANNEL_phone},       {"sms", CHANNEL_sms},
        {"pos", CHANNEL_store_},        {"store", CHANNEL_store_},      {"filiale", CHANNEL_store_},
        {"tienda", CHANNEL_store_},     {"laden", CHANNEL_store_},      {"branch", CHANNEL_store_},
        {"survey", CHANNEL_survey},     {"umfrage", CHANNEL_survey},    {"encuesta", CHANNEL_survey},
        {"review", CHANNEL_reviews},    {"forum", CHANNEL_forum},       {"shop", CHANNEL_shop},
        {"web", CHANNEL_web},           {"online", CHANNEL_web},        {"app", CHANNEL_app},
        {"mobile", CHANNEL_app},
    };
    enum channel c = x.len ? channel_of(x) : CHANNEL_unknown;
    return c || !x.len ? c : (enum channel)meaning(x, words, COUNT(words), CHANNEL_unknown);
}

enum kind money_kind_of(str x) {
    static const word words[] = {
        {"refund", KIND_refund},     {"erstattung", KIND_refund}, {"reembolso", KIND_refund},
        {"gutschrift", KIND_refund}, {"chargeback", KIND_refund}, {"cancel", KIND_cancel},
        {"storno", KIND_cancel},     {"anulaci", KIND_cancel},    {"return", KIND_return_},
        {"retoure", KIND_return_},   {"devoluci", KIND_return_},  {"payment", KIND_payment},
        {"zahlung", KIND_payment},   {"pago", KIND_payment},      {"order", KIND_order},
        {"sale", KIND_order},        {"purchase", KIND_order},    {"bestellung", KIND_order},
        {"kauf", KIND_order},        {"pedido", KIND_order},      {"compra", KIND_order},
        {"venta", KIND_order},       {"verkauf", KIND_order},
    };
    return x.len ? (enum kind)meaning(x, words, COUNT(words), KIND_none) : KIND_none;
}

bool says_nothing(str x) {
    static const char *const words[] = {"-",    "--",  "na",  "n/a",  "nan",    "null",
                                        "none", "nil", "\\n", "#n/a", "(null)", "k.a."};
    if (!x.len) return true;
    if (x.len > 6 || !strchr("-nNkK\\#(", x.s[0])) return false; // nearly every cell: decided by its first character
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_ci(x, str_c(words[i]))) return true;
    return false;
}
