# SPDX-License-Identifier: GPL-2.0-or-later
# libiscsi-db for others: shared, and static as one object that shows the public names only.  Our
# own programs link the archives of the build.

LIBRARY_SO      := $(O)/lib/libiscsi-db.so.0
LIBRARY_A       := $(O)/lib/libiscsi-db.a
LIBRARY_MAP     := libiscsi-db/libiscsi-db.map
library_objects := $(patsubst $(O)/%,$(O)/pic/%,$(call objects,$(call sources,libiscsi-db)))
library_base    := $(patsubst $(O)/%,$(O)/pic/%,$(call objects,$(call sources,lib/base)))
OBJECTS         += $(library_objects) $(library_base)

$(O)/pic/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(O)/pic/libbase.a: $(library_base)

# of the base library, what the database needs
$(LIBRARY_SO): $(library_objects) $(O)/pic/libbase.a $(LIBRARY_MAP)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,-z,relro,-z,now \
		-Wl,--no-undefined -Wl,--version-script=$(LIBRARY_MAP) -o $@ $(filter %.o %.a,$^)

$(LIBRARY_A): $(library_objects) $(O)/pic/libbase.a
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -r -nostdlib -o $(@:.a=.o) $^
	$(Q)objcopy --wildcard --keep-global-symbol='iscsi_db_*' $(@:.a=.o)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(@:.a=.o)

## make library    libiscsi-db.so.0 and libiscsi-db.a; install-library installs what it takes to use them
.PHONY: library install-library
library: $(LIBRARY_SO) $(LIBRARY_A)
all: library

install-library: library
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(MANDIR)/man3
	install -m 644 $(LIBRARY_SO) $(DESTDIR)$(LIBDIR)/libiscsi-db.so.0.$(VERSION)
	ln -sf libiscsi-db.so.0.$(VERSION) $(DESTDIR)$(LIBDIR)/libiscsi-db.so.0
	ln -sf libiscsi-db.so.0 $(DESTDIR)$(LIBDIR)/libiscsi-db.so
	install -m 644 $(LIBRARY_A) $(DESTDIR)$(LIBDIR)
	install -m 644 libiscsi-db/iscsi-db.h $(DESTDIR)$(INCLUDEDIR)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' libiscsi-db/libiscsi-db.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/libiscsi-db.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/libiscsi-db.pc
	install -m 644 man/iscsi-db.3 $(DESTDIR)$(MANDIR)/man3

## make check-library  what libiscsi-db exports and installs, and the example of its manual page
LIBRARY_TESTS := $(sort $(wildcard tests/library/*))
LEVELS += check-library
.PHONY: check-library
check-library: library
	@rm -rf $(O)/library
	@$(MAKE) --no-print-directory -s install-library DESTDIR=$(abspath $(O)/library) PREFIX=/usr \
		LIBDIR=/usr/lib INCLUDEDIR=/usr/include MANDIR=/usr/share/man
	@LIBRARY=$(abspath $(O)/library) CC='$(CC)' tests/run $(LIBRARY_TESTS)
