#!/bin/sh
# Tries jobd: installs what is missing, builds, starts everything on 127.0.0.1, and sends a PDF through it.
#
#     sh config/try.sh [PORT]
#
# The service stays until Ctrl-C. Its state is in .build/try.
set -eu
cd "$(dirname "$0")/.."
. config/packages.sh
need_swift
install_missing $build_packages $run_packages curl

echo "Building (the first time takes some minutes)"
swift build --product jobd
programs=.build/debug
ln -sf jobd "$programs/jobctl"

directory=$PWD/.build/try
mkdir -p "$directory"
ready=$directory/ready
rm -f "$ready"
mkfifo "$ready"
"$programs/jobd" dev --directory "$directory" --port "${1:-8080}" >"$ready" 2>"$directory/log" &
service=$!
trap 'kill $service 2>/dev/null || true; wait $service || true' EXIT
trap 'exit 130' INT TERM
read -r _ _ _ address <"$ready" || { cat "$directory/log" >&2; exit 1; }

pdf=Tests/Fixtures/pdf/contract.pdf
echo "Sending $pdf to $address"
file=$(curl -sS --fail-with-body --data-binary "@$pdf" "$address/api/files?name=contract.pdf" | sed 's/.*"fileId":"\([^"]*\)".*/\1/')
job=try-$(date +%s)
curl -sS --fail-with-body "$address/api/file-manager/process" -H 'Content-Type: application/json' \
    -d "{\"jobId\":\"$job\",\"fileIds\":[\"$file\"]}" >/dev/null
"$programs/jobctl" --socket "$directory/run/jobd.sock" follow "$job"

echo "Its text begins:"
curl -sS --fail-with-body -o "$directory/text.txt" "$address/api/jobs/$job/artifacts/text.txt"
head -n 8 "$directory/text.txt" | sed 's/^/    /'
cat <<EOF

jobd is at $address; Ctrl-C ends it.
    curl $address/api/jobs
    $programs/jobctl --socket $directory/run/jobd.sock list
EOF
wait $service
