# shellcheck shell=bash
# Docker for the end-to-end tests, also on a machine that has no Docker and no access to a registry. Source this file.

# Debian's client supports BuildKit without a plugin. Another client that comes first on the PATH may need one.
DOCKER=/usr/bin/docker
[ -x "$DOCKER" ] || DOCKER=$(command -v docker || echo /usr/bin/docker)

# ensure_docker installs and starts Docker if needed. It uses a daemon that is already running, because a second one
# takes over the bridge of the first.
ensure_docker() {
  "$DOCKER" info >/dev/null 2>&1 && return
  # A machine may have a client without a daemon.
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

# stop_docker stops the daemon if this process has started it, and waits until it has ended, so that the next script does
# not find a daemon that is about to end.
stop_docker() {
  [ -n "${DOCKERD:-}" ] || return 0
  kill "$DOCKERD" 2>/dev/null || true
  wait "$DOCKERD" || true
}

# import_base_images DOCKERFILE creates stand-ins for the base images of the Dockerfile that are missing, with the same
# tags. With AMI_E2E_PULL=1, it pulls the real images from their registry instead.
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

# import_image TAG [PROGRAM...] creates an image with busybox, the CA certificates, and the programs with their shared
# libraries. The program "go" means the whole Go toolchain.
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

# The version that build_image sets. It is the same for every build, so that a second build can use the cached layers.
E2E_VERSION=0.0.0-e2e

# dockerfile prints the Dockerfile of this repository in a form that can be built here. If stand-ins replace the base
# images, it leaves their digests out, because an imported image has another digest.
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
