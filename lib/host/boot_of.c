/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/boot_of.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/host/sysfs.h"

/* The longest property that is looked at, and how many aliases. */
enum { PROPERTY_MAX = 4096, ALIASES_MAX = BOOT_PATHS_MAX, MAC_BYTES = 6 };

static const struct boot_field fields[] = {
	BOOT_FIELD("itname", BOOT_NAME, initiator_name),
	BOOT_FIELD("iname", BOOT_NAME, target_name),
	BOOT_FIELD("siaddr", BOOT_ADDRESS, address),
	BOOT_FIELD("ilun", BOOT_WORD, lun),
	BOOT_FIELD("isid", BOOT_WORD, isid),
	BOOT_FIELD("ciaddr", BOOT_ADDRESS, nic.address),
	BOOT_FIELD("giaddr", BOOT_ADDRESS, nic.gateway),
	BOOT_FIELD("subnet-mask", BOOT_ADDRESS, nic.subnet_mask),
	BOOT_FIELD("subnetmask", BOOT_ADDRESS, nic.subnet_mask),
	BOOT_FIELD("ichapid", BOOT_TEXT, username),
	BOOT_FIELD("ichappw", BOOT_TEXT, password),
	BOOT_FIELD("chapid", BOOT_TEXT, username_in),
	BOOT_FIELD("chappw", BOOT_TEXT, password_in),
};

/* A piece of the boot path. */
struct span {
	const char *text;
	size_t len;
};

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.text, word, s.len) == 0;
}

/* Cut the piece ahead of the separator off s; without one it is the whole. */
static struct span cut(struct span *s, char separator)
{
	const char *end = memchr(s->text, separator, s->len);
	struct span piece = {s->text, end ? (size_t)(end - s->text) : s->len};
	size_t skip = end ? piece.len + 1 : piece.len;

	s->text += skip;
	s->len -= skip;
	return piece;
}

static void take_argument(const struct boot_reading *r, const char *where, struct span argument,
                          struct boot_path *path)
{
	struct span value = argument, key = cut(&value, '=');
	char shown[32];
	int64_t port;

	if (span_is(key, "dhcp") || span_is(key, "bootp") || span_is(key, "dhcpv6"))
		path->nic.dhcp = true;
	if (span_is(key, "iport")) {
		if (num_parse(value.text, value.len, 1, UINT16_MAX, &port) == 0)
			path->port = (uint16_t)port;
		else
			boot_tell(r, "%siport: '%s' is not a port", where,
			          quote_bytes(shown, sizeof(shown), value.text, value.len));
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (span_is(key, fields[i].name))
			boot_take(r, &fields[i], where, value.text, value.len, path);
	}
}

size_t boot_of_parse(const struct boot_reading *r, const char *text, size_t len,
                     struct boot_path *path)
{
	struct span rest = {text, strnlen(text, len)}, device = cut(&rest, ':');
	char where[sizeof(path->source) + 2];
	bool iscsi = false;

	snprintf(where, sizeof(where), "%s: ", path->source);
	for (struct span words = rest; words.len > 0 && !iscsi;)
		iscsi = span_is(cut(&words, ','), "iscsi");
	if (!iscsi || device.len == 0)
		return 0;
	while (rest.len > 0)
		take_argument(r, where, cut(&rest, ','), path);
	return device.len;
}

/* The hardware address of the node at device, a path below root that the firmware wrote. */
static void read_hwaddress(int root, struct span device, struct boot_path *path)
{
	_cleanup_free_ char *file = NULL, *bytes = NULL;
	size_t len;

	if (device.text[0] != '/' || memmem(device.text, device.len, "/..", 3))
		return;
	if (asprintf(&file, "%.*s/local-mac-address", (int)device.len - 1, device.text + 1) < 0) {
		file = NULL;
		return;
	}
	if (file_read(root, file, PROPERTY_MAX, &bytes, &len) < 0 || len < MAC_BYTES)
		return;
	/* older firmware has it in eight bytes, right-aligned */
	for (size_t i = 0, at = len - MAC_BYTES; i < MAC_BYTES; i++)
		snprintf(path->nic.hwaddress + 3 * i, sizeof(path->nic.hwaddress) - 3 * i, "%02x%s",
		         (unsigned char)bytes[at + i], i + 1 < MAC_BYTES ? ":" : "");
}

static int read_property(struct boot_reading *r, int root, const char *name)
{
	_cleanup_free_ char *text = NULL;
	struct boot_path path = boot_path_make(name);
	size_t len, device;
	int error = file_read(root, name, PROPERTY_MAX, &text, &len);

	if (error < 0) {
		if (error == -EFBIG)
			boot_tell(r, "%s is longer than %d bytes", name, PROPERTY_MAX);
		return error == -ENOMEM ? error : 0;
	}
	device = boot_of_parse(r, text, len, &path);
	if (device > 0) {
		read_hwaddress(root, (struct span){text, device}, &path);
		error = boot_add(r, &path);
	}
	explicit_bzero(text, len);
	explicit_bzero(&path, sizeof(path));
	return error;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Other disks than the one it booted from, paths to the same one among them. */
static int read_aliases(struct boot_reading *r, int root)
{
	_cleanup_folder_ struct folder all = {0};
	char *names[ALIASES_MAX];
	size_t count = 0;
	int error = 0;

	folder_read(root, "aliases", &all);
	for (size_t i = 0; i < all.count && count < ALIASES_MAX; i++) {
		const char *name = all.entries[i].name;

		if (strncmp(name, "iscsi-disk", strlen("iscsi-disk")) == 0 &&
		    asprintf(&names[count], "aliases/%s", name) >= 0)
			count++;
	}
	qsort(names, count, sizeof(names[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		if (error == 0)
			error = read_property(r, root, names[i]);
		free(names[i]);
	}
	return error;
}

int boot_of_read(struct boot_reading *r, const char *sysfs)
{
	/* the second is where the boot path only names an iSCSI device */
	static const char *const properties[] = {"chosen/bootpath", "chosen/nas-bootdevice"};
	_cleanup_free_ char *root = NULL;
	_cleanup_close_ int fd = -1;
	int error = 0;

	if (asprintf(&root, "%s/firmware/devicetree/base", sysfs ? sysfs : "/sys") < 0) {
		root = NULL;
		return -ENOMEM;
	}
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(properties) && error == 0; i++)
		error = read_property(r, fd, properties[i]);
	return error ? error : read_aliases(r, fd);
}
