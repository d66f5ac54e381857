/** What an answer says beside its result, as Prometheus sends it: only what is there. */
export function notesJson(warnings: readonly string[], infos: readonly string[] = []): string {
  return (
    (warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '') +
    (infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : '')
  );
}
