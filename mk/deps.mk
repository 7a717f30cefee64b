# SPDX-License-Identifier: GPL-2.0-or-later
# What the machine must have; mk/packages is the list.
#
# make deps installs what building and testing needs (as root) and fetches what only the test
# machine needs below $(O)/fetched.  A plain make installs nothing: it says what is missing.

FETCHED := $(O)/fetched

## make deps       install what building needs (as root), fetch what only tests need
.PHONY: deps deps-build
deps: deps-build $(FETCHED).stamp

deps-build:
	@CC='$(CC)' mk/deps install build test

$(FETCHED).stamp: mk/packages mk/deps
	@mk/deps fetch $(FETCHED)
	@touch $@

# once for a build folder and again when the list changes
$(O)/deps.stamp: mk/packages
	@CC='$(CC)' mk/deps check build
	@mkdir -p $(@D)
	@touch $@
$(O)/flags: | $(O)/deps.stamp
