# Prints the completions of a command line, one per line: fish --no-config complete.fish SCRIPT LINE
#
# A tab separates a completion from its description.
source $argv[1]
or exit 1
complete --do-complete $argv[2]
