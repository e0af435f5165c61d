#!/bin/sh
# Starts ami-action; or a shell, which GitLab's runner and `docker run IMAGE sh` request; or ami-sandbox. It uses exec,
# because a cancelled job sends its signals to this process, and a waiting shell does not pass signals on.
set -eu

case "${1:-}" in
  sh | /bin/sh | ami-sandbox) exec "$@" ;;
  *) exec ami-action "$@" ;;
esac
