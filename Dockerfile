# The image of the GitHub action and of the GitLab component. GitHub's runner builds it from the checkout of
# the action; a release builds it once for both architectures (.github/workflows/release.yml).

# The compiler runs on the machine that builds, and writes for the platform that was asked for. Builders
# before BuildKit set none of these variables: "linux" is their own machine then, as is an empty GOARCH.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd ./cmd
COPY internal ./internal
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X github.com/org/ami-action/internal/buildinfo.version=$VERSION" -o /out/ami-action ./cmd/ami-action

# A shell, and nothing else: the workflows of GitLab need one. The user is root, as the runner requires of an
# action (https://docs.github.com/actions, "Dockerfile support for GitHub Actions"): the files that hold the
# outputs are root's.
FROM busybox:1.37.0-musl
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ami-action /usr/local/bin/ami-action
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
