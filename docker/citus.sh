#!/bin/sh
# Sets up Citus on a coordinator, which the variables of libpq name. Each command may be repeated.
#   citus.sh add-nodes WORKER…    makes the workers known to the coordinator
#   citus.sh distribute           spreads the merged blocks over the workers
set -eu

# run SQL [ARGUMENTS]: runs a statement, with variables as :'name'.
run() {
  statement=$1
  shift
  printf '%s\n' "$statement" | psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 "$@"
}

case "$1" in
  add-nodes)
    shift
    run "SELECT citus_set_coordinator_host(:'host') WHERE NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0)" \
      --set=host="$PGHOST"
    for worker in "$@"; do
      run "SELECT citus_add_node(:'worker', 5432) WHERE NOT EXISTS (SELECT FROM pg_dist_node WHERE nodename = :'worker')" \
        --set=worker="$worker"
    done
    ;;
  distribute)
    # A transaction of the archive is short, so this waits for it rather than failing.
    run "SELECT create_distributed_table('sample_block_merged', 'bucket', shard_count => 32)
         WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'sample_block_merged'::regclass)"
    ;;
  *)
    echo "citus.sh: there is no command $1" >&2
    exit 64
    ;;
esac
