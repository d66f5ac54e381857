#!/bin/sh
# Creates the passwords of the stack at the first start and stores them in volumes, so that the repository contains none
# and nobody has to choose one. A password that is set in .env is used instead.
set -eu
umask 077

# write FILE OWNER: writes its input to a file that only the owner can read. The file is never incomplete, even if the
# script is killed.
write() {
  cat >"$1.new"
  chown "$2" "$1.new"
  chmod 400 "$1.new"
  mv "$1.new" "$1"
}

# password_for FILE CHOSEN: prints the chosen password, or else the one in the file, or else a new one.
password_for() {
  if [ -n "$2" ]; then
    printf %s "$2"
  elif [ -s "$1" ]; then
    cat "$1"
  else
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
  fi
}

# percent_encoded TEXT: prints the text with percent-encoding, for a URL.
percent_encoded() {
  printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'
}

database_password=$(password_for /run/database/password "${POSTGRES_PASSWORD:-}")
grafana_password=$(password_for /run/grafana/admin-password "${GRAFANA_ADMIN_PASSWORD:-}")

printf %s "$database_password" | write /run/database/password postgres:postgres
# 1000 is the user of the service's image.
printf 'postgres://metrics:%s@postgres:5432/metrics' "$(percent_encoded "$database_password")" |
  write /run/database/url 1000:1000
if [ -n "${WRITE_PGPASS:-}" ]; then
  # The servers of docker-compose.citus.yml log in to each other with this file. A colon or a backslash in it has to be escaped.
  printf '*:*:*:metrics:%s\n' "$(printf %s "$database_password" | sed 's/[\\:]/\\&/g')" |
    write /run/database/pgpass postgres:postgres
fi
# 472 is the user of Grafana's image.
printf %s "$grafana_password" | write /run/grafana/admin-password 472:0
