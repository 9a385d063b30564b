#!/bin/sh
# A throw-away machine: Debian 12 with systemd as its first process, in a container that has no network.
#
#     container.sh possible               says by its exit code whether this machine allows containers
#     container.sh base BASE [PACKAGE…]   makes the tree BASE: minimal, and apt has what jobd and its tests need, and the
#                                         packages, downloaded, not installed
#     container.sh up BASE STATE          boots a copy of it; what it writes is in STATE, a new folder
#     container.sh run STATE COMMAND…     runs a command in it as root; standard streams and exit code are the command's
#     container.sh root STATE             says under which folder this machine sees its files
#     container.sh reboot STATE           ends it in order, and boots the same copy again
#     container.sh down STATE             ends it at once, and removes STATE
#
# Needs root, debootstrap and systemd-container.
set -eu
packages="systemd,systemd-sysv,dbus,gpgv,procps,curl"
later="nginx poppler-utils libvips-tools libfcgi0ldbl libmagic1 libsqlite3-0 man-db python3 php-cli php-fpm nodejs tesseract-ocr"
me=$(realpath "$0")

refused() { echo "container.sh: not possible here: $1" >&2; exit 77; }
processes() { ps -o pid= --ppid "$1"; }

# The first process of the container, as this machine counts: a child of nspawn that is number 1 in its own namespace.
first() {
    for pid in $(processes "$(cat "$1/nspawn" 2>/dev/null || echo 0)"); do
        grep -q '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" 2>/dev/null && echo "$pid" && return
    done
    return 1
}

run() {
    pid=$(first "$1") || { echo "container.sh: no container in $1" >&2; exit 1; }
    shift
    nsenter -t "$pid" -m -u -i -n -p -C -r -w -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= SYSTEMD_COLORS=0 "$@"
}

boot() { # STATE
    unshare --mount --propagation private -- sh "$me" inside "$1" </dev/null >>"$1/console" 2>&1 &
    echo $! >"$1/nspawn"
    tries=600
    until status=$(run "$1" systemctl is-system-running 2>/dev/null) || [ "$status" = degraded ]; do
        # systemctl may be asked before there is anybody to answer.
        kill -0 "$(cat "$1/nspawn")" 2>/dev/null && [ $((tries -= 1)) -gt 0 ] || { cat "$1/console" >&2; exit 1; }
        sleep 0.1
    done
}

halt() { # STATE
    if pid=$(first "$1"); then
        kill -s RTMIN+4 "$pid" # which systemd takes for poweroff
        tries=600
        while first "$1" >/dev/null; do
            [ $((tries -= 1)) -gt 0 ] || kill -s KILL "$pid"
            sleep 0.1
        done
    fi
    leave "$1"
}

leave() { # STATE: waits until nothing of it is left but its files
    while kill -0 "$(cat "$1/nspawn")" 2>/dev/null; do sleep 0.1; done
    unshare --mount --propagation private -- sh "$me" forget "$1"
}

# nspawn is to see cgroup v2 alone, whatever this machine has.
unify() { [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup; }
group() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/jobd-$(cat "$1/name")"; }

case "${1:-}" in
possible)
    [ "$(id -u)" -eq 0 ] || refused "needs root"
    answer=$(unshare --mount --pid --net --ipc --uts --cgroup --fork --propagation private -- \
        mount -t cgroup2 cgroup2 /mnt 2>&1) || refused "$answer"
    ;;
base)
    base=$2
    shift 2
    # Only one of those that want it makes it.
    exec 9>"$base.lock"
    flock 9
    [ ! -e "$base" ] || exit 0
    sources=/etc/apt/sources.list.d/debian.sources
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    rm -rf "$base.part"
    debootstrap --variant=minbase --include="$packages" bookworm "$base.part" "$mirror"
    [ ! -e $sources ] || { cp $sources "$base.part$sources" && : >"$base.part/etc/apt/sources.list"; }
    cp /etc/resolv.conf "$base.part/etc/resolv.conf"
    chroot "$base.part" apt-get -q update
    chroot "$base.part" apt-get -qy install --download-only $later "$@"
    rm -rf "$base.part"/dev/*
    : >"$base.part/etc/machine-id" # each boot makes its own
    echo jobd-test >"$base.part/etc/hostname"
    echo "127.0.0.1 localhost jobd-test jobs.example.com" >"$base.part/etc/hosts"
    for unit in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
        ln -sf /dev/null "$base.part/etc/systemd/system/$unit.timer" # nothing starts by itself during a test
    done
    mv "$base.part" "$base"
    ;;
up)
    mkdir "$3"
    mkdir "$3/upper" "$3/work" "$3/root"
    realpath "$2" >"$3/base"
    echo $$ >"$3/name"
    boot "$(realpath "$3")"
    ;;
run) shift && run "$@" ;;
root) echo "/proc/$(first "$2")/root" ;;
reboot) halt "$2" && boot "$2" ;;
down)
    # What is thrown away has nothing to put in order.
    if pid=$(first "$2"); then kill -s KILL "$pid"; fi
    leave "$2" && rm -rf --one-file-system "$2"
    ;;

inside) # in a mount namespace of its own
    # What is thrown away is never waited for: packages are unpacked in a third of the time. A kernel before 5.10 cannot. The mark
    # of such a mount keeps others from coming after a crash of the machine; here it is the one before a reboot.
    rm -rf "$2/work/work/incompat"
    layers="lowerdir=$(cat "$2/base"),upperdir=$2/upper,workdir=$2/work"
    mount -t overlay none -o "$layers,volatile" "$2/root" || mount -t overlay none -o "$layers" "$2/root"
    unify
    group=$(group "$2")
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    # nspawn does not allow bpf by itself: IPAddressDeny= and DeviceAllow= would do nothing and not say so. And with all
    # calls for the clock, keyrings and page faults forbidden already, nothing were left for the units to forbid.
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --boot --directory="$2/root" --machine="jobd-$(cat "$2/name")" \
        --register=no --keep-unit --link-journal=no --resolv-conf=off --timezone=off --private-network \
        --system-call-filter="bpf @clock @keyring userfaultfd"
    ;;
forget)
    unify
    find "$(group "$2")" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$me" && exit 2 ;;
esac
