#!/bin/sh
# Starts ami-action; or a shell, as GitLab's runner and `docker run IMAGE sh` ask for; or ami-sandbox. Always by exec: the
# signals of a cancelled job go to this process, and a shell that waits for another passes none on.
set -eu

case "${1:-}" in
  sh | /bin/sh | ami-sandbox) exec "$@" ;;
  *) exec ami-action "$@" ;;
esac
