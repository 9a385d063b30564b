#!/bin/sh
# Measures jobd beside its peers, and prints a table. Nothing here passes or fails, except with --smoke.
#
#     sh Tests/Benchmarks/run.sh [--save] [--rounds N] [--seconds S] [NAME…]     names: see --help
#     sh Tests/Benchmarks/run.sh --smoke                                         a tiny form of each, as tests
#
# JOBD names the executable; without it, a release is built.
set -eu
cd "$(dirname "$0")/../.."
. config/packages.sh
install_missing $build_packages $run_packages gcc libc6-dev redis-server beanstalkd php-fpm php-redis wrk strace \
    valgrind python3-venv libnginx-mod-nchan nodejs
if [ "${1-}" = --smoke ]; then
    shift
    exec ${PYTHON-python3} -m pytest -q -o cache_dir=.build/benchmarks/cache Tests/Benchmarks "$@"
fi
install_missing postgresql
case " $* " in *" other-systems "*) install_missing gearman-job-server rabbitmq-server ;; esac
if [ -z "${JOBD-}" ]; then
    need_swift
    swift build -c release --product jobd
    export JOBD=.build/release/jobd
fi
exec python3 Tests/Benchmarks "$@"
