# Prints the completions of a command line, one per line: zsh -f complete.zsh SCRIPT LINE DIRECTORY
#
# The completion system of zsh works only in an interactive shell. One is started on a pseudo-terminal, loads the script in
# the way of a user, by name from a directory of fpath, and gets the line and a tab. The matches are taken from its calls of
# compadd and written to a file in DIRECTORY, which is empty before.
zmodload zsh/zpty || exit 1
export FUNCTIONS=$3/functions MATCHES=$3/matches SETUP=$3/setup READY=$3/ready
mkdir $FUNCTIONS || exit 1
cp $1 $FUNCTIONS/_datalinks || exit 1
: >$MATCHES

cat >$SETUP <<'END'
PROMPT=
fpath=($FUNCTIONS $fpath)
autoload -Uz compinit
compinit -D -u
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
[[ $_comps[datalinks] == _datalinks ]] || exit 1
compadd() {
  # Calls that only look for matches are not completions.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a __matches
  builtin compadd -A __matches "$@"
  (( $#__matches )) && print -rl -- $__matches >>$MATCHES
  builtin compadd "$@"
}
finish() { exit 0 }
comppostfuncs=(finish)
print ready
END

zpty shell zsh -f -i
zpty -w shell 'source $SETUP'
while zpty -r shell line; do
  [[ $line == ready* ]] && break
done
[[ $line == ready* ]] || exit 1
zpty -w -n shell "$2"$'\t'
# The shell exits after the completion.
while zpty -r shell line; do :; done
cat $MATCHES
