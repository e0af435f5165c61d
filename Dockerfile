# The image of the GitHub action and of the GitLab component. GitHub's runner builds it from the checkout of
# the action; a release builds it once for both architectures (.github/workflows/release.yml).

# The compiler runs on the build machine and compiles for the target platform. Builders before BuildKit do not set these
# variables; "linux" and an empty GOARCH then mean the build machine.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26.8-alpine@sha256:ce864e7223ac17b1775e6fd0b4c0db580c2eb50e7953a427916379e4b92a1628 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY LICENSE ./
COPY cmd ./cmd
COPY internal ./internal
# The licenses of the libraries in the binary must be distributed with it.
RUN CGO_ENABLED=0 go run ./internal/release licenses /out/licenses
ARG TARGETOS
ARG TARGETARCH
# The values for --version. Without them, --version prints what internal/buildinfo finds.
ARG VERSION
ARG COMMIT
ARG DATE
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w \
      -X github.com/org/ami-action/internal/buildinfo.version=$VERSION \
      -X github.com/org/ami-action/internal/buildinfo.commit=$COMMIT \
      -X github.com/org/ami-action/internal/buildinfo.date=$DATE" -o /out/ami-action ./cmd/ami-action
# ami-sandbox is a symbolic link to the same binary. The link is in a directory, because COPY keeps the links in a
# directory but follows a link that it copies itself.
RUN mkdir /out/names && ln -s ami-action /out/names/ami-sandbox

# The base image has a shell, which GitLab's jobs need, and little else. The user is root, as the runner requires for an
# action (https://docs.github.com/actions, "Dockerfile support for GitHub Actions"), because root owns the files for the
# outputs.
FROM busybox:1.37.0-musl@sha256:1256f55742579badea94e3e2f574fc90021120f6c1aa01c87182566dfb950c39
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/licenses /usr/share/licenses/ami-action
COPY --from=build /out/ami-action /usr/local/bin/ami-action
COPY --from=build /out/names /usr/local/bin
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
