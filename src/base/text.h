// text: the encodings in which texts arrive, and their way to UTF-8.
#ifndef HEED_TEXT_H
#define HEED_TEXT_H

#include "base/base.h"

enum text_kind { TEXT_ASCII, TEXT_UTF8, TEXT_LATIN1, TEXT_UTF16LE, TEXT_UTF16BE };

// What the beginning of a text shows. A head shorter than 64 KiB is taken for the whole text; a longer one may end
// within a character. skip is the length of the byte order mark. Bytes that are not UTF-8 are Latin-1 unless
// well-formed sequences outnumber them.
enum text_kind text_guess(str head, size_t *skip);

// The same as a name: "utf-8", "utf-16le", "utf-16be", "latin-1" (which is read as windows-1252).
const char *text_encoding(str head, size_t *skip);

// Whole text to UTF-8 without its mark (invalid sequences become U+FFFD).
str text_to_utf8(arena *a, str bytes);

// The pieces, for readers that stream. out holds three bytes for each byte of x; they return the length written.
size_t text_from_latin1(char *out, str x);
size_t text_mend(char *out, str x); // UTF-8 whose malformed bytes become U+FFFD each
// Takes whole characters off *x; what is left (a cut character) is for the next call. last: take it as U+FFFD.
size_t text_from_utf16(char *out, str *x, bool big, bool last);

#endif
