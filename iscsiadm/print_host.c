/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts as text, the flat list and the tree, or as parts of the JSON document.
 */
#include <stdio.h>
#include <string.h>

#include "iscsiadm/json_objects.h"
#include "iscsiadm/printer.h"

static const char *or_empty(const char *text)
{
	return text[0] ? text : "<empty>";
}

/* "192.0.2.1", "[2001:db8::1]" or "<empty>": an address with any text behind it. */
static void print_address(const char *address, const char *behind)
{
	if (!address[0] || strchr(address, '.'))
		printf("%s%s", or_empty(address), behind);
	else
		printf("[%s]%s", address, behind);
}

static void print_line(const struct host_info *h)
{
	printf("%s: [%d] ", or_empty(h->transport), h->host_no);
	print_address(h->address, ",");
	printf("[%s],%s %s\n", or_empty(h->hwaddress), or_empty(h->netdev),
	       or_empty(h->initiator_name));
}

static void print_text(const char *name, const char *text)
{
	printf("\t%s: %s\n", name, or_empty(text));
}

static void print_address_line(const char *name, const char *address)
{
	printf("\t%s: ", name);
	print_address(address, "\n");
}

/* An address that is always IPv6. */
static void print_bracketed(const char *name, const char *address)
{
	if (address[0])
		printf("\t%s: [%s]\n", name, address);
	else
		print_text(name, address);
}

/* A number below min says nothing. */
static void print_number(const char *name, int number, int min)
{
	if (number >= min)
		printf("\t%s: %d\n", name, number);
	else
		print_text(name, "");
}

static void print_heading(const char *title, const char *stars)
{
	printf("\t%s\n\t%s:\n\t%s\n", stars, title, stars);
}

static void print_iface(const struct host_info *h, const struct host_iface *i)
{
	print_heading("Interface", "**********");
	print_text("Kernel Name", i->name);
	print_address_line("IPaddress", i->address);
	/* what there is to say follows the address, not the name */
	if (strchr(i->address, '.')) {
		print_text("Gateway", i->gateway);
		print_text("Subnet", i->subnet);
		print_text("BootProto", i->bootproto);
	} else if (i->address[0]) {
		print_text("IPaddress Autocfg", i->address_autocfg);
		print_bracketed("Link Local Address", i->link_local);
		print_text("Link Local Autocfg", i->link_local_autocfg);
		print_bracketed("Router Address", i->router);
	}
	print_text("Port State", h->port_state);
	print_text("Port Speed", h->port_speed);
	print_number("Port", i->port, 1);
	print_number("MTU", i->mtu, 1);
	print_number("VLAN ID", i->vlan_id, 0);
	print_number("VLAN priority", i->vlan_priority, 0);
}

static void print_tree(const struct cli *cli, const struct host_listing *host)
{
	const struct host_info *h = &host->info;

	printf("Host Number: %d\n", h->host_no);
	printf("\tState: %s\n", h->state[0] ? h->state : "Unknown");
	print_text("Transport", h->transport);
	print_text("Initiatorname", h->initiator_name);
	print_address_line("IPaddress", h->address);
	print_text("HWaddress", h->hwaddress);
	print_text("Netdev", h->netdev);
	for (size_t i = 0; i < host->iface_count; i++)
		print_iface(h, &host->ifaces[i]);
	if (host->session_count == 0)
		return;
	print_heading("Sessions", "*********");
	print_host_sessions(cli, host);
}

void print_host(const struct cli *cli, const struct host_listing *host)
{
	if (cli->json)
		json_put_host(json_add_object(json_open_list(json_root(cli->json), "hosts"), NULL),
		              cli, host);
	else if (cli->opts.print_level >= 1)
		print_tree(cli, host);
	else
		print_line(&host->info);
}
