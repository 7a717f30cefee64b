# SPDX-License-Identifier: GPL-2.0-or-later
# tests/cli/cases/*: what iscsiadm prints, returns and leaves in the database, to the letter.
FAKE_ISCSID := $(O)/tests/cli/fake_iscsid
CLI_CASES   := $(sort $(wildcard tests/cli/cases/*))
JSON_CHECK  := $(O)/tests/cli/json_check
OBJECTS     += $(O)/tests/cli/fake_iscsid.o $(O)/tests/cli/json_check.o
$(FAKE_ISCSID): $(O)/tests/cli/fake_iscsid.o $(archive_ipc) $(archive_base)
	$(call link,$^)

$(JSON_CHECK): $(O)/tests/cli/json_check.o
	$(call link,$^,-ljson-c)

## make check-cli  transcripts of iscsiadm
.PHONY: check-cli
LEVELS += check-cli
check-cli: programs $(FAKE_ISCSID) $(JSON_CHECK)
	@O=$(O) tests/run $(CLI_CASES)
