# SPDX-License-Identifier: GPL-2.0-or-later
# The companion target beside tgt, over loopback on this machine.

TARGET_LOAD := $(O)/tests/bench/target/load
target_load := $(call objects,$(wildcard tests/bench/target/*.c))
OBJECTS += $(target_load)
$(TARGET_LOAD): $(target_load) $(archive_proto) $(archive_base)
	$(call link,$^,$(libs_proto))

## make bench-target  the companion target side by side with tgt: SECONDS_EACH=2
SECONDS_EACH ?= 2
.PHONY: bench-target
bench-target: deps programs $(TARGET_LOAD)
	@sh tests/bench/target/run.sh $(O) $(SECONDS_EACH)

## make bench-discovery  what a discovery costs the daemon (as root): TARGETS=10000
TARGETS ?= 10000
.PHONY: bench-discovery
bench-discovery: programs
	@tests/bench/discovery.sh $(O) $(TARGETS)
