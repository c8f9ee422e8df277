# The gateway alone: Triton runs beside it, from NVIDIA's own image (docker-compose.yml).
FROM swift:6.3.1-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev=7.88.* libgrpc-dev=1.51.* libprotobuf-c-dev=1.4.* zlib1g-dev=1:1.2.* pkg-config=1.8.* \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
# Package.swift names the test targets, so their folders must be there to resolve it.
COPY Tests Tests
RUN swift build -c release --product gateway --static-swift-stdlib \
    && install -D "$(swift build -c release --product gateway --static-swift-stdlib --show-bin-path)/gateway" /out/gateway

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4=7.88.* libgrpc29=1.51.* libprotobuf-c1=1.4.* zlib1g=1:1.2.* ca-certificates=20230311* \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 65532 --no-create-home --shell /usr/sbin/nologin gateway \
    # Where the keys file lies; a volume mounted here inherits the owner.
    && install -d --owner 65532 --mode 0700 /var/lib/gateway
COPY --from=build /out/gateway /usr/local/bin/gateway
USER 65532:65532
EXPOSE 8080
ENV GATEWAY_HOST=0.0.0.0 GATEWAY_PORT=8080 LOG_FORMAT=json
ENTRYPOINT ["/usr/local/bin/gateway"]
CMD ["serve"]
