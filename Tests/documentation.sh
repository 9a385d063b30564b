#!/bin/sh
# Makes the documentation of every target from what was built, into .build/documentation; a warning is an error.
#
#     swift build && sh Tests/documentation.sh        then open .build/documentation/jobd
set -eu
cd "$(dirname "$0")/.."
built=${BUILT:-.build/debug}
output=.build/documentation
docc=$(dirname "$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')")/../bin/docc
target=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')

# Where the C modules are that the Swift modules import.
set --
for folder in Sources/*/include Sources/CFastCGI Sources/CMagic Sources/COpenSSL .build/checkouts/*/Sources/*/include \
    .build/checkouts/GRDB.swift/Sources/GRDBSQLite; do
    set -- "$@" -Xcc "-I$folder"
done
for map in "$built"/C*.build/module.modulemap "$built"/_*.build/module.modulemap; do
    case $map in *-tool.build/*) continue ;; esac
    [ ! -e "$map" ] || set -- "$@" -Xcc "-fmodule-map-file=$map"
done

rm -rf "$output"
status=0
for module in Sources/*/; do
    module=$(basename "$module")
    [ -e "$built/Modules/$module.swiftmodule" ] || continue
    graphs=$output/graphs/$module
    mkdir -p "$graphs"
    swift symbolgraph-extract -module-name "$module" -target "$target" -I "$built/Modules" "$@" \
        -minimum-access-level package -output-dir "$graphs"
    [ -e "$graphs/$module.symbols.json" ] || { echo "nothing is known of $module" >&2; exit 1; }
    catalogue=""
    [ ! -d "Sources/$module/$module.docc" ] || catalogue=Sources/$module/$module.docc
    "$docc" convert $catalogue --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
        --additional-symbol-graph-dir "$graphs" --output-path "$output/$module" --warnings-as-errors || status=1
done
exit $status
