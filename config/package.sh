#!/bin/sh
# Builds the Debian package jobd_VERSION_ARCHITECTURE.deb, the same bytes each time from the same commit.
#
#     sh config/package.sh [OUTPUT-DIRECTORY]            (default: .build)
#
# The last line says where it is. VERSION is that of the program; a commit that has no tag of it adds its time and name.
# DEBFULLNAME and DEBEMAIL say who maintains it.
set -eu
umask 022
output=$(mkdir -p "${1:-.build}" && cd "${1:-.build}" && pwd)
cd "$(dirname "$0")/.."
. config/packages.sh
need_swift
install_missing $build_packages $package_packages

version=$(grep -h 'static let version = "' Sources/JobWire/Build.swift | cut -d'"' -f2)
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
if commit=$(git rev-parse --short=12 HEAD) && [ "$(git tag --points-at HEAD --list "v$version")" = "" ]; then
    version="$version~$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$commit"
fi
architecture=$(dpkg --print-architecture)
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
maintainer="${DEBFULLNAME:-jobd} <${DEBEMAIL:-jobd@example.org}>"

build=.build/package
work=$(mktemp -d)
# The compiler leaves the length of a path in what it makes, so the path is as long wherever this folder is.
scratch=/tmp/jobd-$(pwd | md5sum | cut -c 1-12)
mkdir -p "$build"
ln -sfT "$PWD/$build" "$scratch"
trap 'rm -rf "$work" "$scratch"' EXIT

# What Foundation knows of languages is half of the executable; English takes its place.
runtime=$(swiftc -print-target-info -static-stdlib | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
ar p "$runtime/linux/lib_FoundationICU.a" icu_packaged_data.cpp.o >"$work/all.o"
symbol=$(nm --defined-only "$work/all.o" | sed -n 's/.* R //p')
objcopy -O binary -j .rodata "$work/all.o" "$work/all"
python3 config/icu.py <"$work/all" >"$work/english"
printf '%s\n' .section\ .rodata '.balign 16' '.globl jobd_languages' jobd_languages: ".incbin \"$work/english\"" \
    '.section .note.GNU-stack,"",@progbits' | as -o "$build/languages.o"

# Each step is a start of the program, so starting must be cheap: relocations are packed, and libstdc++, which nothing else
# here uses, is linked in.
ln -sf "$("$runtime/../../bin/clang" -print-file-name=libstdc++.a)" "$build/libstdc++.a"
# Hashes for the compiler's own use, which depend on the folder.
echo 'SECTIONS { /DISCARD/ : { *(.swift_modhash) } } INSERT AFTER .text;' >"$build/discard.ld"

# The runtime and Foundation are linked in, and what is not called is left out. No path of this machine gets in: not
# from #file, and not from __FILE__. (Modules in Swift 6 have that by themselves, and would warn.)
echo "Building jobd $version (the first time takes ten minutes)"
env -u JOBD_WARNINGS swift build --quiet -c release --product jobd --static-swift-stdlib --scratch-path "$scratch" --disable-local-rpath \
    -debug-info-format none -Xcc "-ffile-prefix-map=$PWD=." -Xcc "-ffile-prefix-map=$scratch=." -Xswiftc -enable-upcoming-feature -Xswiftc ConciseMagicFile \
    -Xswiftc -suppress-warnings \
    -Xswiftc -use-ld=lld -Xlinker --no-export-dynamic -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now \
    -Xlinker -z -Xlinker pack-relative-relocs -Xlinker "-L$build" -Xlinker "-T$build/discard.ld" \
    -Xlinker "$build/languages.o" -Xlinker --defsym -Xlinker "$symbol=jobd_languages"
program=$build/release/jobd

root=$work/jobd
put() { install -D -m "${3:-644}" "$1" "$root/$2"; }
write() { mkdir -p "$(dirname "$root/$1")" && cat >"$root/$1"; }
compressed() { gzip -9n | write "$1"; }

put "$program" usr/bin/jobd 755
strip --strip-all --remove-section=.comment "$root/usr/bin/jobd"
ln -s jobd "$root/usr/bin/jobctl"

for unit in systemd/*; do put "$unit" "lib/systemd/system/${unit##*/}"; done
put config/debian/jobd.sysusers usr/lib/sysusers.d/jobd.conf
put config/debian/jobd.tmpfiles usr/lib/tmpfiles.d/jobd.conf

put config/jobd.toml etc/jobd/jobd.toml
put config/nginx/jobd.conf etc/nginx/conf.d/jobd.conf
put config/nginx/jobd_site etc/nginx/sites-available/jobd
for file in config/nginx/*; do
    case $file in */jobd.conf | */jobd_site) ;; *) put "$file" "etc/nginx/${file##*/}" ;; esac
done
# For browsers; the demo page is for `jobd dev`, and package.json for programs that install from this folder.
(cd Sources/Web && find . -type f ! -path './demo/*' ! -name package.json) | sort | while read -r file; do
    put "Sources/Web/$file" "usr/share/jobd/web/$file"
done
sh Sources/WebFiles/bundle.sh Sources/Web | write usr/share/jobd/web/jobd.js
# Clients of one file, for programs to copy.
for file in Sources/Clients/*; do put "$file" "usr/share/jobd/clients/${file##*/}"; done

for page in config/manual/*; do
    name=$(basename "$page")
    case $name in
    *.5) source="cat config/${name%.5}" ;;
    *) source="$root/usr/bin/${name%.?} --experimental-dump-help" ;;
    esac
    $source | python3 config/manual.py "$page" "$version" "$date" | compressed "usr/share/man/man${name##*.}/$name.gz"
done
for name in jobd jobctl; do
    complete="$root/usr/bin/$name --generate-completion-script"
    $complete bash | sed 1d | write "usr/share/bash-completion/completions/$name"
    $complete zsh | write "usr/share/zsh/vendor-completions/_$name"
    $complete fish | write "usr/share/fish/vendor_completions.d/$name.fish"
done

# The articles as one site, which `jobd dev` shows.
sh config/site.sh "$root/usr/share/doc/jobd/html"

put config/debian/jobd.lintian-overrides usr/share/lintian/overrides/jobd
put config/debian/copyright usr/share/doc/jobd/copyright
put config/debian/README.Debian usr/share/doc/jobd/README.Debian
sed -e "s|@VERSION@|$version|; s|@MAINTAINER@|$maintainer|; s|@DATE@|$(date -u -R -d "@$SOURCE_DATE_EPOCH")|" \
    config/debian/NEWS.Debian | compressed usr/share/doc/jobd/NEWS.Debian.gz
compressed usr/share/doc/jobd/changelog.gz <<END
jobd ($version) unstable; urgency=medium

  * The state of commit ${commit:-v$version}.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

mkdir "$root/DEBIAN" "$work/debian"
printf 'Source: jobd\n\nPackage: jobd\nArchitecture: any\n' >"$work/debian/control"
# Packed relocations need a newer libc than the names that are used.
libraries=$(cd "$work" && dpkg-shlibdeps -O -e"$root/usr/bin/jobd" |
    sed 's/^shlibs:Depends=//; s/libc6 (>= [0-9.]*)/libc6 (>= 2.36)/')
size=$(find "$root" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
sed -e "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@SIZE@|$size|; s|@SHLIBS@|$libraries|" \
    -e "s|^Maintainer: .*|Maintainer: $maintainer|" config/debian/control | write DEBIAN/control
for script in preinst postinst prerm postrm; do put "config/debian/$script" "DEBIAN/$script" 755; done
(cd "$root" && find etc -type f -printf '/%p\n' | sort) | write DEBIAN/conffiles
(cd "$root" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) | write DEBIAN/md5sums

# One thread: the bytes must not depend on how many cores there are.
package=$output/jobd_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --threads-max=1 --build "$root" "$package" >/dev/null
echo "$package"
