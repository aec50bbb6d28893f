# Interpreters, for scripts that source this: . .ci/pythons.sh. A name on the PATH may be a shim that runs nothing: then
# those who keep interpreters (pyenv, uv, the launcher of Windows) are asked for theirs.

# Prints the path of an interpreter if it runs, is of this version (3.12, or 3 for any from 3.11 on) and can make environments.
real() {
    "$1" - "$2" 2> /dev/null << 'PYTHON' || true
import sys, venv, ensurepip

version = sys.version_info
if version >= (3, 11) and sys.argv[1] in ("3", f"{version.major}.{version.minor}"):
    print(sys.executable)
PYTHON
}

# Prints the path of a Python of this version, or nothing.
found() {
    local path version
    path=$(real "python$1" "$1")
    if [ -z "$path" ] && command -v pyenv > /dev/null; then
        version=$(pyenv versions --bare | grep "^$1\.[0-9]*$" | tail -n 1 || true)
        [ -z "$version" ] || path=$(real "$(pyenv prefix "$version")/bin/python" "$1")
    fi
    if [ -z "$path" ] && command -v uv > /dev/null; then
        path=$(real "$(uv python find --no-python-downloads "$1" 2> /dev/null || true)" "$1")
    fi
    if [ -z "$path" ] && command -v py > /dev/null; then
        path=$(real "$(py "-$1" -c 'import sys; print(sys.executable)' 2> /dev/null || true)" "$1")
    fi
    printf '%s' "$path"
}
