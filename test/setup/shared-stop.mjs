/** Stops what test/setup/shared.mjs has started. */
export default async function stopShared() {
  globalThis.stopReferenceParser?.();
  await globalThis.dropCitusTemplate?.();
  await globalThis.testPostgres?.stop();
}
