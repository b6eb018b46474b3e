# syntax=docker/dockerfile:1
# Builds Helpdesky from source and packs the one program into a small Debian.
#
#   docker build -t helpdesky .
#   docker run -p 8080:8080 -v helpdesky:/data -e HELPDESKY_BASE_URL=https://help.example.com helpdesky

FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
# The scripts and styles are bundled by Node while the program is compiled.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin helpdesky \
    && install -D target/release/helpdesky /out/helpdesky

FROM debian:bookworm-slim
# Root certificates: for PostgreSQL and mail relays reached over TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 helpdesky \
    && useradd --system --uid 10001 --gid helpdesky --home-dir /data --shell /usr/sbin/nologin helpdesky \
    && install -d -o helpdesky -g helpdesky -m 0700 /data
COPY --from=build /out/helpdesky /usr/local/bin/helpdesky
COPY LICENSE /usr/share/doc/helpdesky/LICENSE

# Inside a container the loopback address is out of everyone's reach.
ENV HELPDESKY_LISTEN=0.0.0.0:8080 \
    HELPDESKY_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["helpdesky", "doctor"]
ENTRYPOINT ["helpdesky"]
CMD ["serve"]
