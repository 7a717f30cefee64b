# SPDX-License-Identifier: GPL-2.0-or-later
# House rules (tests/lint), and the formatting that .clang-format describes.

C_FILES = $(sort $(wildcard lib/*/*.[ch] libiscsi-db/*.[ch] iscsid/*.[ch] iscsid/peer/*.[ch] \
	iscsiadm/*.[ch] iscsistart/*.[ch] iscsi-iname/*.[ch] iscsi-init/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch]))

## make lint       layering, lengths, licences, manual pages; make format runs clang-format
.PHONY: lint format
lint:
	@tests/lint $(C_FILES)
	@mandoc -T lint -W warning $(wildcard man/*.[0-9])
	@grep -o '`tests/[^`]*`' tests/regressions.md | tr -d '`' | while read -r test; do \
		[ -e "$$test" ] || { echo "tests/regressions.md: there is no $$test"; exit 1; }; done

format:
	clang-format -i $(C_FILES)
