# SPDX-License-Identifier: GPL-2.0-or-later
# make install DESTDIR= PREFIX=.  Configuration that is there already stays as it is.

SCRIPTS := scripts/iscsi_discovery scripts/iscsi_fw_login scripts/iscsi-gen-initiatorname
UNITS := iscsid.service iscsid.socket iscsi.service iscsi-init.service iscsi-firmware-login.service
GENERATORS := systemd/iscsi-generator systemd/ibft-rule-generator
RULES := systemd/50-iscsi-firmware-login.rules systemd/70-open-iscsi.rules
UDEVDIR ?= /usr/lib/udev/rules.d
UNIT_BASE := $(patsubst %/system,%,$(UNITDIR))
HELPERDIR ?= $(PREFIX)/lib/iscsi
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/vendor-completions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
in_place = sed -e 's|/usr/sbin/|$(SBINDIR)/|' -e 's|/usr/lib/iscsi/|$(HELPERDIR)/|'

TARGET_PAGES := man/iscsi-testtarget.8 man/targetctl.8

## make install-target  the companion target, which is for testing other initiators, too
.PHONY: install-target
install-target: $(TARGET) $(TARGETCTL)
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8
	install -m 755 $^ $(DESTDIR)$(SBINDIR)
	install -m 644 $(TARGET_PAGES) $(DESTDIR)$(MANDIR)/man8

## make install    DESTDIR= PREFIX=/usr; what is configured already stays
.PHONY: install
install: $(PROGRAMS) $(INIT) install-library
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(HELPERDIR) \
		$(DESTDIR)$(UNIT_BASE)/system-generators $(DESTDIR)$(PREFIX)/lib/sysusers.d \
		$(DESTDIR)$(PREFIX)/share/iscsi $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(SYSCONFDIR)/iscsi
	install -d -m 700 $(DESTDIR)$(STATEDIR)/iscsi
	install -m 755 $(PROGRAMS) $(SCRIPTS) $(DESTDIR)$(SBINDIR)
	for u in $(UNITS); do \
		$(in_place) systemd/$$u >$(DESTDIR)$(UNITDIR)/$$u && \
		chmod 644 $(DESTDIR)$(UNITDIR)/$$u || exit; \
	done
	install -m 755 $(INIT) $(DESTDIR)$(HELPERDIR)
	install -m 644 iscsiadm/iscsiadm-json.schema.json $(DESTDIR)$(PREFIX)/share/iscsi
	install -d $(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	install -m 644 completions/iscsiadm $(DESTDIR)$(BASHCOMPDIR)
	install -m 644 completions/_iscsiadm $(DESTDIR)$(ZSHCOMPDIR)
	install -m 644 completions/iscsiadm.fish $(DESTDIR)$(FISHCOMPDIR)
	install -m 755 $(GENERATORS) $(DESTDIR)$(UNIT_BASE)/system-generators
	install -d $(DESTDIR)$(UDEVDIR)
	install -m 644 $(RULES) $(DESTDIR)$(UDEVDIR)
	install -m 644 systemd/iscsid.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/iscsid.conf
	for m in $(filter-out $(TARGET_PAGES),$(wildcard man/*.5 man/*.7 man/*.8)); do \
		install -m 644 $$m $(DESTDIR)$(MANDIR)/man$${m##*.} || exit; \
	done
	test -e $(DESTDIR)$(SYSCONFDIR)/iscsi/iscsid.conf || \
		install -m 600 etc/iscsid.conf $(DESTDIR)$(SYSCONFDIR)/iscsi
