#include <phonenumbers/phonenumberutil.h>
#include <string>

extern "C" {
#include "base/phone.h"
}

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

constexpr size_t shortest = 5, longest = 40; // characters; the longest form has an exit code, blanks and an extension
constexpr int fewest_digits = 6, most_digits = 24;
constexpr size_t shortest_e164 = 8, longest_e164 = 16; // 15 digits by ITU-T E.164; 7 in the smallest countries
constexpr char nowhere[] = "ZZ";                       // the library's region for numbers that must say their country

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

// Parsing costs microseconds, and columns of numbers are full of "n/a", addresses and order ids. Letters are let
// through only where numbers have them: "tel:", "ext", and the words of American adverts.
bool maybe_number(str x) {
    int digits = 0, letters = 0;
    if (x.len < shortest || x.len > longest) return false;
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (c & 0x80) return true; // digits of other scripts, dashes of every length
        if (c == '@' || c == '_' || static_cast<unsigned char>(c) < ' ') return false;
        digits += is_digit(c);
        letters += is_letter(c);
    }
    return digits <= most_digits && letters <= 9 && digits + (digits > 1 ? letters : 0) >= fewest_digits;
}

bool e164_of(const std::string &raw, const std::string &region, std::string *out) {
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber n;
    if (util->Parse(raw, region, &n) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
    // A number that works only inside its own town names nobody.
    if (util->IsPossibleNumberWithReason(n) != PhoneNumberUtil::IS_POSSIBLE) return false;
    util->Format(n, PhoneNumberUtil::E164, out);
    return out->size() >= shortest_e164 && out->size() <= longest_e164;
}

} // namespace

extern "C" str phone_e164(arena *a, str raw, str region) {
    try {
        raw = str_trim(raw);
        if (!maybe_number(raw)) return str{nullptr, 0};
        std::string where(region.s ? region.s : "", region.len), text(raw.s, raw.len), out;
        for (char &c : where) c = is_letter(c) ? static_cast<char>(c & ~32) : c;
        if (where.empty()) where = nowhere;
        // What looks like a trunk prefix is dropped even from a canonical number, so the result is read again until it
        // stays: a number has one name, however often it passes here.
        for (int i = 0; i < 4 && e164_of(text, where, &out); i++) {
            if (out == text) return str_dup(a, str{out.data(), out.size()});
            text = out;
            where = nowhere;
        }
        return str{nullptr, 0};
    } catch (...) { // only memory can run out, and that must not unwind through C
        return str{nullptr, 0};
    }
}
