/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/param.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16, ISID_SIZE = 6, READ_SIZE = 16 };

static int encode_number(const struct host_param *p, const char *text, struct host_param_value *v)
{
	uint32_t number;
	int r = num_u32(text, p->min, p->max, &number);
	const uint8_t v8 = (uint8_t)number;
	const uint16_t v16 = (uint16_t)number;

	if (r < 0)
		return r;
	if (p->width == sizeof(number))
		memcpy(v->bytes, &number, sizeof(number));
	else if (p->width == sizeof(v16))
		memcpy(v->bytes, &v16, sizeof(v16));
	else
		v->bytes[0] = v8;
	v->len = v->room = p->width;
	return 0;
}

static const struct host_param_word *find_word(const struct host_param_word *words,
                                               const char *text)
{
	for (; words && words->text; words++) {
		if (strcmp(words->text, text) == 0)
			return words;
	}
	return NULL;
}

static int encode_word(const struct host_param *p, const char *text, struct host_param_value *v)
{
	const struct host_param_word *word = find_word(p->words, text);

	if (!word)
		return -EINVAL;
	v->bytes[0] = word->number;
	v->len = v->room = 1;
	return 0;
}

static int encode_text(const struct host_param *p, const char *text, struct host_param_value *v)
{
	size_t len = strlen(text);

	if (len > p->max || len >= sizeof(v->bytes) || (p->words && !find_word(p->words, text)))
		return -EINVAL;
	memcpy(v->bytes, text, len);
	v->len = len;
	v->room = MAX(len + 1, (size_t)READ_SIZE);
	return 0;
}

static int encode_address(const struct host_param *p, const char *text, struct host_param_value *v)
{
	if (p->type != HOST_PARAM_IPV6 && inet_pton(AF_INET, text, v->bytes) == 1)
		v->len = IPV4_SIZE;
	else if (p->type != HOST_PARAM_IPV4 && inet_pton(AF_INET6, text, v->bytes) == 1)
		v->len = IPV6_SIZE;
	else
		return -EINVAL;
	v->room = READ_SIZE;
	return 0;
}

static int encode_isid(const char *text, struct host_param_value *v)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	if (strlen(text) != (size_t)2 * ISID_SIZE || strspn(text, digits) != strlen(text))
		return -EINVAL;
	for (size_t i = 0; text[i]; i++) {
		uint8_t digit = (uint8_t)((strchr(digits, text[i]) - digits) % 16);

		v->bytes[i / 2] = (uint8_t)(v->bytes[i / 2] << 4 | digit);
	}
	v->len = v->room = ISID_SIZE;
	return 0;
}

int host_param_encode(const struct host_param *p, const char *text, struct host_param_value *ret)
{
	struct host_param_value v = {0};
	int r = -EINVAL;

	switch (p->type) {
	case HOST_PARAM_NUMBER: r = encode_number(p, text, &v); break;
	case HOST_PARAM_WORD: r = encode_word(p, text, &v); break;
	case HOST_PARAM_TEXT:
	case HOST_PARAM_SECRET: r = encode_text(p, text, &v); break;
	case HOST_PARAM_IPV4:
	case HOST_PARAM_IPV6:
	case HOST_PARAM_ADDRESS: r = encode_address(p, text, &v); break;
	case HOST_PARAM_ISID: r = encode_isid(text, &v); break;
	}
	if (r == 0)
		*ret = v;
	explicit_bzero(&v, sizeof(v)); /* it may be a secret */
	return r;
}

static const char *list_words(const struct host_param_word *words, char *dst, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; words[i].text && len < size; i++) {
		const char *between = i == 0 ? "" : words[i + 1].text ? ", " : " or ";

		len += (size_t)snprintf(dst + len, size - len, "%s%s", between, words[i].text);
	}
	return dst;
}

const char *host_param_allowed(const struct host_param *p, char dst[static HOST_PARAM_ALLOWED_SIZE])
{
	const size_t size = HOST_PARAM_ALLOWED_SIZE;

	switch (p->type) {
	case HOST_PARAM_NUMBER: snprintf(dst, size, "%u to %u", p->min, p->max); break;
	case HOST_PARAM_WORD: return list_words(p->words, dst, size);
	case HOST_PARAM_TEXT:
	case HOST_PARAM_SECRET:
		if (p->words)
			return list_words(p->words, dst, size);
		snprintf(dst, size, "at most %u characters", p->max);
		break;
	case HOST_PARAM_IPV4: return "an IPv4 address";
	case HOST_PARAM_IPV6: return "an IPv6 address";
	case HOST_PARAM_ADDRESS: return "an IPv4 or IPv6 address";
	case HOST_PARAM_ISID: return "12 hexadecimal digits";
	}
	return dst;
}
