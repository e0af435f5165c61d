# The image of the GitHub action and of the GitLab component. GitHub's runner builds it from the checkout of
# the action; a release builds it once for both architectures (.github/workflows/release.yml).

# The compiler runs on the machine that builds, and writes for the platform that was asked for. Builders
# before BuildKit set none of these variables: "linux" is their own machine then, as is an empty GOARCH.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26.8-alpine@sha256:ce864e7223ac17b1775e6fd0b4c0db580c2eb50e7953a427916379e4b92a1628 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY LICENSE ./
COPY cmd ./cmd
COPY internal ./internal
# The licenses of what the binary holds go wherever it goes.
RUN CGO_ENABLED=0 go run ./internal/release licenses /out/licenses
ARG TARGETOS
ARG TARGETARCH
# What --version says. A build without them says what internal/buildinfo finds.
ARG VERSION
ARG COMMIT
ARG DATE
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w \
      -X github.com/org/ami-action/internal/buildinfo.version=$VERSION \
      -X github.com/org/ami-action/internal/buildinfo.commit=$COMMIT \
      -X github.com/org/ami-action/internal/buildinfo.date=$DATE" -o /out/ami-action ./cmd/ami-action
# ami-sandbox is another name of the same binary. A directory is copied with its links; a link alone would be followed.
RUN mkdir /out/names && ln -s ami-action /out/names/ami-sandbox

# A shell, and nothing else: the workflows of GitLab need one. The user is root, as the runner requires of an
# action (https://docs.github.com/actions, "Dockerfile support for GitHub Actions"): the files that hold the
# outputs are root's.
FROM busybox:1.37.0-musl@sha256:1256f55742579badea94e3e2f574fc90021120f6c1aa01c87182566dfb950c39
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/licenses /usr/share/licenses/ami-action
COPY --from=build /out/ami-action /usr/local/bin/ami-action
COPY --from=build /out/names /usr/local/bin
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
