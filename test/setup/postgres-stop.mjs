/** Stops what test/setup/postgres.mjs started, and removes its folder. */
export default async function stopPostgres() {
  await globalThis.testPostgres?.stop();
}
