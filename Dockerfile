# Two stages: a static binary is built on Alpine (musl) and put alone into an empty image.

FROM rust:1-alpine AS build
RUN apk add --no-cache build-base cmake ca-certificates
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin tailgrant

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/target/release/tailgrant /tailgrant
# No user database is needed, and a read-only root will do. The one file that the daemon writes is that of --journal: put
# it on a volume which this id may write to.
USER 65532:65532
# Outside loopback, serve refuses to start without TLS and caller authentication; see README.md.
ENV TAILGRANT_LISTEN=0.0.0.0:50051
# Metrics and probes are off; TAILGRANT_ADMIN_LISTEN=0.0.0.0:9464 serves them on the second port, to whoever can
# reach it: see docs/operations.md.
EXPOSE 50051 9464
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/tailgrant", "health-check"]
ENTRYPOINT ["/tailgrant"]
CMD ["serve"]
