#!/usr/bin/env bash
# Installs what the build needs (Debian packages, npm packages) and makes the release build.
# usage: ./make [PRESET]      safe to repeat; binaries land in build/<preset>/bin
set -euo pipefail
cd "$(dirname "$0")"
preset=${1:-release}
say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

say "Debian packages"
tools/packages/install build

# Every committed lock file is one npm package: browser code, or data that the build compiles in.
git ls-files -co --exclude-standard '*package-lock.json' | while read -r lock; do
    folder=$(dirname "$lock")
    if [ ! -f "$folder/node_modules/.installed" ] || [ "$lock" -nt "$folder/node_modules/.installed" ]; then
        say "npm packages of $folder"
        (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed)
    fi
    (cd "$folder" && npm run build --if-present --silent)
done

say "C++ ($preset)"
log=build/$preset.configure.log
mkdir -p build
cmake --preset "$preset" >"$log" 2>&1 || { cat "$log"; exit 1; }
ninja -C "build/$preset"
