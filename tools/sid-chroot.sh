#!/bin/sh
# Programs of Debian unstable in a chroot, for machines whose own distribution has none of them, or too old ones: Asterisk 22
# for the benchmark, Synapse for the peer tests. Needs root, debootstrap and about 1 GB; takes a minute or two. Run it again
# after a reboot, or with another package: it then only brings what is missing.
#
#   tools/sid-chroot.sh asterisk matrix-synapse   makes it, with these packages
#   tools/sid-chroot.sh --remove                  unmounts and deletes it
#
# It lies in $ONHOOK_ASTERISK_ROOT, else $ONHOOK_SID_ROOT, else in the user's cache.
set -eu

root=${ONHOOK_ASTERISK_ROOT:-${ONHOOK_SID_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/onhook/sid}}
case $root in
/ | /bin* | /boot* | /dev* | /etc* | /home | /lib* | /proc* | /root | /run* | /sbin* | /sys* | /tmp | /usr* | /var) echo "not in $root" >&2 && exit 2 ;;
/*) ;;
*) echo "$root: expected an absolute path" >&2 && exit 2 ;;
esac
usage='usage: sid-chroot.sh PACKAGE... | --remove'
[ $# -gt 0 ] || { echo "$usage" >&2 && exit 2; }
[ "$(id -u)" = 0 ] || { echo 'this needs root' >&2 && exit 1; }

mounted() { grep -q " $root/$1 " /proc/self/mounts; }

if [ "$1" = --remove ]; then
  [ $# = 1 ] || { echo "$usage" >&2 && exit 2; }
  for place in proc dev; do
    if mounted "$place"; then umount "$root/$place"; fi
  done
  # A mount that is still there would be deleted with the rest.
  if mounted proc || mounted dev; then echo "still mounted: $root" >&2 && exit 1; fi
  rm -rf --one-file-system "$root"
  exit 0
fi
case " $* " in *' -'*) echo "$usage" >&2 && exit 2 ;; esac

if [ ! -x "$root/usr/bin/apt-get" ]; then
  command -v debootstrap >/dev/null || { echo 'debootstrap is not installed' >&2 && exit 1; }
  # The mirror that this host uses, if it is a Debian itself.
  mirror=
  if [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
      sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] *\)\{0,1\}\([^ ]*\).*/\2/p' | head -n 1)
  fi
  mkdir -p "$root"
  debootstrap --variant=minbase sid "$root" "${mirror:-http://deb.debian.org/debian}"
fi

# No service is started by its package.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for place in proc dev; do
  if ! mounted "$place"; then mount --bind "/$place" "$root/$place"; fi
done

missing=
for package in "$@"; do
  status=$(chroot "$root" dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  # The mirror's lists may be old.
  chroot "$root" apt-get -o Acquire::Check-Valid-Until=false update
  # shellcheck disable=SC2086 # one word a package
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends $missing
fi

# Asterisk's pjsip looks both names up before it answers, and stalls where nobody knows them.
printf '127.0.0.1 localhost %s A.ROOT-SERVERS.NET\n' "$(uname -n)" >"$root/etc/hosts"
for package in "$@"; do
  printf '%s %s\n' "$package" "$(chroot "$root" dpkg-query -W -f '${Version}' "$package")"
done
