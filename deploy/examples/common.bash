# What the install and serve scripts of the examples share. Sourced, never run.

readonly python_version=3.11

# fail STATUS MESSAGE: end with MESSAGE on stderr. Status 2 stands for a wrong setting.
fail() {
    printf '%s: %s\n' "$0" "$2" >&2
    exit "$1"
}

# default_home FOLDER: where an example is installed unless the caller says otherwise.
default_home() {
    local repository
    repository=$(cd "$1/../../.." && pwd)
    printf '%s/.services/%s' "$repository" "$(basename "$1")"
}

# --- installing -----------------------------------------------------------------

# find_python: Debian's own interpreter first, since a version manager's `python3` may be any
# version, and Triton's Python stub loads Debian's libpython in any case.
find_python() {
    if [[ -x /usr/bin/python$python_version ]]; then
        printf '/usr/bin/python%s' "$python_version"
    else
        command -v "python$python_version"
    fi
}

# require_debian_packages PACKAGE...: install those which are missing, which only root can.
require_debian_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || fail 1 "Debian packages are missing; run as root: apt-get install ${missing[*]}"
    echo "installing Debian packages: ${missing[*]}"
    local wait=(-o DPkg::Lock::Timeout=600) # another install may be under way
    apt-get "${wait[@]}" update --quiet=2
    DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" install --quiet=2 --no-install-recommends "${missing[@]}" >/dev/null
}

# install_once HOME FILE...: call the function `build HOME` unless it has already succeeded with the
# same FILEs. The stamp goes first and returns last, so an interrupted build is never believed; the
# lock keeps two installs out of each other's way.
install_once() {
    local home=$1 fingerprint
    shift
    fingerprint=$(cat "$@" | sha256sum)
    mkdir -p "$home"
    exec {lock}>"$home/.lock"
    flock "$lock"
    if [[ $(cat "$home/.installed" 2>/dev/null) == "$fingerprint" ]]; then
        echo "already installed in $home"
        return
    fi
    rm -f "$home/.installed"
    build "$home"
    echo "$fingerprint" >"$home/.installed"
    echo "installed in $home ($(du -sm "$home" | cut -f1) MB, ${SECONDS} s)"
}

# make_environments PYTHON HOME: `server` holds only what serving needs, not even pip; `workshop` has
# pip, for as long as the build takes.
make_environments() {
    rm -rf "$2/server" "$2/workshop"
    "$1" -m venv --without-pip "$2/server"
    "$1" -m venv "$2/workshop"
}

# pip_install HOME ARGUMENT...: install into the server's environment. The requirements name every
# package needed, so pip must not add what a package merely declares (CUDA, torch, ...).
pip_install() {
    local home=$1
    shift
    "$home/workshop/bin/python" -m pip --python "$home/server/bin/python" --disable-pip-version-check \
        install --quiet --no-deps --no-cache-dir --root-user-action=ignore "$@"
}

# --- serving --------------------------------------------------------------------

# integer_setting NAME DEFAULT MIN MAX: give the environment variable NAME its default, check it and
# export it.
integer_setting() {
    local name=$1 value=${!1:-$2} min=$3 max=$4
    # At most nine digits: bash arithmetic silently wraps around at 64 bits.
    if [[ ! $value =~ ^(0|[1-9][0-9]{0,8})$ ]] || ((value < min || value > max)); then
        fail 2 "$name must be an integer between $min and $max, not '$value'"
    fi
    export "$name=$value"
}

require_installed() {
    [[ -f $1/.installed ]] || fail 1 "nothing is installed in $1; run ./install first, or set SERVICE_HOME"
}

# private_directory NAME PORT: make and print this server's own scratch directory. It cannot be removed
# at the end, because the server replaces this shell; so it is named after the port, which no two
# servers of a machine share, and the next server on that port overwrites it.
private_directory() {
    local parent=${TMPDIR:-/tmp}/$1-$EUID
    (umask 077 && mkdir -p "$parent/$2")
    [[ -O $parent && ! -L $parent ]] || fail 1 "$parent belongs to someone else; set TMPDIR"
    printf '%s/%s' "$parent" "$2"
}
