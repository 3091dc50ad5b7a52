#!/usr/bin/env bash
# A newcomer's first minutes: a fresh Debian 12 in build/clean-root, this commit, then `./run demo` and `./run test` with their times.
# Arguments replace those two, one command of `run` each. Uncommitted changes are left out. Needs root, for chroot and mounts.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
[[ $(id -u) == 0 ]] || { echo "clean-root: needs root" >&2; exit 1; }
(($#)) || set -- demo test
command -v debootstrap >/dev/null || apt-get install --yes --no-install-recommends debootstrap >/dev/null

# From here on mounts are this process's own: they end with it, and never stand in the way of rm.
[[ ${CLEAN_ROOT_MOUNTS:-} == private ]] || CLEAN_ROOT_MOUNTS=private exec unshare --mount --propagation private \
  "$PWD/packaging/dev/long_clean_root.sh" "$@"

root=$PWD/build/clean-root
home="/home/new comer" # a space in the path is part of the test
say() { printf 'clean-root: [%4d s] %s\n' "$SECONDS" "$*"; }

say "debootstrap"
# shellcheck disable=SC2016 # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' | sort -u | head -n 1)
[[ -n $mirror ]] || { echo "clean-root: apt knows no mirror of bookworm: run apt-get update" >&2; exit 1; }
rm -rf --one-file-system -- "$root"
mkdir -p "$root"
debootstrap --variant=minbase bookworm "$root" "$mirror" >build/clean-root.log || { tail -n 20 build/clean-root.log >&2; exit 1; }

# apt and name resolution inside as outside; apt starts without lists, as in most images.
rm -rf "$root/etc/apt/sources.list" "$root"/var/lib/apt/lists/*
for path in /etc/resolv.conf /etc/hosts /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d \
  /etc/apt/trusted.gpg.d /etc/apt/keyrings /usr/share/keyrings; do
  if [[ -e $path ]]; then
    mkdir -p "$root${path%/*}"
    cp -aL --no-target-directory "$path" "$root$path"
  fi
done
mount --bind "$root" "$root" # a root that is no mount point gives no mount namespaces
for path in dev dev/pts proc sys; do mount --bind "/$path" "$root/$path"; done
mount -t tmpfs tmpfs "$root/dev/shm" 2>/dev/null || true

say "copying $(git rev-parse --short HEAD) and the real data"
mkdir -p "$root$home/weft" "$root$home/shared"
git archive HEAD | tar -x -C "$root$home/weft"
data=${WEFT_TEST_DATA:-../shared/data}
[[ ! -d $data ]] || cp -r -- "$data" "$root$home/shared/data"

for command in "$@"; do
  started=$SECONDS
  say "./run $command"
  # shellcheck disable=SC2016 # expanded inside
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CI="${CI:-}" \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    /bin/bash -c 'cd -- "$1" && ./run $2' bash "$home/weft" "$command"
  say "./run $command took $((SECONDS - started)) s"
done
say "done"
