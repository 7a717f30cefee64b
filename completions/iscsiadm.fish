# SPDX-License-Identifier: GPL-2.0-or-later
# fish: completion of iscsiadm(8), which says itself what can follow.

function __fish_iscsiadm
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l found ($words[1] --complete $words[2..-1] $last 2>/dev/null)
    if test "$found" = :files
        set -l path (string replace -r -- '^--[^=]*=' '' $last)
        set -l lead (string match -r -- '^--[^=]*=' $last)
        for file in (__fish_complete_path $path)
            echo "$lead$file"
        end
    else
        string join -- \n $found
    end
end

complete -c iscsiadm -f -a '(__fish_iscsiadm)'
