# SPDX-License-Identifier: GPL-2.0-or-later
# tests/fuzz/fuzz_NAME.c is an entry point of libFuzzer, tests/fuzz/corpus/NAME its stored inputs.
# make check replays those with the sanitizers and no fuzzer; make fuzz FUZZ=NAME SECONDS=60 looks
# for new ones with clang.

FUZZ    ?=
SECONDS ?= 60

fuzz_archives := $(archive_target) $(archive_iscsid) $(archive_peer) $(archive_proto) $(archive_ipc) \
		 $(archive_host) $(archive_db) $(archive_base)
FUZZ_ENTRIES  := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAYS  := $(patsubst %,$(O)/tests/fuzz/%,$(FUZZ_ENTRIES))
OBJECTS += $(FUZZ_REPLAYS:=.o) $(O)/tests/fuzz/replay.o

$(O)/tests/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o $(fuzz_archives)
	$(call link,$^,$(libs_host) $(libs_proto))

$(O)/tests/fuzz/libfuzzer_%: $(O)/tests/fuzz/fuzz_%.o $(fuzz_archives)
	$(call link,$^,$(libs_host) $(libs_proto),-fsanitize=fuzzer)

LEVELS += check-fuzz
## make fuzz       look for new inputs with clang: FUZZ=NAME SECONDS=60; check-fuzz replays the stored ones
.PHONY: check-fuzz replay-fuzz fuzz run-fuzz
check-fuzz:
	@$(MAKE) --no-print-directory SAN=1 O=$(O)/san replay-fuzz
replay-fuzz: $(FUZZ_REPLAYS)
	@tests/run $(FUZZ_REPLAYS)

ifneq ($(FUZZ),)
fuzz:
	@$(MAKE) --no-print-directory CC=clang SAN=1 CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' \
		O=$(O)/fuzz run-fuzz
run-fuzz: $(O)/tests/fuzz/libfuzzer_$(FUZZ)
	@mkdir -p $(O)/found/$(FUZZ)
	$< -max_total_time=$(SECONDS) -artifact_prefix=$(O)/$(FUZZ)- -print_final_stats=1 \
		$(O)/found/$(FUZZ) tests/fuzz/corpus/$(FUZZ)
else
fuzz:
	@echo 'make fuzz FUZZ=NAME [SECONDS=60], NAME one of: $(FUZZ_ENTRIES:fuzz_%=%)'
endif
