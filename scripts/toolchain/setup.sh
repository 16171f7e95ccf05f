#!/bin/sh
# Installs missing tools into .tools/ of this checkout, once, from pinned versions:
#   .tools/bin/node      Node >= 24: the installed one, or the one from npm (package.json)
#   .tools/bin/python    a virtual environment with MiniStack, the AWS CLI and cfn-lint (requirements.txt)
#   .tools/genesys-sdk   Genesys Cloud's Python SDK, for tests (genesys-sdk.txt)
#   .tools/ric           AWS's Lambda runtime client, for tests (ric/package-lock.json)
#   node_modules/        the project's own packages (package-lock.json)
# A part with unchanged pins is skipped, so a second run needs no network.
# Needs: sh, coreutils, node >= 18 with npm, python3 >= 3.10 with pip.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)
pins=scripts/toolchain
mkdir -p .tools/bin .tools/stamps

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
# stale NAME FILE…: true when NAME was installed from other pins than those in FILE….
stale() {
  name=$1; shift
  pin="$(cat "$@" | cksum) $root" # wrappers hold absolute paths, so a moved checkout installs again
  [ ! -f ".tools/stamps/$name" ] || [ "$(cat ".tools/stamps/$name")" != "$pin" ]
}
installed() { printf '%s\n' "$pin" > ".tools/stamps/$name"; }

# working WHAT COMMAND…: runs a command, and says every few seconds that it goes on and how long it takes.
ticker=
trap '[ -z "$ticker" ] || kill "$ticker" 2>/dev/null || true' EXIT
working() {
  what=$1; shift
  say "$what"
  began=$(date +%s)
  seconds() { echo $(( $(date +%s) - began )); }
  # Nothing of it may outlive this script and hold its output open.
  while sleep "${SETUP_TICK_SECONDS:-10}" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    say "$what: $(seconds) s"
  done &
  ticker=$!
  "$@"
  kill "$ticker" 2>/dev/null || true
  ticker=
  say "$what: done in $(seconds) s"
}
# npm_ci FOLDER: installs the locked npm packages of a folder.
npm_ci() { (cd "$1" && npm ci --no-audit --no-fund --loglevel=error >&2); }
# pip_install FOLDER PINS: installs the pinned Python packages into a folder.
pip_install() {
  python3 -m pip --isolated --version >/dev/null 2>&1 || fail 'pip is missing: install pip for python3'
  python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --no-warn-conflicts \
    --root-user-action=ignore --require-hashes --target "$1" -r "$2" >&2
}

command -v node >/dev/null || fail 'node is missing: install Node 18 or newer with npm'
command -v npm >/dev/null || fail 'npm is missing: install Node 18 or newer with npm'
command -v python3 >/dev/null || fail 'python3 is missing: install Python 3.10 or newer with pip'
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail 'python3 is older than 3.10'

# npm looks for its global configuration beside Node. Node from .tools/ must not hide the machine's, which may
# name a registry and a certificate.
npm_config_globalconfig=${npm_config_globalconfig:-$(npm config get globalconfig)}
export npm_config_globalconfig

if [ ! -d node_modules ] && [ ! -d .tools/python ]; then
  say 'the first run brings about 900 MB into .tools/ and node_modules/, in two to three minutes'
fi

if [ ! -x .tools/bin/node ] || stale node $pins/package-lock.json; then
  stale node $pins/package-lock.json || true
  system_node=$(command -v node)
  if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 24')" = true ]; then
    ln -sf "$(node -p process.execPath)" .tools/bin/node
  else
    rm -rf .tools/node .tools/bin/node && mkdir -p .tools/node
    cp $pins/package.json $pins/package-lock.json $pins/.npmrc .tools/node/
    working "bringing Node 24 from npm into .tools/node, because node $(node -v) is older" npm_ci .tools/node
    package=node-linux-$("$system_node" -p process.arch)
    [ -x ".tools/node/node_modules/$package/bin/node" ] || fail "no Node 24 on npm for $(uname -sm): install Node 24 yourself"
    ln -sf "$root/.tools/node/node_modules/$package/bin/node" .tools/bin/node
  fi
  installed
fi
PATH="$root/.tools/bin:$PATH"; export PATH

if [ ! -d node_modules ] || stale packages package-lock.json; then
  stale packages package-lock.json || true
  working 'installing npm packages into node_modules' npm_ci .
  installed
fi

# AWS's own runtime client, for the protocol tests. Its native part needs a compiler and a minute, so it is
# not built here. The tests use a small transport of their own instead, or the native part where it was built
# (local/cloudformation/README.md).
if [ ! -d .tools/ric/node_modules ] || stale ric $pins/ric/package-lock.json; then
  stale ric $pins/ric/package-lock.json || true
  rm -rf .tools/ric && mkdir -p .tools/ric
  cp $pins/ric/package.json $pins/ric/package-lock.json $pins/ric/.npmrc .tools/ric/
  working 'installing aws-lambda-ric into .tools/ric' npm_ci .tools/ric
  installed
fi

if [ ! -x .tools/bin/python ] || stale python $pins/requirements.txt; then
  stale python $pins/requirements.txt || true
  rm -rf .tools/python
  # Debian's python3 has no ensurepip unless python3-venv is installed, so the machine's own pip installs.
  python3 -m venv --without-pip .tools/python
  site=$(.tools/python/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  working 'installing MiniStack, the AWS CLI and cfn-lint into .tools/python' \
    pip_install "$site" $pins/requirements.txt
  python=$root/.tools/python/bin/python
  rm -f .tools/bin/python .tools/bin/aws .tools/bin/cfn-lint
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$python" > .tools/bin/python
  for tool in aws cfn-lint; do
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$site/bin/$tool" > ".tools/bin/$tool"
  done
  chmod +x .tools/bin/python .tools/bin/aws .tools/bin/cfn-lint
  installed
fi

# A client of the local Genesys Cloud in the tests. Its packages are in a folder of their own, because the AWS
# CLI needs other versions of them.
if [ ! -d .tools/genesys-sdk ] || stale genesys-sdk $pins/genesys-sdk.txt; then
  stale genesys-sdk $pins/genesys-sdk.txt || true
  rm -rf .tools/genesys-sdk
  working "installing Genesys Cloud's Python SDK into .tools/genesys-sdk" \
    pip_install .tools/genesys-sdk $pins/genesys-sdk.txt
  installed
fi
