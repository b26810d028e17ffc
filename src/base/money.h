// money: amounts in minor units with their currency. JPY has none, KWD three decimals.
#ifndef HEED_MONEY_H
#define HEED_MONEY_H

#include "base/base.h"

typedef struct {
    int16_t number;  // ISO 4217 numeric, 978
    char code[4];    // "EUR"
    int8_t exponent; // decimals: 2
} currency;

const currency *currency_of(str code); // any case, also the symbols € $ £ ¥; NULL if unknown
const currency *currency_by_number(int number);
// Reads an amount in major units as people and systems write it: "12.50", "1,234.50", "1.234,50", "€ 12", "(5.00)",
// "-3", "12.5 EUR", "1 234,5". A lone separator followed by exactly three digits is a thousands mark unless the
// currency has three decimals. More decimals than the currency has are rounded half to even. False if it is no amount;
// a currency found in the text is put into *found (may be NULL), else *found is left alone. c is the column's currency,
// or NULL (two decimals): a sign that several share means c if c is one of them, so "$5" in a column of CAD is
// Canadian.
bool money_parse(str x, const currency *c, int64_t *minor, const currency **found);
void buf_money(buf *b, int64_t minor, const currency *c); // "1,234.50 EUR"; c NULL prints without a code
str money_str(arena *a, int64_t minor, const currency *c);

#endif
