# shellcheck shell=bash
# Docker for the end-to-end tests, on a machine that has none and reaches no registry. To be sourced.

# Debian's client comes with BuildKit's part of the API; another one that stands first on the PATH may want a
# plugin for it.
DOCKER=/usr/bin/docker
[ -x "$DOCKER" ] || DOCKER=$(command -v docker || echo /usr/bin/docker)

# ensure_docker installs and starts what is missing. A daemon that is there already is used as it is: a second
# one would take the first one's bridge away.
ensure_docker() {
  "$DOCKER" info >/dev/null 2>&1 && return
  # A machine can have a client without a daemon.
  if ! [ -x /usr/bin/docker ] || ! command -v dockerd >/dev/null; then
    apt-get update -q >/dev/null
    apt-get install -qy docker.io >/dev/null
    DOCKER=/usr/bin/docker
    "$DOCKER" info >/dev/null 2>&1 && return # the package may have started it
  fi
  local log
  log=$(mktemp -t dockerd.XXXXXX.log)
  setsid dockerd >"$log" 2>&1 </dev/null &
  DOCKERD=$!
  for _ in $(seq 120); do
    "$DOCKER" info >/dev/null 2>&1 && return
    kill -0 "$DOCKERD" 2>/dev/null || break
    sleep 0.5
  done
  echo "dockerd does not start:" >&2
  tail -n 20 "$log" >&2
  return 1
}

# stop_docker ends the daemon, if it was this process that started it, and waits for its end: the next script must
# not find it still answering.
stop_docker() {
  [ -n "${DOCKERD:-}" ] || return 0
  kill "$DOCKERD" 2>/dev/null || true
  wait "$DOCKERD" || true
}

# import_base_images DOCKERFILE stands in for the images that the Dockerfile is built from, under their very
# tags, as far as they are not there. Where there is a registry, AMI_E2E_PULL=1 takes the real ones instead.
import_base_images() {
  local image
  while read -r image; do
    [ "${AMI_E2E_PULL:-}" = 1 ] || image=${image%@*}
    "$DOCKER" image inspect "$image" >/dev/null 2>&1 && continue
    if [ "${AMI_E2E_PULL:-}" = 1 ]; then
      "$DOCKER" pull -q "$image"
      continue
    fi
    case "$image" in
      golang:*) import_image "$image" go ;;
      busybox:*) import_image "$image" ;;
      *) echo "no stand-in for the base image $image" >&2; return 1 ;;
    esac
  done < <(awk 'toupper($1) == "FROM" { print ($2 ~ /^--/) ? $3 : $2 }' "$1")
}

# import_image TAG [PROGRAM...] makes an image of busybox, the CA certificates and the programs with the
# libraries that they are linked to; "go" is the whole tool chain.
import_image() {
  local tag=$1 root program path
  shift
  if ! [ -x /bin/busybox ] || /bin/busybox 2>&1 | head -n 1 | grep -qv '^BusyBox' || ldd /bin/busybox >/dev/null 2>&1; then
    apt-get update -q >/dev/null
    apt-get install -qy busybox-static ca-certificates >/dev/null
  fi
  root=$(mktemp -d)
  mkdir -p "$root"/{bin,usr/bin,usr/local/bin,etc/ssl/certs,root,tmp}
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/"
  for program in $(/bin/busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$program"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  local change=(--change 'CMD ["sh"]')
  for program in "$@"; do
    if [ "$program" = go ]; then
      mkdir -p "$root/usr/local/go"
      cp -a "$(go env GOROOT)/." "$root/usr/local/go/"
      change=(--change 'ENV PATH=/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin' --change 'ENV GOTOOLCHAIN=local')
      continue
    fi
    path=$(command -v "$program")
    rm -f "$root/bin/$program"
    cp -L "$path" "$root/bin/$program"
    while read -r path; do
      mkdir -p "$root$(dirname "$path")"
      cp -L "$path" "$root$path"
    done < <(ldd "$path" | grep -o '/[^ ]*')
  done
  tar -c -C "$root" . | "$DOCKER" import "${change[@]}" - "$tag" >/dev/null
  rm -rf "$root"
}

# The version that build_image stamps. It is the same for all, so that the second build has its layers already.
E2E_VERSION=0.0.0-e2e

# dockerfile prints the Dockerfile of this repository as it can be built here. The digests of its base images are left
# out where stand-ins take their place: no import can have the digest of another image.
dockerfile() {
  if [ "${AMI_E2E_PULL:-}" = 1 ]; then
    cat Dockerfile
  else
    sed -E '/^FROM /s/@sha256:[0-9a-f]{64}//' Dockerfile
  fi
}

# build_image TAG [OPTION...] builds the image of this repository from its Dockerfile.
build_image() {
  local tag=$1
  shift
  import_base_images Dockerfile
  dockerfile | DOCKER_BUILDKIT=1 "$DOCKER" build -q --build-arg "VERSION=$E2E_VERSION" "$@" -t "$tag" -f - . >/dev/null
}
