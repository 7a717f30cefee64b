# SPDX-License-Identifier: GPL-2.0-or-later
# The companion target against the conformance suite of libiscsi, which make deps fetches.

LEVELS += check-target
## make check-target  the conformance suite against the companion target
.PHONY: check-target
check-target: $(TARGET) $(FETCHED).stamp
	@tests/target/conformance/run $(TARGET) $(FETCHED)/root
