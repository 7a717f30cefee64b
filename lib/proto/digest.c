/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library context of our own, which goes with the object: nothing is loaded into it but what the
 * system's configuration of OpenSSL says, its policy included.
 */
#include "lib/proto/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static const struct {
	const char *name; /* OpenSSL's */
	size_t size;
} kinds[DIGEST_COUNT] = {
	[DIGEST_MD5] = {"MD5", 16},
	[DIGEST_SHA1] = {"SHA1", 20},
	[DIGEST_SHA256] = {"SHA2-256", 32},
	[DIGEST_SHA3_256] = {"SHA3-256", 32},
};

struct digests {
	OSSL_LIB_CTX *library;
	EVP_MD_CTX *context;
	EVP_MD *kinds[DIGEST_COUNT]; /* NULL: the library has none */
};

/* As OpenSSL itself does it for a program that does not ask: what it cannot read is ignored. */
static void load_policy(OSSL_LIB_CTX *library)
{
	char *path = CONF_get1_default_config_file();

	if (path)
		OSSL_LIB_CTX_load_config(library, path);
	OPENSSL_free(path);
}

struct digests *digests_new(void)
{
	struct digests *d = (struct digests *)calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
	                            OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
	                            OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
	                    NULL);
	d->library = OSSL_LIB_CTX_new();
	d->context = EVP_MD_CTX_new();
	if (!d->library || !d->context)
		return digests_free(d);
	load_policy(d->library);
	for (enum digest i = 0; i < DIGEST_COUNT; i++)
		d->kinds[i] = EVP_MD_fetch(d->library, kinds[i].name, NULL);
	ERR_clear_error();
	return d;
}

struct digests *digests_free(struct digests *d)
{
	if (!d)
		return NULL;
	for (enum digest i = 0; i < DIGEST_COUNT; i++)
		EVP_MD_free(d->kinds[i]);
	EVP_MD_CTX_free(d->context);
	OSSL_LIB_CTX_free(d->library);
	free(d);
	return NULL;
}

bool digests_have(const struct digests *d, enum digest which)
{
	return d->kinds[which] != NULL;
}

size_t digest_size(enum digest which)
{
	return kinds[which].size;
}

int digests_compute(struct digests *d, enum digest which, const struct digest_part *parts,
                    size_t count, uint8_t ret[static DIGEST_SIZE_MAX])
{
	uint8_t result[EVP_MAX_MD_SIZE];
	int ok;

	if (!digests_have(d, which))
		return -ENOTSUP;
	ok = EVP_DigestInit_ex2(d->context, d->kinds[which], NULL);
	for (size_t i = 0; ok == 1 && i < count; i++)
		ok = EVP_DigestUpdate(d->context, parts[i].data, parts[i].len);
	if (ok == 1)
		ok = EVP_DigestFinal_ex(d->context, result, NULL);
	/* its state came from a secret: this wipes it */
	EVP_MD_CTX_reset(d->context);
	ERR_clear_error();
	if (ok == 1)
		memcpy(ret, result, kinds[which].size);
	OPENSSL_cleanse(result, sizeof(result));
	return ok == 1 ? 0 : -ENOMEM;
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
