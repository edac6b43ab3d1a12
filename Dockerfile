# The image of a production node: one binary, no shell scripts, nothing written outside /var/lib/guichet.
#
#   docker build -t guichet .
#   docker run --read-only -p 8000:8000 -v ./guichet.toml:/etc/guichet/guichet.toml:ro -v guichet:/var/lib/guichet guichet

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package guichet

FROM debian:bookworm-slim
COPY --from=build /src/target/release/guichet /usr/local/bin/guichet
COPY LICENSE /usr/share/doc/guichet/LICENSE
# A number, so that an orchestrator can see that it is not root; there is no account behind it.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/guichet && install -d /etc/guichet
USER 10001:10001
WORKDIR /var/lib/guichet
# The embedded database and the keys; everything else may be mounted read-only.
VOLUME /var/lib/guichet
EXPOSE 8000 8001
# SIGTERM lets what is in flight finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["guichet", "doctor", "--live", "--config", "/etc/guichet/guichet.toml"]
ENTRYPOINT ["guichet"]
CMD ["serve", "--config", "/etc/guichet/guichet.toml"]
