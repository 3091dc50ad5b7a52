# Completes weft's commands and options in bash. Made by `weft completions bash`.
_weft_words() {
  case $1 in
    'weft') words='node invite publish subscribe topics topic contracts contract groups group cuts cut dead-letters trace nodes flows flow links link route leave lag verify dump bench demo monitor help --help --version' ;;
    'weft node') words='--help --name --data --listen --advertise --zone --join --config' ;;
    'weft invite') words='--help --data --roles --used-up-to' ;;
    'weft publish') words='--help --data --format --key-field --type --ack --codec --rate --strict --json' ;;
    'weft subscribe') words='--help --data --from --until --count --idle --name --group --on-failing --deliveries --where --format --synced' ;;
    'weft topics') words='list describe create alter delete --help --data --json --watch' ;;
    'weft topics list') words='--help --data --json --watch' ;;
    'weft topics describe') words='--help --data --json' ;;
    'weft topics create') words='--help --data --json --retention-time --retention-bytes --retention-until --ack --replicas --codec --compaction --compaction-after --tombstones --description' ;;
    'weft topics alter') words='--help --data --json --retention-time --retention-bytes --retention-until --ack --replicas --codec --compaction --compaction-after --tombstones --description' ;;
    'weft topics delete') words='--help --data --json' ;;
    'weft topic') words='list describe create alter delete --help --data --json --watch' ;;
    'weft topic list') words='--help --data --json --watch' ;;
    'weft topic describe') words='--help --data --json' ;;
    'weft topic create') words='--help --data --json --retention-time --retention-bytes --retention-until --ack --replicas --codec --compaction --compaction-after --tombstones --description' ;;
    'weft topic alter') words='--help --data --json --retention-time --retention-bytes --retention-until --ack --replicas --codec --compaction --compaction-after --tombstones --description' ;;
    'weft topic delete') words='--help --data --json' ;;
    'weft contracts') words='list add show check remove --help --data --json --watch' ;;
    'weft contracts list') words='--help --data --json --watch' ;;
    'weft contracts add') words='--help --data --rules --compatibility --on-broken --dry-run --json' ;;
    'weft contracts show') words='--help --data --json' ;;
    'weft contracts check') words='--help --data' ;;
    'weft contracts remove') words='--help --data' ;;
    'weft contract') words='list add show check remove --help --data --json --watch' ;;
    'weft contract list') words='--help --data --json --watch' ;;
    'weft contract add') words='--help --data --rules --compatibility --on-broken --dry-run --json' ;;
    'weft contract show') words='--help --data --json' ;;
    'weft contract check') words='--help --data' ;;
    'weft contract remove') words='--help --data' ;;
    'weft groups') words='list describe parked unpark create seek move delete --help --data --json --watch --local' ;;
    'weft groups list') words='--help --data --json --watch --local' ;;
    'weft groups describe') words='--help --data --json --watch --local' ;;
    'weft groups parked') words='--help --data --json --watch --local' ;;
    'weft groups unpark') words='--help --all --data --json --local' ;;
    'weft groups create') words='--help --from --data --json' ;;
    'weft groups seek') words='--help --data --json --local --force' ;;
    'weft groups move') words='--help --data --json --local' ;;
    'weft groups delete') words='--help --data --json --local --force' ;;
    'weft group') words='list describe parked unpark create seek move delete --help --data --json --watch --local' ;;
    'weft group list') words='--help --data --json --watch --local' ;;
    'weft group describe') words='--help --data --json --watch --local' ;;
    'weft group parked') words='--help --data --json --watch --local' ;;
    'weft group unpark') words='--help --all --data --json --local' ;;
    'weft group create') words='--help --from --data --json' ;;
    'weft group seek') words='--help --data --json --local --force' ;;
    'weft group move') words='--help --data --json --local' ;;
    'weft group delete') words='--help --data --json --local --force' ;;
    'weft cuts') words='list create describe delete --help --data --json --watch' ;;
    'weft cuts list') words='--help --data --json --watch' ;;
    'weft cuts create') words='--help --data --lease --at --json' ;;
    'weft cuts describe') words='--help --data --json --watch' ;;
    'weft cuts delete') words='--help --data --json' ;;
    'weft cut') words='list create describe delete --help --data --json --watch' ;;
    'weft cut list') words='--help --data --json --watch' ;;
    'weft cut create') words='--help --data --lease --at --json' ;;
    'weft cut describe') words='--help --data --json --watch' ;;
    'weft cut delete') words='--help --data --json' ;;
    'weft dead-letters') words='list show replay drop --help' ;;
    'weft dead-letters list') words='--help --data --json --watch --local' ;;
    'weft dead-letters show') words='--help --data' ;;
    'weft dead-letters replay') words='--help --data --all --local --json' ;;
    'weft dead-letters drop') words='--help --data --all --local --json' ;;
    'weft trace') words='--help --data --minutes --most --json' ;;
    'weft nodes') words='--help --data --json --watch' ;;
    'weft flows') words='--help --data --json --watch' ;;
    'weft flow') words='--help --data --json --watch' ;;
    'weft links') words='--help --data --json --watch' ;;
    'weft link') words='--help --data --json --watch' ;;
    'weft route') words='--help --data --json --watch' ;;
    'weft leave') words='--help --data' ;;
    'weft lag') words='--help --data --json --watch --local' ;;
    'weft verify') words='--help --json' ;;
    'weft dump') words='--help --json' ;;
    'weft bench') words='--help --bytes --json' ;;
    'weft demo') words='retail --help' ;;
    'weft demo retail') words='--help --csv --speed --seconds --monitor --no-monitor --keep' ;;
    'weft monitor') words='--help --data --demo' ;;
    'weft help') words='--help' ;;
    *) return 1 ;;
  esac
}
_weft() {
  local words path=weft word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    _weft_words "$path $word" && path+=" $word"
  done
  _weft_words "$path"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _weft weft
