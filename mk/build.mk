# SPDX-License-Identifier: GPL-2.0-or-later
# What is built from what.  Each folder is an archive of its own, and a program links only the
# archives it may use: an include that points the wrong way fails here as well as in make lint.

# folder -> archive
archive_base   := $(O)/lib/base/libbase.a
archive_proto  := $(O)/lib/proto/libproto.a
archive_ipc    := $(O)/lib/ipc/libipc.a
archive_host   := $(O)/lib/host/libhost.a
archive_db     := $(O)/libiscsi-db/libiscsi-db.a
archive_iscsid := $(O)/iscsid/libiscsid.a
archive_peer   := $(O)/iscsid/peer/libpeer.a
archive_iscsiadm := $(O)/iscsiadm/libiscsiadm.a
archive_target := $(O)/tests/target/libtarget.a

sources = $(sort $(wildcard $(1)/*.c))
objects = $(patsubst %,$(O)/%.o,$(basename $(1)))

# $(call archive_rule,ARCHIVE,SOURCES)
define archive_rule
$(1): $(call objects,$(2))
OBJECTS += $(call objects,$(2))
endef

without_main = $(filter-out %/main.c,$(call sources,$(1)))

$(eval $(call archive_rule,$(archive_base),$(call sources,lib/base)))
$(eval $(call archive_rule,$(archive_proto),$(call sources,lib/proto)))
$(eval $(call archive_rule,$(archive_ipc),$(call sources,lib/ipc)))
$(eval $(call archive_rule,$(archive_host),$(call sources,lib/host)))
$(eval $(call archive_rule,$(archive_db),$(call sources,libiscsi-db)))
$(eval $(call archive_rule,$(archive_iscsid),$(call without_main,iscsid)))
$(eval $(call archive_rule,$(archive_peer),$(call without_main,iscsid/peer) iscsid/peermsg.c))
$(eval $(call archive_rule,$(archive_iscsiadm),$(call without_main,iscsiadm)))
$(eval $(call archive_rule,$(archive_target),$(call without_main,tests/target)))

%.a:
	$(call say,AR,$@)
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/%.o: %.S $(O)/flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -MMD -MP -c -o $@ $<

# other flags than last time: everything again
.PHONY: FORCE
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)' >$@

# ---- programs -----------------------------------------------------------------------------

ISCSID   := $(O)/sbin/iscsid
ISCSIADM := $(O)/sbin/iscsiadm
ISCSISTART := $(O)/sbin/iscsistart
INAME    := $(O)/sbin/iscsi-iname
INIT     := $(O)/lib/iscsi/iscsi-init
TARGET   := $(O)/sbin/iscsi-testtarget
TARGETCTL := $(O)/sbin/targetctl
PEER     := $(O)/iscsid/peer/iscsid-peer
PROGRAMS := $(ISCSID) $(ISCSIADM) $(ISCSISTART) $(INAME)

libs_iscsid   := -lsystemd -ludev
libs_iscsiadm :=
libs_init     := -lsystemd
libs_peer     := -lseccomp -lcrypto
# the library inside: a megabyte less in memory, and a start of two milliseconds
libs_target   := -Wl,-Bstatic -lcrypto -Wl,-Bdynamic
libs_host     := -ludev
libs_proto    := -lcrypto

# $(call link,OBJECTS AND ARCHIVES,LIBRARIES,EXTRA FLAGS)
define link
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(3) -o $@ $(1) -Wl,--as-needed $(2)
endef

OBJECTS += $(call objects,$(call sources,iscsistart) iscsi-iname/main.c iscsid/main.c iscsid/peer/main.c iscsiadm/main.c iscsi-init/main.c \
	tests/target/main.c tests/target/ctl/main.c)

# The nursery's program runs from memory: it is carried inside iscsid (peer_image.S), without
# symbols.  Sanitizers need memory and system calls that it does not have: a build with them carries
# a plain one, and its code meets them in the unit tests.
ifeq ($(SAN),)
$(PEER): $(call objects,iscsid/peer/main.c) $(archive_peer) $(archive_proto) $(archive_base)
	$(call link,$^,$(libs_peer),-s)
else
$(PEER): FORCE
	@mkdir -p $(@D)
	$(Q)$(MAKE) --no-print-directory SAN= O=$(O)/plain $(@:$(O)/%=$(O)/plain/%)
	@cmp -s $(O)/plain/$(@:$(O)/%=%) $@ || cp $(O)/plain/$(@:$(O)/%=%) $@
endif

$(call objects,iscsid/peer_image.S): $(PEER)
$(call objects,iscsid/peer_image.S): private ALL_CPPFLAGS += -DPEER_IMAGE='"$(PEER)"'
OBJECTS += $(call objects,iscsid/peer_image.S)

$(ISCSID): $(call objects,iscsid/main.c iscsid/peer_image.S) $(archive_iscsid) $(archive_proto) \
		$(archive_ipc) $(archive_host) $(archive_db) $(archive_base)
	$(call link,$^,$(libs_iscsid))

$(ISCSIADM): $(call objects,iscsiadm/main.c) $(archive_iscsiadm) $(archive_proto) $(archive_ipc) \
		$(archive_host) $(archive_db) $(archive_base)
	$(call link,$^,$(libs_iscsiadm) $(libs_host))

# Both sides of the control socket in one program; of the command line it has only what turns
# firmware's words into a login.  What makes an initial RAM disk asks a program for its libraries:
# those of the login process, which it carries, must be among them.
libs_image := -Wl,--no-as-needed $(libs_peer)
$(ISCSISTART): $(call objects,$(call sources,iscsistart) iscsid/peer_image.S) $(archive_iscsid) \
		$(call objects,iscsiadm/boot_record.c iscsiadm/login_request.c iscsiadm/client.c) \
		$(archive_proto) $(archive_ipc) $(archive_host) $(archive_db) $(archive_base)
	$(call link,$^,$(libs_iscsid),$(libs_image))

$(INAME): $(call objects,iscsi-iname/main.c) $(archive_base)
	$(call link,$^)

$(INIT): $(call objects,iscsi-init/main.c) $(archive_db) $(archive_base)
	$(call link,$^,$(libs_init))

$(TARGET): $(call objects,tests/target/main.c) $(archive_target) $(archive_proto) $(archive_base)
	$(call link,$^,$(libs_target))

$(TARGETCTL): $(call objects,tests/target/ctl/main.c) $(archive_base)
	$(call link,$^,)

## make            the programs, below build/
.PHONY: programs
programs: $(PROGRAMS) $(INIT) $(TARGET) $(TARGETCTL)
all: programs compile_commands.json

compile_commands.json: Makefile $(wildcard mk/*.mk)
	@{ echo '['; sep=''; for f in $(sort $(wildcard lib/*/*.c libiscsi-db/*.c iscsid/*.c \
		iscsid/peer/*.c iscsiadm/*.c iscsistart/*.c iscsi-iname/*.c iscsi-init/*.c tests/target/*.c tests/*/*/*.c)); do \
		printf '%b{"directory": "%s", "file": "%s", "arguments": ["cc"' "$$sep" '$(CURDIR)' "$$f"; \
		for a in -I. -D_GNU_SOURCE '-DVERSION=\"$(VERSION)\"' \
			'-DSTATEDIR=\"$(STATEDIR)\"' '-DSYSCONFDIR=\"$(SYSCONFDIR)\"' -std=gnu17 -Wall -Wextra; do \
			printf ', "%s"' "$$a"; done; \
		printf ', "-c", "%s"]}' "$$f"; sep=',\n'; done; printf '\n]\n'; } >$@

## make clean      remove what was built
.PHONY: clean
clean:
	rm -rf $(O) compile_commands.json
