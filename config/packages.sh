# Debian's packages for jobd; to be read by other scripts with `.`:  install_missing PACKAGE…

# To make a site of the articles.
site_packages="mkdocs"

# To build it, to make a package of it, and to run it.
build_packages="libfcgi-dev libmagic-dev libsqlite3-dev libssl-dev pkg-config"
package_packages="binutils dpkg-dev python3 $site_packages"
run_packages="nginx-light poppler-utils libvips-tools"

install_missing() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
    done
    # Any flavour of nginx will do.
    if command -v nginx >/dev/null; then missing=$(printf %s "$missing" | sed 's/ nginx-light//'); fi
    [ -n "$missing" ] || return 0
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "Install as root, then come back: apt-get install$missing" >&2; exit 1; }
        as_root=sudo
    fi
    echo "Installing$missing"
    $as_root apt-get -q update >/dev/null
    # A new nginx must not start its own service here.
    policy=/usr/sbin/policy-rc.d
    [ -e $policy ] && policy=""
    if [ -n "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
        $as_root chmod +x "$policy"
    fi
    installed=0
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing >/dev/null ||
        installed=1
    [ -z "$policy" ] || $as_root rm -f "$policy"
    return $installed
}

need_swift() {
    command -v swift >/dev/null && return 0
    echo "Swift 6.2 or later is needed; see https://www.swift.org/install/linux/." >&2
    exit 1
}
