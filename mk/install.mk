# SPDX-License-Identifier: GPL-2.0-or-later
.PHONY: install
install: $(PROGRAMS)
	install -d $(DESTDIR)$(SBINDIR)
	install -m 755 $(PROGRAMS) $(DESTDIR)$(SBINDIR)
