# SPDX-License-Identifier: GPL-2.0-or-later
# What is measured of the record database, on this machine and not in the test machine.

DB_BENCH := $(addprefix $(O)/tests/bench/,stopwatch fill walk)
OBJECTS  += $(DB_BENCH:=.o)
RECORDS  ?= 10000

$(O)/tests/bench/%: $(O)/tests/bench/%.o $(archive_db) $(archive_base)
	$(call link,$^)

## make bench-db   the record database side by side with open-iscsi (as root): RECORDS=10000
.PHONY: bench-db
bench-db: deps programs $(DB_BENCH)
	@sh tests/bench/db.sh $(O) $(RECORDS)

## make stress-db  eight writers and eight readers of one record for SECONDS=30, kills at every call
.PHONY: stress-db
stress-db: private SECONDS := 30
stress-db: $(O)/tests/unit/db/test_writers $(O)/tests/unit/db/test_kill
	@DB_STRESS_SECONDS=$(SECONDS) tests/run $^
