# Prints the completions of a command line, one per line: bash complete.bash SCRIPT LINE
#
# Calls the function that the script registers for the program, in the way in which bash calls it for the tab key.
source "$1" || exit 1
read -ra COMP_WORDS <<<"$2"
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$2
COMP_POINT=${#2}
registered=$(complete -p "${COMP_WORDS[0]}") || exit 1
[[ $registered =~ -F\ ([^ ]+) ]] || exit 1
"${BASH_REMATCH[1]}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
