/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I_T nexuses and their unit attentions.
 */
#include "tests/target/nexus.h"

#include <stdio.h>
#include <string.h>

enum { ASC_RESET = 0x29 };

static bool is_reset(uint16_t code)
{
	return code >> 8 == ASC_RESET;
}

void nexus_attention(struct nexus *n, uint16_t lun, enum sense_code code)
{
	struct attentions *a = &n->attentions[lun];

	/* SAM-5 5.14.1: a reset tells all that was to be told before */
	if (is_reset((uint16_t)code))
		a->count = 0;
	for (uint8_t i = 0; i < a->count; i++)
		if (a->codes[i] == code)
			return;
	if (a->count < ATTENTIONS_MAX)
		a->codes[a->count++] = (uint16_t)code;
}

static uint16_t take(struct attentions *a, uint8_t which)
{
	uint16_t code = a->codes[which];

	a->count--;
	memmove(a->codes + which, a->codes + which + 1,
	        (size_t)(a->count - which) * sizeof(a->codes[0]));
	return code;
}

uint16_t nexus_take_attention(struct nexus *n, uint16_t lun)
{
	struct attentions *a = &n->attentions[lun];

	return a->count > 0 ? take(a, 0) : SENSE_NONE;
}

void nexus_drop_attention(struct nexus *n, enum sense_code code)
{
	for (size_t lun = 0; lun < LUN_COUNT; lun++)
		for (uint8_t i = 0; i < n->attentions[lun].count; i++)
			if (n->attentions[lun].codes[i] == code) {
				take(&n->attentions[lun], i);
				break;
			}
}

void nexus_attention_all(struct scsi_target *t, uint16_t lun, enum sense_code code,
                         const struct nexus *except)
{
	for (struct nexus *n = t->nexuses; n; n = n->next)
		if (n != except)
			nexus_attention(n, lun, code);
}

void nexus_luns_changed(struct scsi_target *t)
{
	for (uint16_t lun = 0; lun < LUN_COUNT; lun++) {
		if (t->luns[lun]) {
			nexus_attention_all(t, lun, SENSE_LUNS_CHANGED, NULL);
			continue;
		}
		/* who prevents what is gone must not prevent what comes under its number */
		for (struct nexus *n = t->nexuses; n; n = n->next)
			n->prevents[lun] = false;
	}
}

void nexus_init(struct nexus *n, struct scsi_target *target, const char *iqn,
                const uint8_t isid[static 6])
{
	*n = (struct nexus){.target = target, .next = target->nexuses};
	snprintf(n->port, sizeof(n->port), "%s,i,0x%02x%02x%02x%02x%02x%02x", iqn, isid[0], isid[1],
	         isid[2], isid[3], isid[4], isid[5]);
	for (uint16_t lun = 0; lun < LUN_COUNT; lun++)
		nexus_attention(n, lun, SENSE_POWER_ON_OR_RESET);
	target->nexuses = n;
}

void nexus_done(struct nexus *n)
{
	struct nexus **at = &n->target->nexuses;

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	for (uint16_t lun = 0; lun < LUN_COUNT; lun++)
		if (n->target->luns[lun])
			lun_forget_nexus(n->target->luns[lun], n);
}
