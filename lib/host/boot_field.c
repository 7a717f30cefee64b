/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/boot_field.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/quote.h"

void boot_tell(const struct boot_reading *r, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!r->problem)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->problem(r->data, text);
}

static const char *check_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)text[i]))
			return "has a control character";
	}
	return NULL;
}

static const char *check_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isgraph((unsigned char)text[i]))
			return "is not one word";
	}
	return NULL;
}

static const char *check_name(const char *text, size_t len)
{
	const char *why;

	return iscsi_name_valid(text, len, &why) ? NULL : why;
}

/* The bytes of an address; 0: it is none. */
static size_t parse_address(const char *text, size_t len, uint8_t bytes[static 16])
{
	char copy[BOOT_ADDRESS_SIZE];

	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, copy, bytes) == 1 ? 16 : 0;
}

static const char *check_address(const char *text, size_t len)
{
	uint8_t bytes[16];

	return parse_address(text, len, bytes) ? NULL : "is not an IP address";
}

/* Where firmware has no address to tell it may tell the one that means none. */
static bool is_unspecified(const char *text, size_t len)
{
	static const uint8_t none[16];
	uint8_t bytes[16];
	size_t n = parse_address(text, len, bytes);

	return n > 0 && memcmp(bytes, none, n) == 0;
}

static const char *check_hwaddress(const char *text, size_t len)
{
	static const char why[] = "is not a hardware address";

	if (len != strlen("00:00:00:00:00:00"))
		return why;
	for (size_t i = 0; i < len; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return why;
	}
	return NULL;
}

/* Why the text is nothing for the kind; NULL: it is. */
static const char *check(enum boot_kind kind, const char *text, size_t len)
{
	switch (kind) {
	case BOOT_TEXT: return check_text(text, len);
	case BOOT_WORD: return check_word(text, len);
	case BOOT_NAME: return check_name(text, len);
	case BOOT_ADDRESS: return check_address(text, len);
	case BOOT_HWADDRESS: return check_hwaddress(text, len);
	}
	return NULL;
}

void boot_take(const struct boot_reading *r, const struct boot_field *field, const char *where,
               const char *text, size_t len, struct boot_path *path)
{
	char *dst = (char *)path + field->offset, shown[QUOTE_SIZE];
	const char *why;

	if (len == 0)
		return;
	why = len >= field->size ? "is too long" : check(field->kind, text, len);
	if (why) {
		/* the only texts are CHAP's names and secrets, which are nobody's business */
		if (field->kind == BOOT_TEXT)
			boot_tell(r, "%s%s %s", where, field->name, why);
		else
			boot_tell(r, "%s%s: '%s' cannot be used: %s", where, field->name,
			          quote_bytes(shown, sizeof(shown), text, len), why);
		return;
	}
	if (field->kind == BOOT_ADDRESS && is_unspecified(text, len))
		return;
	memcpy(dst, text, len);
	dst[len] = '\0';
}

struct boot_path boot_path_make(const char *source)
{
	struct boot_path path = {
		.transport = "tcp", .port = ISCSI_PORT, .nic = {.prefix_len = -1, .vlan = -1}};

	snprintf(path.source, sizeof(path.source), "%s", source);
	return path;
}

static bool is_same(const struct boot_path *a, const struct boot_path *b)
{
	return a->port == b->port && strcmp(a->target_name, b->target_name) == 0 &&
	       strcmp(a->address, b->address) == 0 &&
	       strcasecmp(a->nic.hwaddress, b->nic.hwaddress) == 0;
}

int boot_add(struct boot_reading *r, const struct boot_path *path)
{
	struct boot_path *grown;

	if (!path->target_name[0] || !path->address[0]) {
		boot_tell(r, "%s: no %s, the target is left out", path->source,
		          path->target_name[0] ? "address" : "target name");
		return 0;
	}
	for (size_t i = 0; i < r->count; i++) {
		if (is_same(&r->paths[i], path))
			return 0;
	}
	if (r->count == BOOT_PATHS_MAX) {
		boot_tell(r, "%s: more than %d paths, %s at %s is left out", path->source,
		          BOOT_PATHS_MAX, path->target_name, path->address);
		return 0;
	}
	/* not realloc(), which would leave secrets behind */
	grown = calloc(r->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	if (r->count > 0)
		memcpy(grown, r->paths, r->count * sizeof(*grown));
	grown[r->count] = *path;
	boot_paths_free(r->paths, r->count);
	r->paths = grown;
	r->count++;
	return 0;
}

struct boot_path *boot_paths_free(struct boot_path *paths, size_t count)
{
	if (paths)
		explicit_bzero(paths, count * sizeof(*paths));
	free(paths);
	return NULL;
}
