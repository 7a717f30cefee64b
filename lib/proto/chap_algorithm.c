/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/proto/chap_algorithm.h"

#include <string.h>

#include "lib/base/macros.h"

static const struct {
	uint8_t number;
	const char *name;
} algorithms[] = {
	{CHAP_MD5, "MD5"},
	{CHAP_SHA1, "SHA1"},
	{CHAP_SHA256, "SHA256"},
	{CHAP_SHA3_256, "SHA3-256"},
};

const char *chap_algorithm_name(unsigned int number)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (algorithms[i].number == number)
			return algorithms[i].name;
	return NULL;
}

uint8_t chap_algorithm_number(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (strlen(algorithms[i].name) == len && memcmp(algorithms[i].name, name, len) == 0)
			return algorithms[i].number;
	return 0;
}

struct chap_algorithms chap_algorithms_parse(const char *names)
{
	static const char separators[] = ", \t";
	struct chap_algorithms list = {0};
	size_t count = 0;

	for (names += strspn(names, separators); *names; names += strspn(names, separators)) {
		size_t len = strcspn(names, separators);
		uint8_t number = chap_algorithm_number(names, len);

		if (number && !chap_algorithms_have(&list, number))
			list.number[count++] = number;
		names += len;
	}
	return list;
}

bool chap_algorithms_have(const struct chap_algorithms *list, unsigned int number)
{
	return number && number <= UINT8_MAX &&
	       memchr(list->number, (int)number, sizeof(list->number));
}

bool chap_algorithms_remove(struct chap_algorithms *list, unsigned int number)
{
	size_t kept = 0;
	bool found = false;

	for (size_t i = 0; i < CHAP_ALGORITHMS_MAX; i++) {
		if (number && list->number[i] == number)
			found = true;
		else
			list->number[kept++] = list->number[i];
	}
	while (kept < CHAP_ALGORITHMS_MAX)
		list->number[kept++] = 0;
	return found;
}

size_t chap_algorithms_count(const struct chap_algorithms *list)
{
	return strnlen((const char *)list->number, CHAP_ALGORITHMS_MAX);
}
