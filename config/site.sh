#!/bin/sh
# Makes one HTML site of all articles, with the HTTP reference and a search, by MkDocs.
#
#     sh config/site.sh [OUTPUT-DIRECTORY]            (default: .build/html)
#
# Then open OUTPUT-DIRECTORY/index.html, or run `jobd dev --docs OUTPUT-DIRECTORY`.
set -eu
output=$(mkdir -p "${1:-.build/html}" && cd "${1:-.build/html}" && pwd)
cd "$(dirname "$0")/.."
. config/packages.sh
command -v mkdocs >/dev/null || install_missing $site_packages

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# MkDocs is a program of the system's Python.
/usr/bin/python3 config/site/articles.py "$work"
/usr/bin/mkdocs build --quiet --strict --config-file "$work/mkdocs.yml" --site-dir "$output"
/usr/bin/python3 config/site/search.py "$output"
