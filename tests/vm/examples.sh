# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# For cases that run the examples of manual pages as they stand there:
#
#   page NAME.SECTION       its examples from now on, a literal block or line each
#   block                   the next of them, in $BLOCK (a file); false: there is none
#   run_block               run the commands of a block, one after the other in one shell: those
#                           behind "# " or "$ ", and "other# " on another machine (other_machine).
#                           Each succeeds; what the page shows of its output is what it prints,
#                           but for times and numbers of sessions, and in any order behind "find";
#                           "..." stands for any lines
#   has_printed TEXT        the last block has printed it
. "$VM_LIB"

PAGES=${VM_LIB%/tests/*}/man
EXAMPLES=/run/examples
BLOCK=$EXAMPLES/block

page() {
	rm -rf $EXAMPLES
	mkdir -p $EXAMPLES/here
	block=0
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/p' "$PAGES/$1" | awk -v file=$EXAMPLES/ '
		function put(line) {
			gsub(/\\e/, "\\", line); gsub(/\\-/, "-", line)
			gsub(/\\&/, "", line); gsub(/\\\(dq/, "\"", line)
			print line >(file n)
		}
		/^\.Bd/ { n++; literal = 1; next }
		/^\.Ed/ { literal = 0; next }
		/^\.Dl / { n++; sub(/^\.Dl /, ""); put($0); next }
		literal { put($0) }'
	[ -e $EXAMPLES/1 ] || fail "$1 has no examples"
}

block() {
	block=$((block + 1))
	[ -e $EXAMPLES/$block ] || return 1
	cp $EXAMPLES/$block $BLOCK
}

next_block() {
	block || fail 'the page has fewer examples than this case knows'
}

no_more() {
	! block || fail "nobody runs this example: $(cat $BLOCK)"
}

# What differs from run to run, and an empty line at the end, which a page cannot show.
same_each_time() {
	sed -E '${/^$/d}
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/; s/sid(: |=)[0-9]+/sid\1N/
		s/login_usec=[0-9]+/login_usec=N/; s/Connection[0-9]+:/ConnectionN:/'
}

# The block as a shell script that marks where each command begins; what it shows goes into files.
write_script() {
	awk -v file=$EXAMPLES/ '
		/^(other)?[#$] / && !/^# (BEGIN|END) RECORD/ && !more {
			n++
			if (/^other/ && !other) { print "other_machine"; other = 1 }
			sub(/^(other)?[#$] /, "")
			print "echo @" n
			if (/^find /) print "" >(file "shown." n ".sort")
			printf "" >(file "shown." n)
			print; more = /[\\|]$/
			next
		}
		more { print; more = /[\\|]$/; next }
		{ print >(file "shown." n) }' $BLOCK
}

run_block() {
	rm -f $EXAMPLES/shown.* $EXAMPLES/printed.*
	{
		echo 'set -e'
		echo 'other_machine() { rm -rf /var/lib/iscsi/*; }'
		write_script
	} >$EXAMPLES/script
	(cd $EXAMPLES/here && sh ../script) >$OUT 2>&1 || {
		cat $EXAMPLES/script $OUT >&2
		fail 'an example fails'
	}
	awk -v file=$EXAMPLES/printed. '/^@[0-9]+$/ { n = substr($0, 2); printf "" >(file n); next }
		{ print >(file n) }' $OUT
	for shown in $EXAMPLES/shown.*[0-9]; do
		[ ! -s "$shown" ] || compare "$shown" "$EXAMPLES/printed.${shown##*.}"
	done
}

compare() { # SHOWN PRINTED
	order=cat
	[ ! -e "$1.sort" ] || order=sort
	same_each_time <"$1" | $order >$EXAMPLES/expected
	same_each_time <"$2" | $order >$EXAMPLES/got
	if grep -qx '\.\.\.' $EXAMPLES/expected; then
		grep -vx '\.\.\.' $EXAMPLES/expected | grep -vxFf $EXAMPLES/got >$EXAMPLES/missing || return 0
		fail "not printed: $(cat $EXAMPLES/missing)"
	fi
	diff -u $EXAMPLES/expected $EXAMPLES/got >&2 || fail 'the page shows something else (- page, + real)'
}

has_printed() {
	has $OUT "$1"
}
