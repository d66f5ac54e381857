/** Stops the Postgres that test/setup/postgres.mjs has started, and removes its folder. */
export default async function stopPostgres() {
  await globalThis.testPostgres?.stop();
}
