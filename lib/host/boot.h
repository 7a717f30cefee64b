/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine's firmware says it boots from over iSCSI: each path is one target's portal, with
 * the NIC and the initiator that it is reached by.  Read from
 *
 *	/sys/firmware/ibft		the iSCSI Boot Firmware Table
 *	/sys/firmware/iscsi_bootN	the same attributes, told by the driver of host adapter N
 *	/sys/firmware/devicetree/base	OpenFirmware: the boot path and the aliases iscsi-disk*
 *
 * Firmware is configured by people, from DHCP and from boot menus: whatever is no name, address or
 * number is named to the caller and left out, and with it the path if that cannot do without it.
 */
#ifndef HOST_BOOT_H
#define HOST_BOOT_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/name.h"
#include "lib/base/secret.h"

enum { BOOT_PATHS_MAX = 64, BOOT_ADDRESS_SIZE = 64, BOOT_TEXT_SIZE = 256 };

/* How this machine is on the network there.  Texts are "" and numbers -1 where nothing is said. */
struct boot_nic {
	char hwaddress[24]; /* 02:00:00:00:00:01 */
	char netdev[IFNAMSIZ];
	char address[BOOT_ADDRESS_SIZE];
	char subnet_mask[BOOT_ADDRESS_SIZE];
	char gateway[BOOT_ADDRESS_SIZE];
	char primary_dns[BOOT_ADDRESS_SIZE];
	char secondary_dns[BOOT_ADDRESS_SIZE];
	int prefix_len;
	int vlan;  /* 0: none */
	bool dhcp; /* its address came from DHCP */
};

struct boot_path {
	char source[32]; /* "ibft", "iscsi_boot3", "chosen/bootpath": for messages */
	char initiator_name[ISCSI_NAME_SIZE]; /* "": none */
	char isid[16];
	char transport[16]; /* "tcp", or the name of an adapter's transport */
	struct boot_nic nic;
	char target_name[ISCSI_NAME_SIZE];
	char address[BOOT_ADDRESS_SIZE];
	uint16_t port;
	char lun[24];                                            /* as the firmware writes it */
	char username[BOOT_TEXT_SIZE], password[BOOT_TEXT_SIZE]; /* the initiator's */
	char username_in[BOOT_TEXT_SIZE], password_in[BOOT_TEXT_SIZE]; /* the target's */
};

/* Told what was left out, and why: "ibft/target0/ip-addr: 'x' is no address".  Borrowed. */
typedef void (*boot_problem)(void *data, const char *text);

/*
 * All paths, each target's once: iBFT first, then adapters and targets by their numbers, then
 * OpenFirmware's boot path and aliases.  sysfs is where that is mounted (NULL: "/sys").  *ret is
 * allocated (NULL when *ret_count is 0), released by
 * boot_paths_free(), which wipes it.  0 (also with none) or -ENOMEM.
 */
int boot_paths(const char *sysfs, boot_problem problem, void *data, struct boot_path **ret,
               size_t *ret_count);
struct boot_path *boot_paths_free(struct boot_path *paths, size_t count);

#endif
