// words: what the cells of closed columns say, in English, German and Spanish.
#ifndef HEED_WORDS_H
#define HEED_WORDS_H

#include "ledger/event.h"

enum order_state { ORDER_STANDS, ORDER_CANCELLED, ORDER_REFUNDED, ORDER_FAILED };

enum order_state order_state_of(str status); // "storniert", "Refunded", "payment failed"; anything else stands
enum channel channel_said(str x);            // "E-Mail", "Telefon", "POS"; unknown if it is none of ours
enum kind money_kind_of(str x);              // "sale", "Erstattung", "pago"; KIND_none if it is none
bool says_nothing(str x);                    // "", "N/A", "null", "-", …

#endif
