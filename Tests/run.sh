#!/bin/sh
# Installs what the tests need, and runs all of them.
#
#     sh Tests/run.sh [--full]      --full: the large forms of the end-to-end tests too, minutes instead of seconds
set -eu
cd "$(dirname "$0")/.."
. config/packages.sh
need_swift
# systemd brings systemd-analyze, which reads the units; libfcgi-bin a client of FastCGI; the last ones make files for
# processing, and check what became of them. The package is looked at by lintian, and installed in a container.
install_missing $build_packages $run_packages systemd libfcgi-bin lighttpd lighttpd-modules-lua apache2 chromium chromium-driver \
    tesseract-ocr qpdf file python3-croniter $package_packages lintian debootstrap systemd-container
command -v node >/dev/null || install_missing nodejs
# Other web servers and frameworks that the articles speak of.
case " $* " in *" --full "*) install_missing caddy haproxy h2o node-react node-react-dom esbuild libjs-vue node-http-proxy ;; esac
python=python3
if ! $python -c 'import pytest, xdist, selenium, prometheus_client' 2>/dev/null; then
    install_missing python3-pytest python3-pytest-xdist python3-selenium python3-prometheus-client
    python=/usr/bin/python3
fi
# As their users have them: what checks the signatures of webhooks, and a client of WebSockets.
if ! PYTHONPATH=.build/python $python -c 'import standardwebhooks, websockets.sync.client' 2>/dev/null; then
    $python -m pip --version >/dev/null 2>&1 || install_missing python3-pip
    $python -m pip install -q --no-deps --upgrade --target .build/python standardwebhooks==1.1.0 websockets==15.0.1
fi
# Two clients of resumable uploads, with what they need.
if ! PYTHONPATH=.build/python $python -c 'import tusclient.client, aiotus' 2>/dev/null; then
    $python -m pip --version >/dev/null 2>&1 || install_missing python3-pip
    $python -m pip install -q --upgrade --target .build/python tuspy==1.1.0 aiotus==1.1.0
fi

# Vue 3, which Debian does not have, comes with a package for Python.
case " $* " in *" --full "*)
    [ -d .build/python/trame_client ] || {
        $python -m pip --version >/dev/null 2>&1 || install_missing python3-pip
        $python -m pip install -q --no-deps --upgrade --target .build/python trame-client==4.1.4
    } ;;
esac

echo "Format"
swift format lint --strict --recursive Sources Tests Package.swift

echo "Build: warnings are errors"
# Exported, and no other option: the README's command, which is tried among the tests, then finds all of it built.
export JOBD_WARNINGS=error
swift build --build-tests

echo "Documentation: a warning is an error"
sh Tests/documentation.sh >/dev/null

echo "Unsafe promises in Sources: $(grep -rc '@unchecked Sendable$\|@unchecked Sendable {\|nonisolated(unsafe) ' \
    --include='*.swift' Sources | awk -F: '{ sum += $2 } END { print sum }')"

# What hangs fails, and the rest is still tested; the limits are for a slow machine with other work.
bounded() { timeout --signal=INT --kill-after=120 "$@"; }

results=$(mktemp -d)
# What is still being made at the end is of no use to anybody.
trap 'for made in $making; do kill "$made" 2>/dev/null || true; done; rm -rf "$results"' EXIT
making=
status=0
echo "Swift tests"
# A few at a time: the limit of a test is for its own time, and all at once each waits for all the others.
if ! $python Tests/run_limited.py "$results/swift.log" swift test --skip-build \
    --experimental-maximum-parallelization-width 8 --xunit-output "$results/swift.xml"; then
    status=1
    # Thousands of lines say what started and passed: only what failed is of use, or the end when it is a crash.
    grep -A 2 '✘' "$results/swift.log" || true
    tail -n 40 "$results/swift.log"
fi
echo "The browser's part, in Node"
bounded 1200 node --test --test-reporter=tap Tests/Web/*.test.js >"$results/node.tap" || {
    status=1
    grep -A 20 '^ *not ok' "$results/node.tap" || tail -n 40 "$results/node.tap"
}
# The package and the machine that it is installed in are made meanwhile: most of the next tests' time is spent waiting.
if sh Tests/Installed/container.sh possible 2>/dev/null; then
    if [ -z "${JOBD_PACKAGE-}" ]; then
        nice -n 19 sh config/package.sh >"$results/package" 2>"$results/package.log" &
        making="$making $!"
    fi
    if [ -z "${JOBD_BASE-}" ] && [ $# -eq 0 ]; then
        nice -n 19 sh Tests/Installed/container.sh base .build/debian >"$results/base.log" 2>&1 &
        making="$making $!"
    fi
fi
end_to_end() {
    echo "End to end, through $WEB${ENGINE:+, in $ENGINE}"
    export WEB
    # Two files at a time: most of their time is spent waiting.
    bounded 7200 $python -m pytest -q -n 2 --dist loadfile "$@" --junit-xml "$results/end-to-end-$WEB${ENGINE-}.xml" -o cache_dir="$results/cache" || status=1
}
WEB=nginx end_to_end Tests/EndToEnd "$@"
case " $* " in *" --full "*)
    # Other engines of browsers.
    install_missing firefox-esr webkit2gtk-driver xvfb
    for ENGINE in firefox webkit; do
        export ENGINE
        WEB=nginx end_to_end $(printf 'Tests/EndToEnd/test_web_%s.py ' elements uploads forms dashboard places)
    done
    unset ENGINE ;;
esac
for web in lighttpd apache; do
    WEB=$web end_to_end $(printf 'Tests/EndToEnd/test_%s.py ' road streams forms bad_input many smuggling websocket)
done

echo "Benchmarks, only to see that they run"
JOBD=.build/debug/jobd PYTHON=$python bounded 3600 sh Tests/Benchmarks/run.sh --smoke --junit-xml "$results/benchmarks.xml" || status=1

echo "Installed from its package, under systemd"
# What could not be made is tried again there, and says why.
wait
package=$(tail -n 1 "$results/package" 2>/dev/null || true)
[ ! -f "$package" ] || export JOBD_PACKAGE="$package"
# Two machines at a time: most of their time is spent waiting.
bounded 7200 $python -m pytest -q -rs -n 2 --dist loadfile Tests/Installed "$@" --junit-xml "$results/installed.xml" -o cache_dir="$results/cache" || status=1

$python - $status "$results/node.tap" "$results"/*.xml <<'EOF'
import sys, xml.etree.ElementTree as xml
passed = failed = 0
for path in sys.argv[3:]:
    try:
        suites = xml.parse(path).getroot()
    except xml.ParseError:
        print(f"FAILED {path}: ended before it could count")
        failed += 1
        continue
    for suite in suites.iter("testsuite"):
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
        failed += bad
        for case in suite.iter("testcase"):
            for failure in [*case.findall("failure"), *case.findall("error")]:
                print(f"FAILED {case.get('classname')} {case.get('name')}: {failure.get('message')}"[:1000])
with open(sys.argv[2]) as tap:
    counts = dict(line[2:].split() for line in tap if line.startswith(("# pass ", "# fail ", "# cancelled ")))
passed += int(counts.get("pass", 0))
# Nothing counted: it did not run.
failed += int(counts.get("fail", 1)) + int(counts.get("cancelled", 0))
# What was ended before it could count is a failure, too.
failed = max(failed, int(sys.argv[1]))
print(f"{passed} passed, {failed} failed")
EOF
exit $status
