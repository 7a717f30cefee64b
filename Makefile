# SPDX-License-Identifier: GPL-2.0-or-later
# The iSCSI initiator toolkit.  make help lists what there is.

VERSION := 3.0.0

PREFIX      ?= /usr
SBINDIR     ?= $(PREFIX)/sbin
LIBDIR      ?= $(PREFIX)/lib
INCLUDEDIR  ?= $(PREFIX)/include
MANDIR      ?= $(PREFIX)/share/man
UNITDIR     ?= /usr/lib/systemd/system
SYSCONFDIR  ?= /etc
STATEDIR    ?= /var/lib
DESTDIR     ?=

# O=DIR builds somewhere else; SAN=1 adds the address and undefined-behaviour sanitizers
O   ?= build
SAN ?=
V   ?=

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wswitch -Wold-style-definition \
	-Wredundant-decls -Wnested-externs -Wno-unknown-warning-option
ifeq ($(CI),true)
WERROR ?= 1
endif
ifneq ($(WERROR),)
WARNINGS += -Werror
endif

HARDENING := -fstack-protector-strong -fPIE
ifeq ($(SAN),)
HARDENING += -D_FORTIFY_SOURCE=2
LDHARDENING := -pie -Wl,-z,relro,-z,now
else
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDHARDENING := -pie
endif

ALL_CPPFLAGS := -I. -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DSTATEDIR='"$(STATEDIR)"' \
	-DSYSCONFDIR='"$(SYSCONFDIR)"' $(CPPFLAGS)
ALL_CFLAGS := -std=gnu17 $(WARNINGS) $(HARDENING) $(SANFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(LDHARDENING) $(SANFLAGS) $(LDFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.PHONY: all
all:

include mk/deps.mk
include mk/build.mk
include mk/test.mk
include mk/cli.mk
include mk/fuzz.mk
include mk/lint.mk
include mk/target.mk
include mk/vm.mk
include mk/db.mk
include mk/library.mk
include mk/bench.mk
include mk/install.mk

# behind all that adds to OBJECTS
-include $(OBJECTS:.o=.d)

.PHONY: help
help:
	@sed -n 's/^## //p' Makefile mk/*.mk
