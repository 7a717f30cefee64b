# SPDX-License-Identifier: GPL-2.0-or-later
# What iscsi-test-cu said (all its logs), against the list of all tests and that of the tests that
# are skipped: a table by family, and what is not as it should be.  Fails then.
#     awk -f results.awk skipped=FILE all=FILE LOG...
# A test has been skipped when it says so itself, whatever it counts as.

function end_of_test(result) {
	if (test == "")
		return
	if (result == "passed" && says_skipped)
		result = "skipped"
	if (rank[result] > rank[results[test]])
		results[test] = result
	if (result == "failed" && !(test in shown))
		shown[test] = text
	test = ""
}

function fault(what) {
	print "  " what
	faults++
}

BEGIN {
	rank["skipped"] = 1
	rank["passed"] = 2
	rank["failed"] = 3
	for (i = 1; i < ARGC; i++)
		if (split(ARGV[i], option, "=") == 2) {
			while ((getline line <option[2]) > 0) {
				if (option[1] == "skipped" && line ~ /^[A-Za-z0-9]/) {
					split(line, word, " ")
					expected[word[1]] = 1
				} else if (option[1] == "all" && line ~ /^ALL\.[^.]*\./) {
					sub(/^ALL\./, "", line)
					sub(/[ \t\r]*$/, "", line)
					order[++count] = line
				}
			}
			ARGV[i] = ""
		}
}

FNR == 1 { end_of_test("failed") } # the log before broke off
/^Suite: / { suite = $2 }
/^  Test: / {
	end_of_test("failed")
	test = suite "." $2
	says_skipped = 0
	text = ""
}
test != "" {
	if (/\[SKIPPED\]/)
		says_skipped = 1
	if (/\[FAILED\]|^    [0-9]+\. /)
		text = text $0 "\n"
}
/^passed|\.\.\.passed/ { end_of_test("passed") }
/^FAILED|\.\.\.FAILED/ { end_of_test("failed") }

END {
	end_of_test("failed")
	for (i = 1; i <= count; i++) {
		name = order[i]
		family = name
		sub(/\..*/, "", family)
		if (!(family in families)) {
			families[family] = 1
			families_in_order[++family_count] = family
		}
		if (!(name in results))
			results[name] = "failed"
		number[family, results[name]]++
		total[results[name]]++
	}
	printf "%-24s %6s %6s %7s\n", "family", "passed", "failed", "skipped"
	for (i = 1; i <= family_count; i++) {
		family = families_in_order[i]
		printf "%-24s %6d %6d %7d\n", family, number[family, "passed"], \
			number[family, "failed"], number[family, "skipped"]
	}
	printf "%-24s %6d %6d %7d\n", "all " count, total["passed"], total["failed"], total["skipped"]
	for (i = 1; i <= count; i++) {
		name = order[i]
		if (results[name] == "failed")
			fault(name " failed" (shown[name] ? ":\n" shown[name] : " or was not run"))
		else if (results[name] == "skipped" && !(name in expected))
			fault(name " was skipped, and the list of those does not say why")
		else if (results[name] == "passed" && name in expected)
			fault(name " passed: it need not be in the list of skipped ones")
	}
	if (tally)
		print total["passed"] + 0, faults + 0 >>tally
	exit faults > 0 || count == 0
}
