#!/usr/bin/env bash
# under_x.sh PROGRAM [WORDS...]: runs it in a virtual display of its own, with a window manager, and ends both with it.
set -euo pipefail
[[ ${1:-} ]] || { echo "usage: under_x.sh PROGRAM [WORDS...]" >&2; exit 2; }
folder=$(mktemp -d)
started=()
cleanup() {
  ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
  wait || true
  rm -rf -- "$folder"
}
trap cleanup EXIT

mkfifo "$folder/number"
Xvfb -displayfd 7 -screen 0 1920x1200x24 -nolisten tcp 7>"$folder/number" &>"$folder/xvfb.txt" &
started+=($!)
read -r -t 60 number <"$folder/number" || { cat "$folder/xvfb.txt" >&2; echo "under_x.sh: Xvfb did not start" >&2; exit 1; }
export DISPLAY=:$number XDG_RUNTIME_DIR=$folder QT_QPA_PLATFORM=xcb
# It calls the command when it manages windows.
mkfifo "$folder/managed"
HOME=$folder openbox --sm-disable --startup "sh -c 'echo yes >$folder/managed'" &>"$folder/openbox.txt" &
started+=($!)
read -r -t 60 _ <"$folder/managed" || { cat "$folder/openbox.txt" >&2; echo "under_x.sh: openbox did not start" >&2; exit 1; }
"$@"
