// help: man pages and completions out of the tables of commands and options.
#ifndef HEED_HELP_H
#define HEED_HELP_H

#include "cli/cli.h"

str help_option(arena *a, const opt *o);        // "-s, --store DIR|URL"
str help_wrap(arena *a, str text, int columns); // lines of at most so many columns, without the last line end
void help_man(const cli *c, const command *x);  // x NULL: the page of heed itself
void help_completion(const cli *c, str shell);  // bash, zsh or fish

#endif
