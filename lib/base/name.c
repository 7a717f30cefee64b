/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/name.h"

#include <string.h>

#include "lib/base/macros.h"

enum { IFACE_NAME_MAX = 64 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool all_hex(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_hex(s[i]))
			return false;
	return true;
}

/* Length of the well-formed UTF-8 sequence at s (Unicode table 3-7), 0 if there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char first_low, first_high, second_low, second_high;
		size_t len;
	} forms[] = {
		/* from U+00A0 on: the control characters below it are never wanted */
		{0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t len = forms[i].len;

		if (s[0] < forms[i].first_low || s[0] > forms[i].first_high)
			continue;
		if (left < len || s[1] < forms[i].second_low || s[1] > forms[i].second_high)
			return 0;
		for (size_t k = 2; k < len; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return len;
	}
	return 0;
}

/* RFC 7143 section 4.2.7.4: "iqn." yyyy-mm "." reversed domain, then optionally ":" anything. */
static const char *iqn_fault(const char *s, size_t len)
{
	static const char form[] = "dddd-dd.";

	for (size_t i = 0; form[i]; i++)
		if (i >= len || (form[i] == 'd' ? !is_digit(s[i]) : s[i] != form[i]))
			return "an iqn. name goes on with the date of a domain, as in iqn.2001-04.com.example";
	if (len <= sizeof(form) - 1 || !is_alnum(s[sizeof(form) - 1]))
		return "an iqn. name needs a reversed domain behind its date";
	return NULL;
}

/* RFC 7143 section 4.2.7.5: an EUI-64 as 16 hexadecimal digits. */
static const char *eui_fault(const char *s, size_t len)
{
	return len == 16 && all_hex(s, len) ? NULL
	                                    : "an eui. name has exactly 16 hexadecimal digits";
}

/* RFC 7143 section 4.2.7.6: 16 or 32 hexadecimal digits. */
static const char *naa_fault(const char *s, size_t len)
{
	return (len == 16 || len == 32) && all_hex(s, len)
	               ? NULL
	               : "a naa. name has 16 or 32 hexadecimal digits";
}

static const char *characters_fault(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t step = 1;

		if ((unsigned char)s[i] >= 0x80)
			step = utf8_sequence((const unsigned char *)s + i, len - i);
		else if (!is_alnum(s[i]) && !strchr("-.:_", s[i]))
			step = 0;
		if (step == 0 || s[i] == '\0')
			return "only letters, digits, '-', '.', ':' and '_' may stand in an iSCSI name";
		i += step;
	}
	if (memmem(s, len, "..", 2))
		return "two dots in a row may not stand in an iSCSI name";
	return NULL;
}

bool iscsi_name_valid(const char *name, size_t len, const char **ret_why)
{
	static const struct {
		const char *designator;
		const char *(*fault)(const char *s, size_t len);
	} types[] = {{"iqn.", iqn_fault}, {"eui.", eui_fault}, {"naa.", naa_fault}};
	const char *why = "an iSCSI name starts with iqn., eui. or naa.";

	if (len == 0)
		why = "the name is empty";
	else if (len > ISCSI_NAME_MAX)
		why = "an iSCSI name has at most 223 bytes";
	else
		for (size_t i = 0; i < ARRAY_LEN(types); i++) {
			if (len < 4 || memcmp(name, types[i].designator, 4) != 0)
				continue;
			why = types[i].fault(name + 4, len - 4);
			if (!why)
				why = characters_fault(name, len);
			break;
		}
	if (why)
		*ret_why = why;
	return !why;
}

bool iface_name_valid(const char *name, size_t len, const char **ret_why)
{
	const char *why = NULL;

	if (len == 0 || len > IFACE_NAME_MAX)
		why = "an interface name has 1 to 64 characters";
	else if (name[0] == '.')
		why = "an interface name does not start with a dot";
	for (size_t i = 0; i < len && !why; i++)
		if (name[i] == '\0' || (!is_alnum(name[i]) && !strchr("-._:@+[]%", name[i])))
			why = "only letters, digits and -._:@+[]% may stand in an interface name";
	if (why)
		*ret_why = why;
	return !why;
}
