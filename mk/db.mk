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
