# SPDX-License-Identifier: GPL-2.0-or-later
# The tests by level; tests/run runs test programs and cases and counts what they say.

# tests/unit/GROUP/test_*.c links the archives of its group
unit_base     := $(archive_base)
unit_proto    := $(archive_proto) $(archive_base)
unit_ipc      := $(archive_ipc) $(archive_base)
unit_host     := $(archive_host) $(archive_base)
unit_db       := $(archive_db) $(archive_base)
unit_iscsid   := $(call objects,iscsid/peer_image.S) $(archive_iscsid) $(archive_peer) \
		 $(archive_proto) $(archive_ipc) $(archive_host) $(archive_db) $(archive_base)
unit_iscsiadm := $(archive_iscsiadm) $(archive_proto) $(archive_ipc) $(archive_host) $(archive_db) \
		 $(archive_base)
unit_target   := $(archive_target) $(archive_proto) $(archive_base)
UNIT_GROUPS   := base proto ipc host db iscsid iscsiadm target

unit_libs := -lcmocka $(libs_iscsid) $(libs_peer)

define unit_rule
$(O)/tests/unit/$(1)/test_%: $(O)/tests/unit/$(1)/test_%.o $$(unit_$(1))
	$$(call link,$$^,$$(unit_libs))
UNIT_TESTS += $$(patsubst %.c,$(O)/%,$$(wildcard tests/unit/$(1)/test_*.c))
OBJECTS += $$(patsubst %.c,$(O)/%.o,$$(wildcard tests/unit/$(1)/test_*.c))
endef
$(foreach g,$(UNIT_GROUPS),$(eval $(call unit_rule,$(g))))

# their timers are due when the test says so
$(O)/tests/unit/iscsid/test_session_logout $(O)/tests/unit/iscsid/test_control_send \
$(O)/tests/unit/iscsid/test_broker \
$(O)/tests/unit/iscsid/test_verb_host $(O)/tests/unit/iscsid/test_repeat \
$(O)/tests/unit/iscsid/test_repeat_sessions: \
	private ALL_LDFLAGS += -Wl,--wrap=loop_timer_set
$(O)/tests/unit/iscsid/test_control: private ALL_LDFLAGS += -Wl,--wrap=loop_now
$(O)/tests/unit/iscsid/test_session_scan: private ALL_LDFLAGS += \
	-Wl,--wrap=fork,--wrap=loop_timer_set
$(O)/tests/unit/iscsid/test_answers: private ALL_LDFLAGS += \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=fork,--wrap=ipc_accept \
	-Wl,--wrap=loop_timer_set

# a scripted peer: tests/proto/test_*.c with what the other files there provide
PROTO_TESTS := $(patsubst %.c,$(O)/%,$(wildcard tests/proto/test_*.c))
proto_common := $(call objects,$(filter-out tests/proto/test_%,$(wildcard tests/proto/*.c)))
OBJECTS += $(PROTO_TESTS:=.o) $(proto_common)
$(O)/tests/proto/test_%: $(O)/tests/proto/test_%.o $(proto_common) $(archive_proto) $(archive_base)
	$(call link,$^,-lcmocka $(libs_proto))
$(O)/tests/proto/test_memory: private ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

.SECONDARY:

# The levels of make check, in order; what adds a level adds its name.
LEVELS := lint check-unit check-proto check-san

## make check      all tests; check-unit, check-proto, check-san run one level
.PHONY: check check-unit check-proto check-san
check: deps
	@$(MAKE) --no-print-directory -j$$(nproc) programs
	@tests/check '$(MAKE)' $(LEVELS)

check-san:
	@$(MAKE) --no-print-directory SAN=1 O=$(O)/san check-unit check-proto

check-unit: $(UNIT_TESTS)
	@tests/run $(UNIT_TESTS)
check-proto: $(PROTO_TESTS)
	@tests/run $(PROTO_TESTS)
