# SPDX-License-Identifier: GPL-2.0-or-later
# The test machine: User-Mode Linux from the fetched packages, with a PID 1 of our own.

VM_INIT := $(O)/tests/vm/init
VM_OBJECTS := $(call objects,$(wildcard tests/vm/*.c))
OBJECTS += $(VM_OBJECTS)

# static: it runs before there is a root to load libraries from; and never with sanitizers
$(VM_OBJECTS): private SANFLAGS :=
$(VM_INIT): private SANFLAGS :=
$(VM_INIT): $(VM_OBJECTS)
	$(call link,$^,,-static-pie)

# What cases need beside the programs: tests/vm/tool/NAME.c, $BUILD/tests/vm/tool/NAME there.
VM_TOOLS := $(patsubst %.c,$(O)/%,$(wildcard tests/vm/tool/*.c))
OBJECTS += $(VM_TOOLS:=.o)
$(VM_TOOLS): $(O)/tests/vm/tool/%: $(O)/tests/vm/tool/%.o $(archive_iscsid) $(archive_base)
	$(call link,$^)

## make check-vm   cases on a real kernel; CASE="login-tgt" runs some
.PHONY: vm check-vm
vm: $(VM_INIT) $(VM_TOOLS) $(FETCHED).stamp

LEVELS += check-machine check-vm

.PHONY: check-machine
check-machine: vm
	@tests/vm/self-check $(O)

# make check-vm CASE="login logout" runs some
CASE ?= $(basename $(notdir $(sort $(wildcard tests/vm/cases/*.sh))))
check-vm: vm programs
	@tests/vm/run-cases $(O) $(CASE:%=tests/vm/cases/%.sh)

## make demo       discovery to a disk in a test machine; NATIVE=1 on this kernel
.PHONY: demo
demo: deps programs
ifeq ($(NATIVE),)
	@$(MAKE) --no-print-directory vm
	@tests/vm/vm -o $(O) -t 120 sh tests/vm/demo.sh
else
	@PATH=$(abspath $(O)/sbin):$$PATH NATIVE=1 sh tests/vm/demo.sh
endif

## make bench      side by side with open-iscsi
.PHONY: bench
bench: deps programs vm
	@tests/vm/vm -o $(O) -t 300 sh tests/bench/login.sh

## make bench-sessions  many sessions, side by side with open-iscsi: SESSIONS="16 64" AGAINST=lio
SESSIONS ?= 16 64
.PHONY: bench-sessions
bench-sessions: deps programs vm
	@tests/vm/vm -o $(O) -m 1024M -t 3600 -e SESSIONS='$(SESSIONS)' -e AGAINST='$(AGAINST)' \
		sh tests/bench/sessions.sh

## make bench-recovery  how soon a target that was away so many seconds is back: OUTAGES="3 30 100"
OUTAGES ?= 3 30 100
.PHONY: bench-recovery
bench-recovery: deps programs vm
	@tests/vm/vm -o $(O) -t 3600 -e OUTAGES='$(OUTAGES)' sh tests/bench/recovery.sh

# The slower case: a disk with a real systemd, which logs in and mounts at boot.
$(O)/boot/root.stamp: $(FETCHED).stamp
	@tests/vm/boot/run $(O) root
	@touch $@

## make check-boot a real systemd that logs in and mounts at boot (slow, not part of check)
.PHONY: check-boot
check-boot: vm programs $(O)/boot/root.stamp
	@$(MAKE) --no-print-directory -s install DESTDIR=$(O)/boot/root PREFIX=/usr
	@tests/vm/boot/run $(O) image
	@tests/vm/boot/run $(O) check
